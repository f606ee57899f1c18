//! dnslib's name server, and nginx at the addresses that it tells.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::sleep;
use vuelo::http::{Client, ConnectionLife, DnsSelect, DnsTtl};

use crate::nginx::Nginx;
use crate::rows::{Table, client_with, try_get};
use crate::servers::{FILES, Server, folder, free_port, python};

const NAME: &str = "dnslib before nginx";

/// The answers say that they are good for a minute.
const ZONE: &str = "\
$TTL 60
$ORIGIN test.
many IN A 127.0.0.1
many IN A 127.0.0.2
many IN A 127.0.0.3
";

/// How long an answer is good where it is not for the whole run.
const TTL: Duration = Duration::from_millis(400);

pub struct NameServer {
    server: Server,
    port: u16,
}

impl NameServer {
    pub fn start() -> Self {
        let port = free_port();
        let folder = folder();
        std::fs::write(folder.path().join("zone"), ZONE).unwrap();
        let mut command = python(format!("{FILES}/conformance.txt"), "python");
        command
            .args(["-u", "-m", "dnslib.zoneresolver", "--zone", "zone"])
            // TCP is how it is seen that it listens.
            .args(["--tcp", "--address", "127.0.0.1", "--port"])
            .arg(port.to_string());
        let server = Server::start(folder, &mut command, port);
        Self { server, port }
    }

    pub fn address(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    /// A client with a connection for each request.
    fn client(&self, select: DnsSelect, ttl: DnsTtl) -> Client {
        client_with(|settings| {
            settings.connections = ConnectionLife::Request;
            settings.network.dns.servers = vec![self.address()];
            settings.network.dns.select = select;
            settings.network.dns.ttl = ttl;
        })
    }

    /// How often it was asked for addresses of IPv4.
    fn asked(&self) -> usize {
        let log = self.server.log();
        log.lines()
            .filter(|line| line.starts_with("Request: ") && line.ends_with("(A)"))
            .count()
    }
}

pub async fn try_all(table: &mut Table) {
    let nginx = Nginx::start();
    let names = NameServer::start();
    let url = |name: &str| format!("http://{name}.test:{}/", nginx.many());
    for (what, select, expected) in [
        (
            "a name of three addresses in turn",
            DnsSelect::RoundRobin,
            "`127.0.0.1` `127.0.0.2` `127.0.0.3` `127.0.0.1` `127.0.0.2`",
        ),
        (
            "the first of three addresses",
            DnsSelect::First,
            "`127.0.0.1` `127.0.0.1` `127.0.0.1` `127.0.0.1` `127.0.0.1`",
        ),
    ] {
        let mut own = names.client(select, DnsTtl::Forever);
        let mut came = Vec::new();
        for _ in 0..5 {
            let told = try_get(&mut own, url("many")).await;
            came.push(told.replace("200 by HTTP/1.1, ", ""));
        }
        table.row(NAME, what, expected, came.join(" "));
    }
    for (what, ttl, expected) in [
        ("for the whole run", DnsTtl::Forever, "asked 1 time"),
        (
            "for a while, and two of them are later",
            DnsTtl::For(TTL),
            "asked 2 times",
        ),
        ("for no time", DnsTtl::Nothing, "asked 5 times"),
    ] {
        let before = names.asked();
        let mut own = names.client(DnsSelect::First, ttl);
        for request in 0..5 {
            if request == 3 {
                sleep(TTL + TTL / 2).await;
            }
            let came = try_get(&mut own, url("many")).await;
            assert_eq!(came, "200 by HTTP/1.1, `127.0.0.1`");
        }
        let asked = names.asked() - before;
        let times = if asked == 1 { "time" } else { "times" };
        table.row(
            NAME,
            format!("five connections where an answer is good {what}"),
            expected,
            format!("asked {asked} {times}"),
        );
    }
    let mut own = names.client(DnsSelect::First, DnsTtl::Nothing);
    let came = try_get(&mut own, url("nobody")).await;
    table.row(NAME, "a name that nobody has", "error 1101", came);
}
