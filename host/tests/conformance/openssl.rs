//! `openssl s_server`, for TLS that is odd.

use std::collections::BTreeSet;
use std::process::Command;

use crate::certificates::{Certificate, authority};
use crate::rows::{Table, client, client_with, get, told, try_get};
use crate::servers::{Server, folder, free_port, tool};

const NAME: &str = "openssl s_server";

/// A server with this certificate, and these arguments more.
fn start(certificate: Certificate, arguments: &[&str]) -> (Server, String) {
    let folder = folder();
    authority().write(certificate, folder.path());
    let port = free_port();
    let mut command = Command::new(tool(&["openssl"]));
    command
        .args([
            "s_server",
            "-quiet",
            "-www",
            "-cert",
            "certificate.pem",
            "-key",
            "key.pem",
        ])
        .args(["-accept", &format!("127.0.0.1:{port}")])
        .args(arguments);
    let server = Server::start(folder, &mut command, port);
    (server, format!("https://localhost:{port}/"))
}

pub async fn try_all(table: &mut Table) {
    for (what, certificate, arguments, expected) in [
        (
            "TLS 1.3 alone",
            Certificate::Good,
            &["-tls1_3"][..],
            "200 by HTTP/1.0",
        ),
        (
            "TLS 1.2 alone",
            Certificate::Good,
            &["-tls1_2"][..],
            "200 by HTTP/1.0",
        ),
        (
            "TLS 1.1 alone, which is given up",
            Certificate::Good,
            &["-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0"][..],
            "error 1300",
        ),
        (
            "ciphers that are given up",
            Certificate::Good,
            &["-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0"][..],
            "error 1300",
        ),
        (
            "an expired certificate",
            Certificate::Expired,
            &[][..],
            "error 1300",
        ),
        (
            "a certificate for another name",
            Certificate::OtherName,
            &[][..],
            "error 1311",
        ),
        (
            "an unknown authority",
            Certificate::Unknown,
            &[][..],
            "error 1310",
        ),
        (
            "a client certificate is wanted, and there is none",
            Certificate::Good,
            &[
                "-Verify",
                "1",
                "-verify_return_error",
                "-CAfile",
                "authority.pem",
            ][..],
            "error 1300",
        ),
        (
            "a group of keys that it asks for in a second hello",
            Certificate::Good,
            &["-curves", "P-384"][..],
            "200 by HTTP/1.0",
        ),
    ] {
        let (_server, url) = start(certificate, arguments);
        let came = try_get(&mut client(), url).await;
        // Its page tells of the handshake at length.
        let came = came.split(", ").next().unwrap();
        table.row(NAME, what, expected, came);
    }
    let (_server, url) = start(Certificate::Unknown, &[]);
    let mut own = client_with(|settings| settings.tls.insecure_skip_verify = true);
    let came = told(&own.send(&get(url), &()).await);
    table.row(
        NAME,
        "an unknown authority, and certificates are not verified",
        "200 by HTTP/1.0",
        came.split(", ").next().unwrap(),
    );
    keys(table).await;
}

/// What both sides write down of a session's keys, by which it can be read.
async fn keys(table: &mut Table) {
    for (version, argument, expected) in [
        (
            "TLS 1.2",
            "-tls1_2",
            "those of the server: true; CLIENT_RANDOM",
        ),
        (
            "TLS 1.3",
            "-tls1_3",
            "those of the server: true; CLIENT_HANDSHAKE_TRAFFIC_SECRET, \
             CLIENT_TRAFFIC_SECRET_0, EXPORTER_SECRET, SERVER_HANDSHAKE_TRAFFIC_SECRET, \
             SERVER_TRAFFIC_SECRET_0",
        ),
    ] {
        let (server, url) = start(Certificate::Good, &[argument, "-keylogfile", "theirs"]);
        let own = folder();
        let log = own.path().join("ours");
        let mut client = client_with(|settings| settings.tls.key_log = Some(log.clone()));
        let came = try_get(&mut client, url).await;
        assert!(came.starts_with("200 "), "{came}");
        let ours = std::fs::read_to_string(&log).unwrap();
        let theirs = std::fs::read_to_string(server.folder().join("theirs")).unwrap();
        let ours: BTreeSet<&str> = ours.lines().collect();
        let theirs: BTreeSet<&str> = theirs
            .lines()
            .filter(|line| !line.starts_with('#'))
            .collect();
        let labels: Vec<&str> = ours
            .iter()
            .filter_map(|line| line.split(' ').next())
            .collect();
        table.row(
            NAME,
            format!("keys of a session of {version}, for tools that read it"),
            expected,
            format!(
                "those of the server: {}; {}",
                ours == theirs,
                labels.join(", ")
            ),
        );
    }
}
