//! microsocks of the distribution, between the client and nginx. It goes on from
//! an address of its own, so that nginx can tell who has come.

use std::process::Command;

use vuelo::http::{Client, DnsSelect, Proxies};

use crate::name_server::NameServer;
use crate::nginx::Nginx;
use crate::rows::{Table, client_with, try_get};
use crate::servers::{Server, folder, free_port, tool};

const NAME: &str = "microsocks before nginx";

const GOES_ON_FROM: &str = "127.0.0.7";

pub async fn try_all(table: &mut Table) {
    let nginx = Nginx::start();
    let port = free_port();
    let mut command = Command::new(tool(&["microsocks"]));
    command
        .args(["-i", "127.0.0.1", "-p", &port.to_string()])
        .args(["-u", "user", "-P", "secret", "-b", GOES_ON_FROM]);
    let _server = Server::start(folder(), &mut command, port);
    let through = |scheme: &str, user: &str| -> Client {
        let proxies = Proxies::all(&format!("{scheme}://{user}127.0.0.1:{port}"), "").unwrap();
        client_with(|settings| settings.network.proxies = proxies)
    };
    for (what, scheme, user, url, expected) in [
        (
            "a name that is looked up there",
            "socks5h",
            "user:secret@",
            nginx.url("/from"),
            "200 by HTTP/1.1, `127.0.0.7`",
        ),
        (
            "TLS",
            "socks5",
            "user:secret@",
            nginx.secure("/from"),
            "200 by HTTP/2.0, `127.0.0.7`",
        ),
        (
            "a wrong password",
            "socks5",
            "user:wrong@",
            nginx.url("/from"),
            "error 1210",
        ),
        (
            "nobody says who asks",
            "socks5",
            "",
            nginx.url("/from"),
            "error 1210",
        ),
        (
            "a server that refuses it",
            "socks5",
            "user:secret@",
            format!("http://localhost:{}/", free_port()),
            "error 1210",
        ),
    ] {
        let came = try_get(&mut through(scheme, user), url).await;
        table.row(NAME, what, expected, came);
    }
    let names = NameServer::start();
    let proxies = Proxies::all(&format!("socks5://user:secret@127.0.0.1:{port}"), "").unwrap();
    let mut own = client_with(|settings| {
        settings.network.proxies = proxies;
        settings.network.dns.servers = vec![names.address()];
        settings.network.dns.select = DnsSelect::First;
    });
    let url = nginx.url("/from").replace("localhost", "many.test");
    let came = try_get(&mut own, url).await;
    table.row(
        NAME,
        "a name that is looked up here, by a name server that it does not know",
        "200 by HTTP/1.1, `127.0.0.7`",
        came,
    );
}
