//! A name server that answers as the test says.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::time::sleep;

/// A name server on a free port, which ends with the test's runtime.
pub(super) struct DnsServer {
    pub(super) address: SocketAddr,
    asked: Arc<Mutex<Vec<Question>>>,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// A kind of address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    A,
    Aaaa,
}

/// What is answered.
pub(super) enum Reply {
    /// Those of them that are of the kind that was asked for.
    Addresses(Vec<IpAddr>),
    NoSuchName,
    ServerFailure,
    /// The same after a while.
    Late(Duration, Vec<IpAddr>),
    Nothing,
}

/// Answers every question by `reply`, which is told how many there were before.
pub(super) async fn serve<F>(reply: F) -> DnsServer
where
    F: Fn(&Question, usize) -> Reply + Send + 'static,
{
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    tokio::spawn(async move {
        let mut packet = [0; 1500];
        loop {
            let (length, peer) = socket.recv_from(&mut packet).await.unwrap();
            let (question, end) = question(&packet[..length]);
            let before = seen.lock().unwrap().len();
            seen.lock().unwrap().push(question.clone());
            let (code, addresses) = match reply(&question, before) {
                Reply::Addresses(addresses) => (0, addresses),
                Reply::Late(time, addresses) => {
                    sleep(time).await;
                    (0, addresses)
                }
                Reply::NoSuchName => (3, Vec::new()),
                Reply::ServerFailure => (2, Vec::new()),
                Reply::Nothing => continue,
            };
            let answer = answer(&packet[..end], question.kind, code, &addresses);
            socket.send_to(&answer, peer).await.unwrap();
        }
    });
    DnsServer { address, asked }
}

impl DnsServer {
    /// What was asked so far.
    pub(super) fn asked(&self) -> Vec<Question> {
        self.asked.lock().unwrap().clone()
    }
}

/// RFC 1035, 4.1.2: the question, and where it ends.
fn question(packet: &[u8]) -> (Question, usize) {
    let mut labels = Vec::new();
    let mut at = 12;
    while packet[at] != 0 {
        let length = usize::from(packet[at]);
        labels.push(String::from_utf8_lossy(&packet[at + 1..=at + length]));
        at += 1 + length;
    }
    let kind = match packet[at + 2] {
        1 => Kind::A,
        28 => Kind::Aaaa,
        kind => panic!("a question for records of kind {kind}"),
    };
    let name = labels.join(".");
    (Question { name, kind }, at + 5)
}

/// RFC 1035, 4.1.1 and 4.1.3: the question's packet up to its end, made an
/// answer. The addresses are good for no time at all.
fn answer(question: &[u8], kind: Kind, code: u8, addresses: &[IpAddr]) -> Vec<u8> {
    let records: Vec<Vec<u8>> = addresses
        .iter()
        .filter_map(|address| match (kind, address) {
            (Kind::A, IpAddr::V4(address)) => Some(address.octets().to_vec()),
            (Kind::Aaaa, IpAddr::V6(address)) => Some(address.octets().to_vec()),
            _ => None,
        })
        .collect();
    let mut answer = question.to_vec();
    answer[2..4].copy_from_slice(&[0x81, 0x80 | code]);
    answer[4..12].copy_from_slice(&[0, 1, 0, records.len() as u8, 0, 0, 0, 0]);
    for record in records {
        let kind = if record.len() == 4 { 1 } else { 28 };
        answer.extend([0xc0, 12, 0, kind, 0, 1, 0, 0, 0, 0, 0, record.len() as u8]);
        answer.extend(record);
    }
    answer
}
