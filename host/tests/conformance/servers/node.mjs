// Servers of Node's own library. The first line on stdout is not waited for: the
// port is given.
import http from "node:http";

const [port] = process.argv.slice(2).map(Number);

http
  .createServer((request, response) => {
    const url = new URL(request.url, "http://localhost");
    switch (url.pathname) {
      case "/echo": {
        const chunks = [];
        request.on("data", (chunk) => chunks.push(chunk));
        request.on("end", () => {
          const body = Buffer.concat(chunks);
          response.end(`${request.method} ${body.length} ${request.headers["content-length"]}`);
        });
        return;
      }
      case "/headers":
        response.end(request.rawHeaders.map((text) => text.toLowerCase()).join(" "));
        return;
      case "/trailers":
        response.writeHead(200, { trailer: "x-sum" });
        response.write("with ");
        response.addTrailers({ "x-sum": "1" });
        response.end("trailers");
        return;
      case "/early":
        response.writeEarlyHints({ link: "</style.css>; rel=preload; as=style" });
        response.end("after a hint");
        return;
      case "/processing":
        response.writeProcessing();
        response.writeProcessing();
        response.end("after two words");
        return;
      case "/many-headers":
        for (let number = 0; number < 90; number += 1) {
          response.setHeader(`x-${number}`, "a".repeat(100));
        }
        response.end("90 headers");
        return;
      case "/cookies":
        response.setHeader("set-cookie", ["a=1", "b=2; Path=/"]);
        response.end("two cookies");
        return;
      case "/destroy":
        response.writeHead(200, { "content-length": 9 });
        response.write("hi");
        setTimeout(() => request.socket.resetAndDestroy(), 50);
        return;
      default:
        response.statusCode = 404;
        response.end();
    }
  })
  .listen(port, "127.0.0.1");
