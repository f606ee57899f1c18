//! Servers behind proxies.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{self, UnboundedReceiver};

use super::dns_server::{self, Reply};
use super::server::{
    Peer, Server, Stream, answer, answering, answering_each, serve, serve_sockets,
};
use super::*;
use super::{http2, tls};
use crate::http::websocket::Handshake;
use crate::http::{ConnectProblem, DnsSelect, Error, Protocol, Proxies};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

/// A proxy of HTTP that wants this `proxy-authorization`, and what it was asked
/// for. It connects to this machine, whatever name it is given.
async fn http_proxy(wanted: Option<&'static str>) -> (Server, UnboundedReceiver<String>) {
    let (seen, asked) = mpsc::unbounded_channel();
    let proxy = serve(move |mut peer| {
        let seen = seen.clone();
        async move {
            let Some(head) = peer.request().await else {
                return;
            };
            seen.send(head.clone()).unwrap();
            let authorized = wanted
                .is_none_or(|wanted| head.contains(&format!("proxy-authorization: {wanted}\r\n")));
            if !authorized {
                peer.write(b"HTTP/1.1 407 Who?\r\ncontent-length: 0\r\n\r\n")
                    .await;
            } else if let Some(rest) = head.strip_prefix("CONNECT ") {
                let port = rest.split([':', ' ']).nth(1).unwrap().parse().unwrap();
                peer.write(b"HTTP/1.1 200 Connected\r\n\r\n").await;
                tunnel(peer.stream, port).await;
            } else {
                peer.write(OK).await;
            }
        }
    })
    .await;
    (proxy, asked)
}

async fn tunnel(mut stream: impl Stream, port: u16) {
    let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let _ = copy_bidirectional(&mut stream, &mut server).await;
}

/// The address that a proxy of SOCKS finds nobody at.
const REFUSED: &str = "127.0.0.9";

/// A proxy of SOCKS that wants this user and password, and whom it was asked to
/// connect to.
async fn socks_proxy(
    wanted: Option<(&'static str, &'static str)>,
) -> (Server, UnboundedReceiver<String>) {
    let (seen, asked) = mpsc::unbounded_channel();
    let proxy = serve_sockets(move |mut tcp, _, _| {
        let seen = seen.clone();
        async move {
            // RFC 1928, 3: the ways to authenticate.
            let ways = piece(&mut tcp, 1).await;
            let way = if wanted.is_some() { 2 } else { 0 };
            assert!(ways.contains(&way), "{ways:?}");
            tcp.write_all(&[5, way]).await.unwrap();
            if let Some((user, password)) = wanted {
                // RFC 1929.
                let given_user = piece(&mut tcp, 1).await;
                let given_password = piece(&mut tcp, 0).await;
                let known = given_user == user.as_bytes() && given_password == password.as_bytes();
                tcp.write_all(&[1, u8::from(!known)]).await.unwrap();
                if !known {
                    return;
                }
            }
            // RFC 1928, 4: the request.
            let mut head = [0; 4];
            tcp.read_exact(&mut head).await.unwrap();
            let host = match head[3] {
                1 => {
                    let mut address = [0; 4];
                    tcp.read_exact(&mut address).await.unwrap();
                    std::net::Ipv4Addr::from(address).to_string()
                }
                3 => String::from_utf8(piece(&mut tcp, 0).await).unwrap(),
                kind => panic!("an address of kind {kind}"),
            };
            let port = tcp.read_u16().await.unwrap();
            seen.send(format!("{host}:{port}")).unwrap();
            // RFC 1928, 6: the connection was refused, or made.
            let reply = if host == REFUSED { 5 } else { 0 };
            let answer = [5, reply, 0, 1, 127, 0, 0, 1, 0, 0];
            tcp.write_all(&answer).await.unwrap();
            if reply != 0 {
                return;
            }
            tunnel(tcp, port).await;
        }
    })
    .await;
    (proxy, asked)
}

/// Bytes after their number, before which others are skipped.
async fn piece(tcp: &mut TcpStream, skipped: usize) -> Vec<u8> {
    for _ in 0..skipped {
        tcp.read_u8().await.unwrap();
    }
    let length = tcp.read_u8().await.unwrap();
    let mut piece = vec![0; usize::from(length)];
    tcp.read_exact(&mut piece).await.unwrap();
    piece
}

fn client_behind(proxy: &str, change: impl FnOnce(&mut Settings)) -> Client {
    client_with(|settings| {
        settings.network.proxies = Proxies::all(proxy, "spared.test").unwrap();
        change(settings);
    })
}

/// Why a connection could not be made, of an exchange that must have failed.
fn problem(exchange: Exchange) -> String {
    assert_eq!((code(&exchange), exchange.bytes_sent), (1210, 0));
    match exchange.outcome {
        Err(Error::Connect {
            problem: problem @ ConnectProblem::Proxy { .. },
            ..
        }) => problem.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_plain_request_is_handed_to_the_proxy_whole() {
    let (proxy, mut asked) = http_proxy(Some("Basic dTpwOnc=")).await;
    let url = format!("http://u:p%3Aw@127.0.0.1:{}", proxy.port);
    let mut client = client_behind(&url, |_| {});
    // Nobody here knows the name, and nobody needs to.
    let exchange = client.send(&get("http://name.test:81/a?b=c#d"), &()).await;
    assert_eq!(text(&exchange), "hi");
    assert_eq!(exchange.remote.unwrap().port(), proxy.port);
    // Who knows how long the proxy looks for it.
    assert_eq!(exchange.timings.looking_up, None);
    let head = asked.recv().await.unwrap();
    assert!(
        head.starts_with("GET http://name.test:81/a?b=c HTTP/1.1\r\nhost: name.test:81\r\n"),
        "{head}"
    );
    assert_eq!(exchange.bytes_sent, head.len() as u64);
    // To be refused by the proxy is an answer like others.
    let mut client = client_behind(&format!("127.0.0.1:{}", proxy.port), |_| {});
    let exchange = client.send(&get("http://name.test/"), &()).await;
    assert_eq!(exchange.outcome.unwrap().status(), 407);
    let head = asked.recv().await.unwrap();
    assert!(!head.contains("proxy-authorization"), "{head}");
}

#[tokio::test]
async fn a_request_by_tls_goes_through_the_proxy_unseen() {
    let server = tls::serve(&["localhost"]).await;
    let (proxy, mut asked) = http_proxy(None).await;
    let url = format!("http://127.0.0.1:{}", proxy.port);
    let mut client = client_behind(&url, |settings| {
        settings.tls.extra_roots = vec![server.root.clone()];
    });
    let mut request = get(&server.url("localhost"));
    request.set_header("x-secret", "geheim").unwrap();
    for turn in 0..2 {
        let exchange = client.send(&request, &()).await;
        assert_eq!(text(&exchange), "hi");
        assert_eq!(exchange.remote.unwrap().port(), proxy.port);
        let timings = exchange.timings;
        let making = [timings.connecting, timings.tls_handshaking];
        assert!(
            making
                .iter()
                .all(|time| time.unwrap().is_zero() == (turn > 0))
        );
    }
    let port = server.server.port;
    assert_eq!(
        asked.recv().await.unwrap(),
        format!(
            "CONNECT localhost:{port} HTTP/1.1\r\nhost: localhost:{port}\r\nuser-agent: {}\r\n\r\n",
            Settings::default().user_agent
        )
    );
    assert_eq!((proxy.connections(), server.server.requests()), (1, 2));
}

#[tokio::test]
async fn a_proxy_by_tls_is_authenticated_like_a_server() {
    let proxy = tls::serve(&["localhost"]).await;
    let url = proxy.url("localhost");
    let mut trusting = client_behind(&url, |settings| {
        settings.tls.extra_roots = vec![proxy.root.clone()];
    });
    let exchange = trusting.send(&get("http://name.test/"), &()).await;
    assert_eq!(text(&exchange), "hi");
    assert_eq!(exchange.timings.tls_handshaking, Some(Duration::ZERO));
    let exchange = client_behind(&url, |_| {})
        .send(&get("http://name.test/"), &())
        .await;
    let problem = problem(exchange);
    assert!(problem.contains("UnknownIssuer"), "{problem}");
    assert_eq!(proxy.server.requests(), 1);
}

#[tokio::test]
async fn what_a_proxy_does_not_do_is_told_as_such_and_without_the_password() {
    let server = tls::serve(&["localhost"]).await;
    let request = get(&server.url("localhost"));
    let (wanting, _asked) = http_proxy(Some("Basic other")).await;
    let refusing = answering(b"HTTP/1.1 403 No\r\ncontent-length: 0\r\n\r\n").await;
    let closing = serve(|mut peer| async move { drop(peer.request().await) }).await;
    let talking = answering(b"HTTP/1.1 200 OK\r\n\r\nSSH-2.0-x\r\n").await;
    let mut gone = answering(b"").await;
    gone.stop().await;
    for (proxy, user, hint) in [
        (&wanting, "", "put them into its URL"),
        (&wanting, "user:geheim@", "does not know the user"),
        (&refusing, "user:geheim@", "status 403"),
        (&closing, "user:geheim@", "no answer"),
        (&talking, "user:geheim@", "nobody has asked for"),
        (&gone, "user:geheim@", "refused"),
    ] {
        let url = format!("http://{user}127.0.0.1:{}", proxy.port);
        let exchange = client_behind(&url, |_| {}).send(&request, &()).await;
        let problem = problem(exchange);
        assert!(problem.contains(hint), "{problem}");
        let proxy = format!("http://127.0.0.1:{}", proxy.port);
        assert!(
            problem.contains(&proxy) && !problem.contains("geheim"),
            "{problem}"
        );
    }
    assert_eq!(server.server.connections(), 0);
}

#[tokio::test]
async fn a_proxy_that_never_answers_holds_up_no_longer_than_connecting_may_take() {
    let silent = serve(|mut peer| async move {
        peer.request().await;
        peer.closed().await;
    })
    .await;
    let url = format!("http://127.0.0.1:{}", silent.port);
    let mut client = client_behind(&url, |settings| {
        settings.connect_timeout = Duration::from_millis(100);
        // No roots need to be read, which takes some of the time.
        settings.tls.insecure_skip_verify = true;
    });
    let exchange = client.send(&get("https://name.test/"), &()).await;
    assert_eq!((code(&exchange), exchange.bytes_sent), (1211, 0));
    // What the proxy takes is time that the request was blocked.
    let timings = exchange.timings;
    assert!(
        timings.blocked.unwrap() > Duration::from_millis(60),
        "{timings:?}"
    );
    assert!(
        timings.connecting.unwrap() < Duration::from_millis(60),
        "{timings:?}"
    );
}

#[tokio::test]
async fn spared_hosts_and_refused_ones_do_not_come_to_the_proxy() {
    let (proxy, _asked) = http_proxy(None).await;
    let server = answering(OK).await;
    let place = SocketAddr::from(([127, 0, 0, 1], server.port));
    let dns = dns_server::serve(|_, _| Reply::Addresses(vec![[127, 0, 0, 1].into()])).await;
    let url = format!("http://127.0.0.1:{}", proxy.port);
    let mut client = client_behind(&url, |settings| {
        settings.network.dns.servers = vec![dns.address];
        let hosts = ["placed.test:81", "spared.test", "*.spared.test", "10.0.0.1"];
        let allowed = hosts.map(|host| host.parse().unwrap());
        settings.network.allowed = allowed.into_iter().collect();
        let placed = (
            "placed.test".parse().unwrap(),
            place.to_string().parse().unwrap(),
        );
        settings.network.hosts = [placed].into_iter().collect();
        settings.network.refused.networks = vec!["10.0.0.0/8".parse().unwrap()];
    });
    for url in [
        "http://placed.test:81/".to_owned(),
        format!("http://spared.test:{}/", server.port),
        format!("http://sub.spared.test:{}/", server.port),
    ] {
        assert_eq!(text(&client.send(&get(&url), &()).await), "hi", "{url}");
    }
    for (url, number) in [("http://other.test/", 1111), ("http://10.0.0.1/", 1110)] {
        assert_eq!(code(&client.send(&get(url), &()).await), number);
    }
    assert_eq!((proxy.connections(), server.requests()), (0, 3));
}

#[tokio::test]
async fn a_proxy_of_socks_is_told_a_name_or_the_address_that_it_leads_to() {
    let server = answering(OK).await;
    let dns = dns_server::serve(|_, _| Reply::Addresses(vec![[127, 0, 0, 1].into()])).await;
    let request = get(&format!("http://name.test:{}/a", server.port));
    for (scheme, host, questions) in [("socks5h", "name.test", 0), ("socks5", "127.0.0.1", 1)] {
        let (proxy, mut asked) = socks_proxy(None).await;
        let mut client = client_behind(
            &format!("{scheme}://127.0.0.1:{}", proxy.port),
            |settings| {
                settings.network.dns.servers = vec![dns.address];
            },
        );
        let exchange = client.send(&request, &()).await;
        assert_eq!(text(&exchange), "hi");
        assert_eq!(exchange.remote.unwrap().port(), proxy.port);
        assert_eq!(
            asked.recv().await.unwrap(),
            format!("{host}:{}", server.port)
        );
        assert_eq!(dns.asked().len(), questions);
        let looked_up_here = exchange.timings.looking_up.is_some();
        assert_eq!(looked_up_here, questions > 0);
    }
}

#[tokio::test]
async fn a_proxy_of_socks_is_told_one_address_after_another() {
    let server = answering(OK).await;
    let (proxy, mut asked) = socks_proxy(None).await;
    let client_of = |addresses: &[&str]| {
        let addresses: Vec<_> = addresses.iter().map(|text| text.parse().unwrap()).collect();
        let url = format!("socks5://127.0.0.1:{}", proxy.port);
        async move {
            let reply = move |_: &dns_server::Question, _| Reply::Addresses(addresses.clone());
            let dns = dns_server::serve(reply).await;
            client_behind(&url, |settings| {
                settings.network.dns.servers = vec![dns.address];
                settings.network.dns.select = DnsSelect::First;
            })
        }
    };
    let request = get(&format!("http://name.test:{}/", server.port));
    let mut both = client_of(&[REFUSED, "127.0.0.1"]).await;
    assert_eq!(text(&both.send(&request, &()).await), "hi");
    for host in [REFUSED, "127.0.0.1"] {
        let expected = format!("{host}:{}", server.port);
        assert_eq!(asked.recv().await.unwrap(), expected);
    }
    let mut none = client_of(&[REFUSED]).await;
    let problem = problem(none.send(&request, &()).await);
    assert!(problem.contains("Connection refused"), "{problem}");
    assert_eq!((proxy.connections(), server.connections()), (3, 1));
}

#[tokio::test]
async fn a_proxy_of_socks_is_told_user_and_password_and_nobody_else_is() {
    let server = tls::serve(&["localhost"]).await;
    let (proxy, mut asked) = socks_proxy(Some(("user", "ge:heim"))).await;
    let request = get(&server.url("localhost"));
    let mut known = client_behind(
        &format!("socks5h://user:ge%3Aheim@127.0.0.1:{}", proxy.port),
        |settings| settings.tls.extra_roots = vec![server.root.clone()],
    );
    assert_eq!(text(&known.send(&request, &()).await), "hi");
    assert!(asked.recv().await.unwrap().starts_with("localhost:"));
    let url = format!("socks5h://user:falsch@127.0.0.1:{}", proxy.port);
    let exchange = client_behind(&url, |_| {}).send(&request, &()).await;
    let problem = problem(exchange);
    assert!(!problem.contains("falsch"), "{problem}");
    assert!(problem.contains("auth failure"), "{problem}");
    assert_eq!(server.server.connections(), 1);
}

/// A proxy by TLS is spoken to by CONNECT as well, TLS within TLS.
#[tokio::test]
async fn a_request_by_tls_goes_through_a_proxy_by_tls() {
    let server = tls::serve(&["localhost"]).await;
    let port = server.server.port;
    let proxy = tls::serve_by(&["localhost"], move |mut peer: Peer| async move {
        let head = peer.request().await.unwrap();
        assert!(head.starts_with("CONNECT localhost:"), "{head}");
        peer.write(b"HTTP/1.1 200 Connected\r\n\r\n").await;
        tunnel(peer.stream, port).await;
    })
    .await;
    let mut client = client_behind(&proxy.url("localhost"), |settings| {
        settings.tls.extra_roots = vec![server.root.clone(), proxy.root.clone()];
    });
    let exchange = client.send(&get(&server.url("localhost")), &()).await;
    assert_eq!(text(&exchange), "hi");
    assert!(!exchange.timings.tls_handshaking.unwrap().is_zero());
}

#[tokio::test]
async fn http_2_without_tls_goes_through_a_tunnel() {
    let server = http2::serve(|_| async { http2::answer("hi") }).await;
    let (proxy, mut asked) = http_proxy(None).await;
    let mut client = client_behind(&format!("http://127.0.0.1:{}", proxy.port), |settings| {
        settings.protocol = Protocol::Http2;
    });
    let request = get(&format!("http://name.test:{}/", server.port));
    let exchange = client.send(&request, &()).await;
    assert_eq!(text(&exchange), "hi");
    assert_eq!(exchange.outcome.unwrap().protocol(), "HTTP/2.0");
    let head = asked.recv().await.unwrap();
    assert!(head.starts_with("CONNECT name.test:"), "{head}");
}

#[tokio::test]
async fn a_session_goes_through_a_tunnel_and_only_the_proxy_is_told_its_password() {
    let (server, seen) = answering_each(|_| answer(403, "", "")).await;
    let (proxy, mut asked) = http_proxy(Some("Basic dTpwOnc=")).await;
    let url = format!("http://u:p%3Aw@127.0.0.1:{}", proxy.port);
    let mut client = client_behind(&url, |_| {});
    let url = format!("ws://name.test:{}/chat?room=1", server.port);
    let handshake = Handshake::new(&url).unwrap();
    assert!(client.open_socket(&handshake, &|_| {}).await.is_err());
    let head = asked.recv().await.unwrap();
    assert!(head.starts_with("CONNECT name.test:"), "{head}");
    let head = seen.lock().unwrap().remove(0);
    assert!(head.starts_with("GET /chat?room=1 HTTP/1.1\r\n"), "{head}");
    assert!(!head.contains("proxy-authorization"), "{head}");
}

#[cfg(feature = "http3")]
#[tokio::test]
async fn http_3_goes_through_no_proxy_and_says_so() {
    let mut client = client_behind("http://user:geheim@127.0.0.1:9", |settings| {
        settings.protocol = Protocol::Http3;
        settings.tls.insecure_skip_verify = true;
    });
    let exchange = client.send(&get("https://name.test/"), &()).await;
    let problem = problem(exchange);
    assert!(
        problem.contains("no proxy") && !problem.contains("geheim"),
        "{problem}"
    );
}
