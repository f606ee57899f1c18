//! tinyproxy of the distribution, between the client and nginx.

use std::process::Command;

use vuelo::http::{Client, Proxies};

use crate::nginx::Nginx;
use crate::rows::{Table, client_with, try_get};
use crate::servers::{FILES, Server, folder, free_port, tool};

const NAME: &str = "tinyproxy before nginx";

pub async fn try_all(table: &mut Table) {
    let nginx = Nginx::start();
    let port = free_port();
    let folder = folder();
    let text = std::fs::read_to_string(format!("{FILES}/tinyproxy.conf")).unwrap();
    let file = folder.path().join("tinyproxy.conf");
    std::fs::write(&file, text.replace("PORT", &port.to_string())).unwrap();
    let mut command = Command::new(tool(&["tinyproxy"]));
    command.arg("-d").arg("-c").arg(&file);
    let _server = Server::start(folder, &mut command, port);
    let through = |user: &str| -> Client {
        let proxies = Proxies::all(&format!("http://{user}127.0.0.1:{port}"), "").unwrap();
        client_with(|settings| settings.network.proxies = proxies)
    };
    for (what, user, url, expected) in [
        (
            "plain",
            "user:secret@",
            nginx.url("/hello"),
            "200 by HTTP/1.1, `hello`",
        ),
        (
            "TLS in a tunnel",
            "user:secret@",
            nginx.secure("/hello"),
            "200 by HTTP/2.0, `hello`",
        ),
        (
            "a tunnel by a wrong password",
            "user:wrong@",
            nginx.secure("/hello"),
            "error 1210",
        ),
    ] {
        let came = try_get(&mut through(user), url).await;
        table.row(NAME, what, expected, came);
    }
    let came = try_get(&mut through(""), nginx.url("/hello")).await;
    let came = came.split(' ').next().unwrap();
    table.row(NAME, "plain, and nobody says who asks", "407", came);
}
