//! Names into addresses, asked of a name server of the test's own.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::dns_server::{self, DnsServer, Kind, Question, Reply};
use super::server::{Server, answering_at};
use super::*;
use crate::http::{DnsPolicy, DnsSelect, DnsSettings, DnsTtl};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

/// Addresses that all lead to the same server.
fn addresses(count: u8) -> Vec<IpAddr> {
    (1..=count)
        .map(|number| Ipv4Addr::new(127, 0, 0, number).into())
        .collect()
}

/// A server at all addresses of this machine.
async fn anywhere() -> Server {
    answering_at("0.0.0.0:0", OK).await
}

fn engine(dns: &DnsServer, change: impl FnOnce(&mut DnsSettings)) -> Arc<Engine> {
    let mut settings = Settings::default();
    settings.network.dns.servers = vec![dns.address];
    change(&mut settings.network.dns);
    Engine::new(settings).unwrap()
}

/// A request by a client of its own, which has no connection.
async fn visit(engine: &Arc<Engine>, url: &str) -> Exchange {
    Client::new(Arc::clone(engine)).send(&get(url), &()).await
}

/// The addresses that some visits came to.
async fn visited(engine: &Arc<Engine>, url: &str, times: usize) -> Vec<IpAddr> {
    let mut visited = Vec::new();
    for _ in 0..times {
        let exchange = visit(engine, url).await;
        assert_eq!(text(&exchange), "hi");
        visited.push(exchange.remote.unwrap().ip());
    }
    visited
}

fn url(server: &Server) -> String {
    format!("http://name.test:{}/", server.port)
}

#[tokio::test]
async fn a_name_is_asked_for_once_and_its_addresses_take_turns() {
    let server = anywhere().await;
    let dns = dns_server::serve(|_, _| Reply::Addresses(addresses(3))).await;
    let engine = engine(&dns, |dns| dns.select = DnsSelect::RoundRobin);
    let visited = visited(&engine, &url(&server), 7).await;
    let three = addresses(3);
    assert_eq!(visited[..3], three);
    assert_eq!(visited[3..6], three);
    assert_eq!(visited[6], three[0]);
    let name = "name.test".to_owned();
    let kind = Kind::A;
    assert_eq!(dns.asked(), [Question { name, kind }]);
}

#[tokio::test]
async fn the_first_address_is_taken_or_any() {
    let server = anywhere().await;
    let dns = dns_server::serve(|_, _| Reply::Addresses(addresses(3))).await;
    let first = engine(&dns, |dns| dns.select = DnsSelect::First);
    assert_eq!(
        visited(&first, &url(&server), 3).await,
        vec![addresses(1)[0]; 3]
    );
    let any = engine(&dns, |dns| dns.select = DnsSelect::Random);
    let visited = visited(&any, &url(&server), 60).await;
    assert!(
        addresses(3).iter().all(|address| visited.contains(address)),
        "{visited:?}"
    );
}

#[tokio::test]
async fn an_answer_is_good_for_as_long_as_the_settings_say() {
    let server = anywhere().await;
    for (ttl, asked) in [
        (DnsTtl::Nothing, 3),
        (DnsTtl::For(Duration::from_millis(20)), 3),
        (DnsTtl::For(Duration::from_secs(60)), 1),
        (DnsTtl::Forever, 1),
    ] {
        let dns = dns_server::serve(|_, _| Reply::Addresses(addresses(1))).await;
        let engine = engine(&dns, |dns| dns.ttl = ttl);
        for _ in 0..3 {
            visited(&engine, &url(&server), 1).await;
            sleep(Duration::from_millis(40)).await;
        }
        assert_eq!(dns.asked().len(), asked, "{ttl:?}");
    }
}

#[tokio::test]
async fn what_many_want_to_know_at_once_is_asked_once() {
    let server = anywhere().await;
    let late = Duration::from_millis(50);
    let dns = dns_server::serve(move |_, _| Reply::Late(late, addresses(1))).await;
    let engine = engine(&dns, |_| {});
    let mut visits = JoinSet::new();
    for _ in 0..20 {
        let (engine, url) = (Arc::clone(&engine), url(&server));
        visits.spawn(async move { text(&visit(&engine, &url).await) });
    }
    assert_eq!(visits.join_all().await, vec!["hi"; 20]);
    assert_eq!((dns.asked().len(), server.connections()), (1, 20));
}

#[tokio::test]
async fn a_policy_says_which_addresses_come_into_question() {
    let four = anywhere().await;
    let v6 = format!("[::1]:{}", four.port);
    let _six = answering_at(&v6, OK).await;
    let dns = dns_server::serve(|question, _| match &*question.name {
        "six.test" => Reply::Addresses(vec![Ipv6Addr::LOCALHOST.into()]),
        _ => Reply::Addresses(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]),
    })
    .await;
    for (policy, name, expected) in [
        (DnsPolicy::PreferIpv4, "both.test", Some(false)),
        (DnsPolicy::PreferIpv4, "six.test", Some(true)),
        (DnsPolicy::PreferIpv6, "both.test", Some(true)),
        (DnsPolicy::OnlyIpv4, "both.test", Some(false)),
        (DnsPolicy::OnlyIpv6, "both.test", Some(true)),
        (DnsPolicy::OnlyIpv4, "six.test", None),
    ] {
        let engine = engine(&dns, |dns| dns.policy = policy);
        let exchange = visit(&engine, &format!("http://{name}:{}/", four.port)).await;
        match expected {
            Some(v6) => assert_eq!(exchange.remote.unwrap().is_ipv6(), v6, "{policy:?} {name}"),
            None => assert_eq!(code(&exchange), 1101, "{exchange:?}"),
        }
    }
    let any = engine(&dns, |dns| {
        dns.policy = DnsPolicy::Any;
        dns.select = DnsSelect::RoundRobin;
    });
    let url = format!("http://both.test:{}/", four.port);
    let visited = visited(&any, &url, 2).await;
    assert!(visited[0].is_ipv4() != visited[1].is_ipv4(), "{visited:?}");
}

#[tokio::test]
async fn an_address_that_takes_no_connection_is_followed_by_the_next() {
    let listener = TcpListener::bind("127.0.0.2:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let server = answering_at(&address.to_string(), OK).await;
    let dns = dns_server::serve(|_, _| Reply::Addresses(addresses(2))).await;
    let engine = engine(&dns, |dns| dns.select = DnsSelect::First);
    let exchange = visit(&engine, &url(&server)).await;
    assert_eq!(text(&exchange), "hi");
    assert_eq!(exchange.remote, Some(address));
}

#[tokio::test]
async fn failures_of_name_servers_are_told_apart_and_not_kept() {
    let server = anywhere().await;
    let dns = dns_server::serve(|question, before| match &*question.name {
        "none.test" => Reply::NoSuchName,
        "empty.test" => Reply::Addresses(Vec::new()),
        "broken.test" => Reply::ServerFailure,
        _ if before == 0 => Reply::NoSuchName,
        _ => Reply::Addresses(addresses(1)),
    })
    .await;
    let engine = engine(&dns, |dns| dns.policy = DnsPolicy::OnlyIpv4);
    let url = url(&server);
    let exchange = visit(&engine, &url).await;
    assert_eq!(code(&exchange), 1101, "{exchange:?}");
    assert_eq!(
        (exchange.bytes_sent, exchange.timings.connecting),
        (0, None)
    );
    assert!(exchange.timings.looking_up.is_some());
    assert_eq!(text(&visit(&engine, &url).await), "hi");
    for (name, number) in [("none", 1101), ("empty", 1101), ("broken", 1100)] {
        let exchange = visit(&engine, &format!("http://{name}.test/")).await;
        assert_eq!(code(&exchange), number, "{exchange:?}");
        let error = exchange.outcome.unwrap_err().to_string();
        assert!(error.starts_with(&format!("{name}.test: ")), "{error}");
    }
}

#[tokio::test]
async fn a_name_server_that_is_silent_holds_up_no_longer_than_connecting_may_take() {
    let dns = dns_server::serve(|_, _| Reply::Nothing).await;
    let mut client = client_with(|settings| {
        settings.connect_timeout = Duration::from_millis(100);
        settings.network.dns.servers = vec![dns.address];
    });
    let exchange = client.send(&get("http://name.test/"), &()).await;
    assert_eq!(code(&exchange), 1211, "{exchange:?}");
    assert!(exchange.timings.looking_up.unwrap() > Duration::from_millis(60));
}

#[tokio::test]
async fn looking_up_is_timed_apart_from_connecting() {
    let server = anywhere().await;
    let late = Duration::from_millis(80);
    let dns = dns_server::serve(move |_, _| Reply::Late(late, addresses(1))).await;
    let engine = engine(&dns, |_| {});
    let mut client = Client::new(Arc::clone(&engine));
    let request = get(&url(&server));
    let first = client.send(&request, &()).await.timings;
    assert!(first.looking_up.unwrap() >= late, "{first:?}");
    let connecting = first.connecting.unwrap();
    assert!(!connecting.is_zero() && connecting < late / 2, "{first:?}");
    assert!(first.blocked.unwrap() < late / 2, "{first:?}");
    assert!(first.before_connecting().unwrap() >= late, "{first:?}");
    // The connection is there already.
    let second = client.send(&request, &()).await.timings;
    assert_eq!(second.looking_up, Some(Duration::ZERO));
    // There is no name to look up.
    let literal = visit(&engine, &server.url("/")).await.timings;
    assert_eq!(literal.looking_up, Some(Duration::ZERO));
}

#[tokio::test]
async fn this_machine_needs_no_name_server() {
    let server = answering_at("127.0.0.1:0", OK).await;
    let six = answering_at("[::1]:0", OK).await;
    let nobody: SocketAddr = ([127, 0, 0, 1], 9).into();
    let mut settings = Settings::default();
    settings.network.dns.servers = vec![nobody];
    let engine = Engine::new(settings).unwrap();
    for url in [
        format!("http://localhost:{}/", server.port),
        format!("http://127.0.0.1:{}/", server.port),
        format!("http://[::1]:{}/", six.port),
    ] {
        assert_eq!(text(&visit(&engine, &url).await), "hi", "{url}");
    }
}
