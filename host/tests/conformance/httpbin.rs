//! httpbin on hypercorn: authentication, cookies, redirects, encodings.

use bytes::Bytes;
use vuelo::http::{Client, Part, Protocol, Request};

use crate::certificates::{Certificate, authority};
use crate::rows::{Table, client, client_with, get, request, told, try_get};
use crate::servers::{FILES, Server, folder, free_port, python};

const NAME: &str = "httpbin on hypercorn";

struct Httpbin {
    _server: Server,
    url: String,
    secure: String,
}

impl Httpbin {
    fn start() -> Self {
        let [plain, secure] = std::array::from_fn(|_| free_port());
        let folder = folder();
        authority().write(Certificate::Good, folder.path());
        let mut command = python(format!("{FILES}/conformance.txt"), "hypercorn");
        command
            .args([
                "httpbin:app",
                "--certfile",
                "certificate.pem",
                "--keyfile",
                "key.pem",
            ])
            .args(["--insecure-bind", &format!("127.0.0.1:{plain}")])
            .args(["--bind", &format!("127.0.0.1:{secure}")]);
        Self {
            _server: Server::start(folder, &mut command, plain),
            url: format!("http://localhost:{plain}"),
            secure: format!("https://localhost:{secure}"),
        }
    }

    fn get(&self, path: &str) -> Request {
        get(format!("{}{path}", self.url))
    }
}

/// Status and protocol alone.
fn briefly(told: &str) -> String {
    told.split(", ").next().unwrap_or_default().to_owned()
}

async fn try_briefly(client: &mut Client, request: &Request) -> String {
    briefly(&told(&client.send(request, &()).await))
}

pub async fn try_all(table: &mut Table) {
    let httpbin = Httpbin::start();
    protocols(&httpbin, table).await;
    authentication(&httpbin, table).await;
    cookies(&httpbin, table).await;
    redirects(&httpbin, table).await;
    encodings(&httpbin, table).await;
    bodies(&httpbin, table).await;
}

async fn protocols(httpbin: &Httpbin, table: &mut Table) {
    let path = "/base64/aGVsbG8=";
    for (what, protocol, url, expected) in [
        (
            "plain",
            Protocol::Negotiated,
            &httpbin.url,
            "200 by HTTP/1.1, `hello`",
        ),
        (
            "HTTP/2 without TLS",
            Protocol::Http2,
            &httpbin.url,
            "200 by HTTP/2.0, `hello`",
        ),
        (
            "TLS, what it prefers",
            Protocol::Negotiated,
            &httpbin.secure,
            "200 by HTTP/2.0, `hello`",
        ),
        (
            "TLS, HTTP/1.1 alone",
            Protocol::Http1,
            &httpbin.secure,
            "200 by HTTP/1.1, `hello`",
        ),
    ] {
        let mut own = client_with(|settings| settings.protocol = protocol);
        let came = try_get(&mut own, format!("{url}{path}")).await;
        table.row(NAME, what, expected, came);
    }
}

async fn authentication(httpbin: &Httpbin, table: &mut Table) {
    let mut basic = httpbin.get("/basic-auth/user/secret");
    basic.set_basic_auth("user", "secret").unwrap();
    let came = try_briefly(&mut client(), &basic).await;
    table.row(NAME, "basic authentication", "200 by HTTP/1.1", came);

    for (what, path) in [
        (
            "digest authentication by MD5",
            "/digest-auth/auth/user/secret/MD5",
        ),
        (
            "digest authentication by SHA-256",
            "/digest-auth/auth/user/secret/SHA-256",
        ),
        (
            "digest authentication of the body too",
            "/digest-auth/auth-int/user/secret/MD5",
        ),
    ] {
        let mut digest = httpbin.get(path);
        digest.set_digest_auth("user", "secret");
        let came = try_briefly(&mut client(), &digest).await;
        table.row(NAME, what, "200 by HTTP/1.1", came);
    }
    let mut wrong = httpbin.get("/digest-auth/auth/user/secret/MD5");
    wrong.set_digest_auth("user", "wrong");
    let came = try_briefly(&mut client(), &wrong).await;
    table.row(
        NAME,
        "digest authentication by a wrong password",
        "401 by HTTP/1.1",
        came,
    );

    let mut bearer = httpbin.get("/bearer");
    bearer
        .set_sensitive_header("authorization", "Bearer token")
        .unwrap();
    let came = try_briefly(&mut client(), &bearer).await;
    table.row(NAME, "a bearer token", "200 by HTTP/1.1", came);
}

async fn cookies(httpbin: &Httpbin, table: &mut Table) {
    let mut own = client();
    // The answer redirects to a page that shows the cookies.
    let shown = |exchange: vuelo::http::Exchange| {
        let body = exchange.outcome.unwrap().body();
        let value: serde_json::Value = serde_json::from_slice(&body).unwrap();
        value["cookies"].to_string()
    };
    let set = own.send(&httpbin.get("/cookies/set?a=1&b=2"), &()).await;
    table.row(
        NAME,
        "cookies that a redirect sets",
        r#"{"a":"1","b":"2"}"#,
        shown(set),
    );
    let deleted = own.send(&httpbin.get("/cookies/delete?a"), &()).await;
    table.row(
        NAME,
        "a cookie that it takes back",
        r#"{"b":"2"}"#,
        shown(deleted),
    );
    own.end_iteration();
    let later = own.send(&httpbin.get("/cookies"), &()).await;
    table.row(NAME, "cookies in the next iteration", "{}", shown(later));
}

async fn redirects(httpbin: &Httpbin, table: &mut Table) {
    for (what, path, expected) in [
        ("five redirects", "/redirect/5", "200 by HTTP/1.1"),
        (
            "five redirects by whole URLs",
            "/absolute-redirect/5",
            "200 by HTTP/1.1",
        ),
        (
            "one redirect more than is followed",
            "/redirect/11",
            "302 by HTTP/1.1",
        ),
    ] {
        let came = try_briefly(&mut client(), &httpbin.get(path)).await;
        table.row(NAME, what, expected, came);
    }
    for (what, status, expected) in [
        ("POST that 303 redirects", 303, "GET 0"),
        ("POST that 307 redirects", 307, "POST 5"),
    ] {
        let path = format!("/redirect-to?url=/anything&status_code={status}");
        let mut sent = request("POST", format!("{}{path}", httpbin.url));
        sent.set_body(Bytes::from_static(b"hello"));
        let exchange = client().send(&sent, &()).await;
        let body = exchange.outcome.unwrap().body();
        let value: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let length = value["data"].as_str().unwrap().len();
        let came = format!("{} {length}", value["method"].as_str().unwrap());
        table.row(NAME, what, expected, came);
    }
}

async fn encodings(httpbin: &Httpbin, table: &mut Table) {
    for (what, path, member) in [
        ("gzip", "/gzip", "gzipped"),
        ("deflate", "/deflate", "deflated"),
        ("brotli", "/brotli", "brotli"),
    ] {
        let exchange = client().send(&httpbin.get(path), &()).await;
        let body = exchange.outcome.unwrap().body();
        let value: serde_json::Value = serde_json::from_slice(&body).unwrap();
        table.row(
            NAME,
            what,
            "unpacked: true",
            format!("unpacked: {}", value[member]),
        );
    }
}

async fn bodies(httpbin: &Httpbin, table: &mut Table) {
    for (what, path, expected) in [
        (
            "a body in pieces",
            "/stream-bytes/30000?chunk_size=1000",
            "200 by HTTP/1.1, 30000 bytes",
        ),
        (
            "a body that takes a second",
            "/drip?duration=1&numbytes=5&delay=0",
            "200 by HTTP/1.1, `*****`",
        ),
    ] {
        let came = told(&client().send(&httpbin.get(path), &()).await);
        table.row(NAME, what, expected, came);
    }
    let mut form = request("POST", format!("{}/anything", httpbin.url));
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    form.set_form(&[field("a", "1 & 2"), field("b", "é")]);
    let came = received(&form, "form").await;
    table.row(NAME, "a form", r#"{"a":"1 & 2","b":"é"}"#, came);

    let mut parts = request("POST", format!("{}/anything", httpbin.url));
    parts
        .set_multipart(&[Part {
            name: "f".to_owned(),
            file_name: Some("f.txt".to_owned()),
            content_type: None,
            content: Bytes::from_static(b"hello"),
        }])
        .unwrap();
    let came = received(&parts, "files").await;
    table.row(NAME, "a form with a file", r#"{"f":"hello"}"#, came);
}

/// What the server says that it was sent.
async fn received(sent: &Request, member: &str) -> String {
    let exchange = client().send(sent, &()).await;
    let body = exchange.outcome.unwrap().body();
    let value: serde_json::Value = serde_json::from_slice(&body).unwrap();
    value[member].to_string()
}
