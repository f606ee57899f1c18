// Servers of Node's own library.
//
//   node node.mjs HTTP1_PORT HTTP2_PORT HTTP2_TLS_PORT, with certificate.pem and key.pem
import fs from "node:fs";
import http from "node:http";
import http2 from "node:http2";

const [port, http2Port, tlsPort] = process.argv.slice(2).map(Number);

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

function serve(stream, headers) {
  stream.on("error", () => {});
  switch (headers[":path"]) {
    case "/hello":
      stream.respond({ ":status": 200 });
      stream.end("hello");
      return;
    case "/large":
      stream.respond({ ":status": 200 });
      stream.end(Buffer.alloc(3 << 20, "x"));
      return;
    case "/echo": {
      let length = 0;
      stream.on("data", (chunk) => (length += chunk.length));
      stream.on("end", () => {
        stream.respond({ ":status": 200 });
        stream.end(`${headers[":method"]} ${length}`);
      });
      return;
    }
    case "/hint":
      stream.additionalHeaders({ ":status": 103, link: "</style.css>" });
      stream.respond({ ":status": 200 });
      stream.end("after a hint");
      return;
    case "/trailers":
      stream.respond({ ":status": 200 }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "x-sum": "1" }));
      stream.end("with trailers");
      return;
    case "/empty":
      stream.respond({ ":status": 204 }, { endStream: true });
      return;
    case "/given-up":
      stream.respond({ ":status": 200 });
      stream.write("hi");
      // `close` would end the body in good order before it.
      setTimeout(() => stream.destroy(new Error("given up")), 50);
      return;
    case "/refused":
      stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
      return;
    case "/goodbye":
      stream.respond({ ":status": 200 });
      stream.write("good");
      stream.session.close();
      setTimeout(() => stream.end("bye"), 50);
      return;
    case "/calm":
      stream.session.goaway(http2.constants.NGHTTP2_ENHANCE_YOUR_CALM);
      setTimeout(() => stream.session?.destroy(), 50);
      return;
    case "/slow":
      setTimeout(() => {
        stream.respond({ ":status": 200 });
        stream.end("slow");
      }, 50);
      return;
    default:
      stream.respond({ ":status": 404 }, { endStream: true });
  }
}

// As many streams as a careful server allows.
const settings = { maxConcurrentStreams: 4 };
http2.createServer({ settings }).on("stream", serve).listen(http2Port, "127.0.0.1");
http2
  .createSecureServer({
    allowHTTP1: true,
    cert: fs.readFileSync("certificate.pem"),
    key: fs.readFileSync("key.pem"),
  })
  .on("stream", serve)
  .on("request", (request, response) => {
    if (request.httpVersionMajor < 2) response.end("hello");
  })
  .listen(tlsPort, "127.0.0.1");
