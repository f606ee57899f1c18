//! nginx of the distribution.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::time::sleep;
use vuelo::http::{ClientCertificate, Destination, Protocol, TlsVersion, TlsVersions};

use crate::certificates::{Certificate, authority};
use crate::rows::{Table, client, client_with, get, request, told, try_get};
use crate::servers::{FILES, Server, folder, free_port, tool};

mod connections;

pub const NAME: &str = "nginx";

/// The length of the large file.
const LARGE: usize = 3 << 20;

pub struct Nginx {
    server: Server,
    plain: u16,
    tls: u16,
    three: u16,
    few: u16,
    idle: u16,
    authenticated: u16,
    many: u16,
}

impl Nginx {
    pub fn start() -> Self {
        let program = tool(&["nginx"]);
        let folder = folder();
        let path = folder.path();
        let [plain, tls, three, few, idle, authenticated, many] =
            std::array::from_fn(|_| free_port());
        let mut text = std::fs::read_to_string(format!("{FILES}/nginx.conf")).unwrap();
        for (word, value) in [
            ("FOLDER", path.to_str().unwrap()),
            ("PLAIN_PORT", &plain.to_string()),
            ("TLS_PORT", &tls.to_string()),
            ("THREE_PORT", &three.to_string()),
            ("IDLE_PORT", &idle.to_string()),
            ("FEW_PORT", &few.to_string()),
            ("CLIENT_PORT", &authenticated.to_string()),
            ("MANY_PORT", &many.to_string()),
        ] {
            text = text.replace(word, value);
        }
        std::fs::write(path.join("nginx.conf"), text).unwrap();
        authority().write(Certificate::Good, path);
        let web = path.join("web");
        std::fs::create_dir(&web).unwrap();
        std::fs::write(web.join("hello"), "hello").unwrap();
        std::fs::write(web.join("chunked"), "a<!--# echo var=\"none\" -->b").unwrap();
        std::fs::write(web.join("large"), vec![b'x'; LARGE]).unwrap();
        std::fs::write(web.join("locked"), "open").unwrap();
        std::fs::write(path.join("users"), "user:{PLAIN}secret\n").unwrap();
        std::fs::write(web.join("packed"), vec![b'x'; 10_000]).unwrap();
        std::fs::write(web.join("slow"), vec![b'x'; 96 << 10]).unwrap();
        let mut command = Command::new(program);
        command
            .arg("-p")
            .arg(path)
            .arg("-c")
            .arg(path.join("nginx.conf"));
        command.arg("-e").arg(path.join("error.log"));
        Self {
            server: Server::start(folder, &mut command, plain),
            plain,
            tls,
            three,
            few,
            idle,
            authenticated,
            many,
        }
    }

    /// The port at which it listens at three addresses, and says at which it was
    /// asked.
    pub fn many(&self) -> u16 {
        self.many
    }

    /// The process.
    pub fn server(&self) -> &Server {
        &self.server
    }

    pub fn secure(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.tls)
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.plain)
    }
}

pub async fn try_all(table: &mut Table) {
    let nginx = Nginx::start();
    answers(&nginx, table).await;
    bodies(&nginx, table).await;
    waiting_for_its_word(&nginx, table).await;
    kept_connections(&nginx, table).await;
    over_tls(&nginx, table).await;
    by_http2(&nginx, table).await;
    who_asks(&nginx, table).await;
    connections::try_all(&nginx, table).await;
}

async fn answers(nginx: &Nginx, table: &mut Table) {
    for (what, path, expected) in [
        ("a file", "/hello", "200 by HTTP/1.1, `hello`"),
        ("no content", "/nothing", "204 by HTTP/1.1, no body"),
        ("a refusal", "/refused", "403 by HTTP/1.1, `no`"),
        (
            "an answer in chunks",
            "/chunked",
            "200 by HTTP/1.1, `a(none)b`",
        ),
        ("3 MiB", "/large", "200 by HTTP/1.1, 3145728 bytes"),
        ("a redirect", "/moved", "200 by HTTP/1.1, `hello`"),
        ("no answer at all", "/hung", "error 1200"),
    ] {
        let came = try_get(&mut client(), nginx.url(path)).await;
        table.row(NAME, what, expected, came);
    }
    for (what, method, expected) in [
        ("HEAD", "HEAD", "200 by HTTP/1.1, no body"),
        (
            "PUT where it is not allowed",
            "PUT",
            "405 by HTTP/1.1, 157 bytes",
        ),
        (
            "OPTIONS where it is not allowed",
            "OPTIONS",
            "405 by HTTP/1.1, 157 bytes",
        ),
    ] {
        let exchange = client()
            .send(&request(method, nginx.url("/hello")), &())
            .await;
        // Its own pages say which version it is.
        let came = told(&exchange);
        let came = match came.split_once(", ") {
            Some((head, _)) if came.ends_with("bytes") => format!("{head}, a page"),
            _ => came,
        };
        let expected = expected.replace("157 bytes", "a page");
        table.row(NAME, what, expected, came);
    }
    let mut part = get(nginx.url("/hello"));
    part.set_header("range", "bytes=1-3").unwrap();
    let came = told(&client().send(&part, &()).await);
    table.row(NAME, "a part of a file", "206 by HTTP/1.1, `ell`", came);
}

async fn bodies(nginx: &Nginx, table: &mut Table) {
    let mut upload = request("POST", nginx.url("/upload"));
    upload.set_body(Bytes::from(vec![0; LARGE]));
    let came = told(&client().send(&upload, &()).await);
    table.row(
        NAME,
        "sending 3 MiB",
        "200 by HTTP/1.1, `POST HTTP/1.0`",
        came,
    );

    let mut refused = request("POST", nginx.url("/limited"));
    refused.set_body(Bytes::from(vec![0; LARGE]));
    let mut own = client();
    let came = told(&own.send(&refused, &()).await);
    let status = came.split(' ').next().unwrap().to_owned();
    let next = try_get(&mut own, nginx.url("/hello")).await;
    table.row(
        NAME,
        "sending more than it takes, and the next request",
        "413, then 200 by HTTP/1.1, `hello`",
        format!("{status}, then {next}"),
    );

    let exchange = client().send(&get(nginx.url("/slow")), &()).await;
    let slow = exchange.timings.receiving.unwrap() > Duration::from_millis(300);
    table.row(
        NAME,
        "96 KiB at 64 KiB a second",
        "200 by HTTP/1.1, 98304 bytes; receiving is told as slow: true",
        format!("{}; receiving is told as slow: {slow}", told(&exchange)),
    );
}

/// What is waited for, and what is not sent in vain.
async fn waiting_for_its_word(nginx: &Nginx, table: &mut Table) {
    for (what, path, expected) in [
        (
            "3 MiB that it wants",
            "/upload",
            "200; the body was sent: true",
        ),
        (
            "3 MiB that it does not want",
            "/limited",
            "413; the body was sent: false",
        ),
    ] {
        let mut asked = request("POST", nginx.url(path));
        asked.set_expect_continue();
        asked.set_body(Bytes::from(vec![0; LARGE]));
        let exchange = client().send(&asked, &()).await;
        let sent = exchange.bytes_sent > LARGE as u64;
        let came = told(&exchange);
        let status = came.split(' ').next().unwrap();
        table.row(
            NAME,
            format!("waiting for its word before sending {what}"),
            expected,
            format!("{status}; the body was sent: {sent}"),
        );
    }
    let mut packed = get(nginx.url("/packed"));
    packed.set_header("accept-encoding", "gzip").unwrap();
    let exchange = client().send(&packed, &()).await;
    let fewer = exchange.bytes_received < 1000;
    table.row(
        NAME,
        "a file that it packs",
        "200 by HTTP/1.1, 10000 bytes; fewer bytes on the wire: true",
        format!("{}; fewer bytes on the wire: {fewer}", told(&exchange)),
    );
}

async fn kept_connections(nginx: &Nginx, table: &mut Table) {
    let three = format!("http://localhost:{}/", nginx.three);
    let mut own = client();
    let mut came = Vec::new();
    for _ in 0..7 {
        let body = own.send(&get(&three), &()).await.outcome.unwrap().body();
        came.push(
            String::from_utf8(body.to_vec())
                .unwrap()
                .replace("request ", ""),
        );
    }
    table.row(
        NAME,
        "seven requests where a connection takes three: which of its connection each was",
        "1 2 3 1 2 3 1",
        came.join(" "),
    );
    let idle = format!("http://localhost:{}/", nginx.idle);
    let mut own = client();
    let first = try_get(&mut own, &idle).await;
    let second = try_get(&mut own, &idle).await;
    sleep(Duration::from_millis(1500)).await;
    let third = try_get(&mut own, &idle).await;
    table.row(
        NAME,
        "a third request after the kept connection was closed",
        "200 by HTTP/1.1, `request 1`; 200 by HTTP/1.1, `request 2`; 200 by HTTP/1.1, `request 1`",
        [first, second, third].join("; "),
    );
    let batch: Vec<_> = (0..20).map(|_| get(nginx.url("/hello"))).collect();
    let batch: Vec<_> = batch.iter().collect();
    let answers = client().send_all(&batch, &()).await;
    let good = answers
        .iter()
        .filter(|exchange| told(exchange) == "200 by HTTP/1.1, `hello`")
        .count();
    let made = answers
        .iter()
        .filter(|exchange| {
            exchange
                .timings
                .connecting
                .is_some_and(|time| !time.is_zero())
        })
        .count();
    table.row(
        NAME,
        "20 requests at once",
        "20 good answers over 6 connections",
        format!("{good} good answers over {made} connections"),
    );
}

async fn over_tls(nginx: &Nginx, table: &mut Table) {
    let mut own = client_with(|settings| settings.protocol = Protocol::Http1);
    let request = get(nginx.secure("/hello"));
    let first = own.send(&request, &()).await;
    let second = own.send(&request, &()).await;
    let handshakes = [&first, &second].map(|exchange| {
        let time = exchange.timings.tls_handshaking.unwrap();
        if time.is_zero() { "none" } else { "one" }
    });
    table.row(
        NAME,
        "two requests over TLS by HTTP/1.1",
        "200 by HTTP/1.1, `hello`; handshakes: one, none",
        format!("{}; handshakes: {}", told(&second), handshakes.join(", ")),
    );
    let came = try_get(&mut client(), format!("http://localhost:{}/", nginx.tls)).await;
    table.row(
        NAME,
        "plain text on a port of TLS",
        "400",
        came.split(' ').next().unwrap(),
    );
    for (what, version, expected) in [
        ("TLS 1.2", TlsVersion::Tls12, "200 by HTTP/2.0, `hello`"),
        ("TLS 1.3", TlsVersion::Tls13, "200 by HTTP/2.0, `hello`"),
    ] {
        let mut own = client_with(|settings| settings.tls.versions = TlsVersions::only(version));
        let came = try_get(&mut own, nginx.secure("/hello")).await;
        table.row(NAME, what, expected, came);
    }
}

async fn by_http2(nginx: &Nginx, table: &mut Table) {
    let mut own = client();
    let came = try_get(&mut own, nginx.secure("/large")).await;
    table.row(
        NAME,
        "3 MiB by HTTP/2",
        "200 by HTTP/2.0, 3145728 bytes",
        came,
    );

    let mut upload = request("POST", nginx.secure("/upload"));
    upload.set_body(Bytes::from(vec![0; LARGE]));
    let came = told(&own.send(&upload, &()).await);
    table.row(
        NAME,
        "sending 3 MiB by HTTP/2",
        "200 by HTTP/2.0, `POST HTTP/1.0`",
        came,
    );

    let mut own = client_with(|settings| settings.per_host = 0);
    let batch: Vec<_> = (0..20).map(|_| get(nginx.secure("/hello"))).collect();
    let batch: Vec<_> = batch.iter().collect();
    let answers = own.send_all(&batch, &()).await;
    let good = answers
        .iter()
        .filter(|exchange| told(exchange) == "200 by HTTP/2.0, `hello`")
        .count();
    let later = own.send(&get(nginx.secure("/connection")), &()).await;
    table.row(
        NAME,
        "20 requests at once by HTTP/2, and one more: which of its connection it was",
        "20 good answers; 200 by HTTP/2.0, `request 21`",
        format!("{good} good answers; {}", told(&later)),
    );

    let few = format!("https://localhost:{}/", nginx.few);
    let mut own = client();
    let mut came = Vec::new();
    for _ in 0..7 {
        let told = try_get(&mut own, &few).await;
        came.push(
            told.replace("200 by HTTP/2.0, `request ", "")
                .replace('`', ""),
        );
    }
    table.row(
        NAME,
        "seven requests by HTTP/2 where a connection takes three: which of its connection each was",
        "1 2 3 1 2 3 1",
        came.join(" "),
    );
}

async fn who_asks(nginx: &Nginx, table: &mut Table) {
    for (what, password, expected) in [
        ("basic authentication", "secret", "200 by HTTP/1.1, `open`"),
        (
            "basic authentication by a wrong password",
            "wrong",
            "401 by HTTP/1.1",
        ),
    ] {
        let mut locked = get(nginx.url("/locked"));
        locked.set_basic_auth("user", password).unwrap();
        let came = told(&client().send(&locked, &()).await);
        // Its own pages say which version it is.
        let came = match came.split_once(", ") {
            Some((head, _)) if came.ends_with("bytes") => head,
            _ => &came,
        };
        table.row(NAME, what, expected, came);
    }
    let url = format!("https://localhost:{}/", nginx.authenticated);
    let came = try_get(&mut client(), &url).await;
    table.row(
        NAME,
        "a client certificate is wanted, and there is none",
        "400 by HTTP/1.1",
        came.split(", ").next().unwrap(),
    );
    let folder = folder();
    authority().write(Certificate::Client, folder.path());
    let own = folder.path().join("certificate.pem");
    let key = PrivateKeyDer::from_pem_file(folder.path().join("key.pem")).unwrap();
    let certificate = ClientCertificate {
        name: "client.example".to_owned(),
        chain: vec![CertificateDer::from_pem_file(own).unwrap()],
        key: Arc::new(key),
        hosts: Vec::new(),
    };
    let mut own = client_with(|settings| settings.tls.client_certificates = vec![certificate]);
    let came = try_get(&mut own, &url).await;
    table.row(
        NAME,
        "a client certificate is wanted, and there is one",
        "200 by HTTP/1.1, `CN=client.example`",
        came,
    );
    let place = Destination::Unix(nginx.server.folder().join("socket"));
    let mut own = client_with(|settings| {
        settings.network.hosts = [("nginx.test".parse().unwrap(), place)]
            .into_iter()
            .collect();
    });
    let came = try_get(&mut own, "http://nginx.test/").await;
    table.row(
        NAME,
        "a socket of the file system",
        "200 by HTTP/1.1, `by a path`",
        came,
    );
}
