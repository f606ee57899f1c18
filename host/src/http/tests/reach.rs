//! Where hosts stand, from where they are reached, and which may not be.

use std::net::{IpAddr, Ipv4Addr};

use tokio::net::UnixListener;
use tokio::sync::mpsc;

use super::dns_server::{self, Reply};
use super::server::{Peer, answering, serve_sockets};
use super::*;
use crate::http::{Destination, Error, NetworkSettings, Refusal};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

fn client_on(change: impl FnOnce(&mut NetworkSettings)) -> Client {
    client_with(|settings| change(&mut settings.network))
}

fn place(settings: &mut NetworkSettings, host: &str, place: Destination) {
    settings.hosts = [(host.parse().unwrap(), place)].into_iter().collect();
}

#[tokio::test]
async fn a_host_can_stand_behind_a_unix_socket() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("server.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let (seen, mut requests) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut peer = Peer::over(stream, Arc::default(), 0);
        while let Some(request) = peer.request().await {
            seen.send(request).unwrap();
            peer.write(OK).await;
        }
    });
    let mut client =
        client_on(|network| place(network, "name.test", Destination::Unix(path.clone())));
    for _ in 0..2 {
        let exchange = client.send(&get("http://name.test/path"), &()).await;
        assert_eq!((text(&exchange), exchange.remote), ("hi".to_owned(), None));
        assert_eq!(exchange.bytes_received, OK.len() as u64);
        let request = requests.recv().await.unwrap();
        assert!(
            request.starts_with("GET /path HTTP/1.1\r\nhost: name.test\r\n"),
            "{request}"
        );
    }
    drop(folder);
    let mut client = client_on(|network| place(network, "*", Destination::Unix(path)));
    let exchange = client.send(&get("http://name.test/"), &()).await;
    assert_eq!((code(&exchange), exchange.bytes_sent), (1210, 0));
    let error = exchange.outcome.unwrap_err().to_string();
    assert!(error.contains("server.sock"), "{error}");
}

#[tokio::test]
async fn a_host_can_stand_at_another_address_and_port_than_its_name_says() {
    let server = answering(OK).await;
    let ip = IpAddr::from(Ipv4Addr::LOCALHOST);
    for (host, destination, url) in [
        (
            "name.test",
            Destination::Socket((ip, server.port).into()),
            "http://name.test:81/".to_owned(),
        ),
        (
            "*.test",
            Destination::Address(ip),
            format!("http://name.test:{}/", server.port),
        ),
        (
            "name.test:81",
            Destination::Socket((ip, server.port).into()),
            "http://name.test:81/".to_owned(),
        ),
    ] {
        let mut client = client_on(|network| place(network, host, destination));
        let exchange = client.send(&get(&url), &()).await;
        assert_eq!(text(&exchange), "hi", "{host}");
        assert_eq!(exchange.timings.looking_up, Some(Duration::ZERO));
    }
}

#[tokio::test]
async fn connections_come_from_the_source_addresses_in_turn() {
    let (seen, mut peers) = mpsc::unbounded_channel();
    let server = serve_sockets(move |tcp, requests, index| {
        seen.send(tcp.peer_addr().unwrap().ip()).unwrap();
        let mut peer = Peer::over(tcp, requests, index);
        async move {
            peer.request().await;
            peer.write(OK).await;
        }
    })
    .await;
    let mut settings = Settings::default();
    let sources = "127.0.0.2-127.0.0.3, 127.0.0.9".parse().unwrap();
    settings.network.source_addresses = sources;
    let engine = Engine::new(settings).unwrap();
    for number in [2, 3, 9, 2] {
        let mut client = Client::new(Arc::clone(&engine));
        let exchange = client.send(&get(&server.url("/")), &()).await;
        assert_eq!(text(&exchange), "hi");
        assert_eq!(
            peers.recv().await.unwrap(),
            IpAddr::from([127, 0, 0, number])
        );
    }
}

#[tokio::test]
async fn a_source_address_that_is_not_this_machines_is_told_with_the_option_to_correct() {
    let server = answering(OK).await;
    for source in ["192.0.2.1", "::1"] {
        let mut client = client_on(|network| network.source_addresses = source.parse().unwrap());
        let exchange = client.send(&get(&server.url("/")), &()).await;
        assert_eq!((code(&exchange), exchange.bytes_sent), (1210, 0));
        let error = exchange.outcome.unwrap_err().to_string();
        assert!(error.contains("`--local-ips`"), "{error}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_host_that_is_not_allowed_is_not_connected_to() {
    let server = answering(OK).await;
    let mut client = client_on(|network| {
        network.allowed = ["other.test".parse().unwrap()].into_iter().collect()
    });
    let exchange = client.send(&get(&server.url("/")), &()).await;
    assert_eq!((code(&exchange), exchange.bytes_sent), (1111, 0));
    let error = exchange.outcome.unwrap_err().to_string();
    let flag = format!("`--allow-host 127.0.0.1:{}`", server.port);
    assert!(error.contains(&flag), "{error}");
    // Nor is a batch of them.
    let request = get(&server.url("/"));
    let exchanges = client.send_all(&[&request, &request], &()).await;
    assert!(exchanges.iter().all(|exchange| code(exchange) == 1111));
    assert_eq!(server.connections(), 0);

    let mut client = client_on(|network| {
        let allowed = format!("127.0.0.1:{}", server.port);
        network.allowed = [allowed.parse().unwrap()].into_iter().collect();
    });
    assert_eq!(text(&client.send(&request, &()).await), "hi");
}

#[tokio::test]
async fn a_name_cannot_lead_to_where_a_machines_secrets_are_told() {
    let secrets = IpAddr::from([169, 254, 169, 254]);
    let dns = dns_server::serve(move |_, _| Reply::Addresses(vec![secrets])).await;
    let mut by_name = client_on(|network| network.dns.servers = vec![dns.address]);
    let mut by_place =
        client_on(|network| place(network, "name.test", Destination::Address(secrets)));
    let (mut by_address, mut by_mapped_address) = (client(), client());
    for (client, url) in [
        (&mut by_name, "http://name.test/"),
        (&mut by_place, "http://name.test/"),
        (&mut by_address, "http://169.254.169.254/"),
        (&mut by_mapped_address, "http://[::ffff:169.254.169.254]/"),
    ] {
        let exchange = client.send(&get(url), &()).await;
        assert_eq!((code(&exchange), exchange.timings.connecting), (1110, None));
        let error = exchange.outcome.unwrap_err();
        assert!(
            matches!(
                error,
                Error::NotAllowed {
                    refusal: Refusal::MachineSecrets { .. },
                    ..
                }
            ),
            "{error}"
        );
        let text = error.to_string();
        assert!(text.contains("`--allow-host 169.254.169.254`"), "{text}");
    }
    assert_eq!(dns.asked().len(), 1);
}

#[tokio::test]
async fn a_refused_address_is_left_out_of_those_of_a_name() {
    let server = server::answering_at("0.0.0.0:0", OK).await;
    let both = [1, 2].map(|number| IpAddr::from([127, 0, 0, number]));
    let dns = dns_server::serve(move |_, _| Reply::Addresses(both.to_vec())).await;
    let url = format!("http://name.test:{}/", server.port);
    for (refused, expected) in [("127.0.0.1/32", Some(both[1])), ("127.0.0.0/8", None)] {
        let mut client = client_on(|network| {
            network.dns.servers = vec![dns.address];
            network.refused.networks = vec![refused.parse().unwrap()];
        });
        let exchange = client.send(&get(&url), &()).await;
        assert_eq!(exchange.remote.map(|remote| remote.ip()), expected);
        assert_eq!(exchange.outcome.is_ok(), expected.is_some());
    }
    assert_eq!(server.connections(), 1);
}

#[cfg(feature = "http3")]
#[tokio::test]
async fn http_3_goes_no_way_that_others_may_not_go() {
    let client = |change: &dyn Fn(&mut NetworkSettings)| {
        client_with(|settings| {
            settings.protocol = crate::http::Protocol::Http3;
            settings.tls.insecure_skip_verify = true;
            change(&mut settings.network);
        })
    };
    let mut refused = client(&|network| network.allowed = std::iter::empty().collect());
    let mut secrets = client(&|_| {});
    let mut unix = client(&|network| place(network, "*", Destination::Unix("/s".into())));
    for (client, url, number) in [
        (&mut refused, "https://127.0.0.1/", 1111),
        (&mut secrets, "https://169.254.169.254/", 1110),
        (&mut unix, "https://name.test/", 1210),
    ] {
        let exchange = client.send(&get(url), &()).await;
        assert_eq!((code(&exchange), exchange.bytes_sent), (number, 0), "{url}");
    }
}
