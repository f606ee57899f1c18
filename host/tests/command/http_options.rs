//! Options of HTTP, judged by what a server has seen of them; and those that
//! cannot be kept to, which are found before anything runs.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::harness::{Folder, Ran};

/// What a server has seen.
#[derive(Debug, Default)]
struct Seen {
    connections: usize,
    /// The heads of the requests.
    requests: Vec<String>,
    /// How long clients waited that went without an answer.
    given_up: Vec<Duration>,
}

/// A server on a free port of this machine.
struct Server {
    port: u16,
    seen: Arc<Mutex<Seen>>,
}

impl Server {
    fn start(serve: impl Fn(TcpStream, &Mutex<Seen>) + Clone + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let noted = Arc::clone(&seen);
        std::thread::spawn(move || {
            for tcp in listener.incoming() {
                noted.lock().unwrap().connections += 1;
                let (serve, noted) = (serve.clone(), Arc::clone(&noted));
                std::thread::spawn(move || serve(tcp.unwrap(), &noted));
            }
        });
        Self { port, seen }
    }

    /// Answers every request with nothing.
    fn answering() -> Self {
        Self::start(|tcp, seen| answer_each(tcp, seen, OK))
    }

    /// Answers every request with where to go on.
    fn redirecting_to(url: &str) -> Self {
        let answer = format!("HTTP/1.1 302 There\r\nlocation: {url}\r\ncontent-length: 0\r\n\r\n");
        Self::start(move |tcp, seen| answer_each(tcp, seen, &answer))
    }

    /// Speaks HTTP/2 alone.
    fn of_http_2() -> Self {
        Self::start(|tcp, seen| {
            tcp.set_nonblocking(true).unwrap();
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let tcp = tokio::net::TcpStream::from_std(tcp).unwrap();
                let Ok(mut connection) = h2::server::handshake(tcp).await else {
                    return;
                };
                while let Some(Ok((request, mut respond))) = connection.accept().await {
                    let line = format!("{} {:?}", request.method(), request.version());
                    seen.lock().unwrap().requests.push(line);
                    respond
                        .send_response(http::Response::new(()), true)
                        .unwrap();
                }
            });
        })
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn connections(&self) -> usize {
        self.seen.lock().unwrap().connections
    }

    fn requests(&self) -> Vec<String> {
        self.seen.lock().unwrap().requests.clone()
    }
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

fn answer_each(mut stream: impl Read + Write, seen: &Mutex<Seen>, answer: &str) {
    while let Some(head) = head(&mut stream) {
        seen.lock().unwrap().requests.push(head);
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// The head of the next request, which has no body.
fn head(stream: &mut impl Read) -> Option<String> {
    let mut head = Vec::new();
    let mut piece = [0; 4096];
    while !head.ends_with(b"\r\n\r\n") {
        let length = stream.read(&mut piece).ok().filter(|length| *length > 0)?;
        head.extend_from_slice(&piece[..length]);
    }
    String::from_utf8(head).ok()
}

/// Runs a guest that gets a URL, in one VU and one iteration unless more is said.
fn get(folder: &Folder, url: &str, more: &[&str]) -> Ran {
    get_with(folder, url, more, &[])
}

fn get_with(folder: &Folder, url: &str, more: &[&str], variables: &[(&str, &str)]) -> Ran {
    let url = format!("BASE_URL={url}");
    let mut arguments = vec!["run", "guest.wasm", "-e", "DO=get", "-e", &url];
    arguments.extend(more);
    let mut command = folder.command(&arguments);
    command.envs(variables.iter().copied());
    Ran::new(command.output().unwrap())
}

#[test]
fn a_proxy_is_handed_the_requests() {
    let proxy = Server::answering();
    let folder = Folder::new().with_guest();
    let named = ["--proxy", &proxy.url()];
    get(&folder, "http://name.test/path", &named).ends_with(0);
    let requests = proxy.requests();
    assert_eq!(requests.len(), 1, "{requests:?}");
    let start = "GET http://name.test/path HTTP/1.1\r\nhost: name.test\r\n";
    assert!(requests[0].starts_with(start), "{requests:?}");
}

#[test]
fn a_host_beside_the_targets_is_reached_where_it_is_allowed() {
    let other = Server::answering();
    let target = Server::redirecting_to(&format!("http://localhost:{}/", other.port));
    let folder = Folder::new().with_guest();
    let refused = get(&folder, &target.url(), &[]);
    refused.says("--allow-host localhost");
    assert_eq!((target.requests().len(), other.connections()), (1, 0));
    get(&folder, &target.url(), &["--allow-host", "localhost"]).ends_with(0);
    assert_eq!((target.requests().len(), other.requests().len()), (2, 1));
}

#[test]
fn the_authority_of_a_file_is_trusted() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let server = Server::start(move |tcp, seen| {
        let session = ServerConnection::new(Arc::clone(&config)).unwrap();
        answer_each(StreamOwned::new(session, tcp), seen, OK);
    });
    let folder = Folder::new()
        .with_guest()
        .with("authority.pem", made.cert.pem());
    let url = format!("https://localhost:{}/", server.port);
    get(&folder, &url, &[]).says("`--ca-file FILE`");
    assert_eq!((server.connections(), server.requests().len()), (1, 0));
    get(&folder, &url, &["--ca-file", "authority.pem"]).ends_with(0);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn http_2_is_spoken_without_being_asked_for() {
    let server = Server::of_http_2();
    let folder = Folder::new().with_guest();
    let arguments = ["--http-version", "2", "-i", "3"];
    get(&folder, &server.url(), &arguments).ends_with(0);
    assert_eq!(server.requests(), vec!["GET HTTP/2.0"; 3]);
    assert_eq!(server.connections(), 1);
}

#[test]
fn shared_connections_are_one_for_each_worker() {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let vus = 4 * workers;
    let folder = Folder::new().with_guest().with(
        "vuelo.toml",
        format!(
            "[components.guest.options.scenarios.default]\n\
             executor = \"per-vu-iterations\"\nvus = {vus}\niterations = 3\n"
        ),
    );
    for (connections, expected) in [("vu", vus), ("shared", workers)] {
        let server = Server::of_http_2();
        let variables = [("VUELO_CONNECTIONS", connections)];
        get_with(&folder, &server.url(), &["--http-version", "2"], &variables).ends_with(0);
        let counted = (server.connections(), server.requests().len());
        assert_eq!(counted, (expected, 3 * vus), "{connections}");
    }
}

#[test]
fn without_reuse_each_request_has_a_connection_and_says_so() {
    let folder = Folder::new().with_guest();
    for (flag, connections) in [(&[][..], 1), (&["--no-connection-reuse"], 5)] {
        let server = Server::answering();
        let arguments = [&["-u", "1", "-i", "5"], flag].concat();
        get(&folder, &server.url(), &arguments).ends_with(0);
        let requests = server.requests();
        assert_eq!((server.connections(), requests.len()), (connections, 5));
        for request in requests {
            let closes = request.contains("\r\nconnection: close\r\n");
            assert_eq!(closes, connections == 5, "{request}");
        }
    }
}

#[test]
fn a_host_of_the_plan_file_is_reached_at_its_unix_socket() {
    let folder = Folder::new().with_guest().with(
        "vuelo.toml",
        "[options.hosts]\n\"name.test\" = \"unix:server.sock\"\n",
    );
    let listener = UnixListener::bind(folder.path().join("server.sock")).unwrap();
    let seen: Arc<Mutex<Seen>> = Arc::default();
    let noted = Arc::clone(&seen);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            answer_each(stream.unwrap(), &noted, OK);
        }
    });
    get(&folder, "http://name.test/path", &[]).ends_with(0);
    let requests = &seen.lock().unwrap().requests;
    let start = "GET /path HTTP/1.1\r\nhost: name.test\r\n";
    assert!(
        requests.len() == 1 && requests[0].starts_with(start),
        "{requests:?}"
    );
}

#[test]
fn an_answer_whose_head_is_late_is_given_up() {
    let late = Duration::from_secs(20);
    let server = Server::start(move |mut tcp, seen| {
        let head = head(&mut tcp).unwrap();
        let since = Instant::now();
        seen.lock().unwrap().requests.push(head);
        tcp.set_read_timeout(Some(late)).unwrap();
        if let Ok(0) = tcp.read(&mut [0]) {
            seen.lock().unwrap().given_up.push(since.elapsed());
        }
    });
    let folder = Folder::new().with_guest();
    let limit = Duration::from_millis(300);
    let variables = [("VUELO_RESPONSE_HEAD_TIMEOUT", "300ms")];
    let ran = get_with(&folder, &server.url(), &[], &variables);
    ran.says("while waiting for the head of the answer");
    let seen = server.seen.lock().unwrap();
    let [given_up] = seen.given_up[..] else {
        panic!("{seen:?}");
    };
    assert_eq!(seen.requests.len(), 1);
    assert!(
        given_up >= limit - Duration::from_millis(50),
        "{given_up:?}"
    );
    assert!(given_up < late / 2, "{given_up:?}");
}

/// A plan file's `tlsAuth` of a component, with a certificate and the key of
/// another.
fn with_the_key_of_another(folder: Folder, component: &str) -> Folder {
    let [own, other] =
        ["own", "other"].map(|name| rcgen::generate_simple_self_signed([name.to_owned()]).unwrap());
    folder
        .with("own.pem", own.cert.pem())
        .with("other-key.pem", other.signing_key.serialize_pem())
        .with(
            "vuelo.toml",
            format!(
                "[[components.{component}.options.tlsAuth]]\n\
                 cert = \"own.pem\"\nkey = \"other-key.pem\"\n"
            ),
        )
}

#[test]
fn a_key_of_another_certificate_is_a_mistake_of_the_plan() {
    let server = Server::answering();
    let folder = with_the_key_of_another(Folder::new().with_guest(), "guest");
    for more in [&["--dry-run"][..], &[]] {
        get(&folder, &server.url(), more)
            .ends_with(104)
            .says("vuelo.toml")
            .says("`tlsAuth[0].key`")
            .says("other-key.pem: the key is another certificate's")
            // Nothing of a run that does not begin.
            .does_not_say("seed");
    }
    assert_eq!(server.connections(), 0);
    assert!(folder.results().is_empty());
}

#[test]
fn a_mistake_in_the_second_run_is_found_before_the_first() {
    let server = Server::answering();
    let folder = Folder::new().with_guest();
    let guest = std::fs::read(folder.path().join("guest.wasm")).unwrap();
    let folder = with_the_key_of_another(folder.with("second.wasm", guest), "second");
    let url = server.url();
    get(&folder, &url, &["second.wasm"])
        .ends_with(104)
        .says("the key is another certificate's");
    assert_eq!(server.connections(), 0);
    assert!(folder.results().is_empty());
}

#[test]
fn a_file_for_keys_that_cannot_be_written_is_a_mistake_of_the_plan() {
    let server = Server::answering();
    let folder = Folder::new().with_guest();
    let variables = [("SSLKEYLOGFILE", "nowhere/keys.txt")];
    for more in [&["--dry-run"][..], &[]] {
        get_with(&folder, &server.url(), more, &variables)
            .ends_with(104)
            .says("nowhere/keys.txt (SSLKEYLOGFILE)")
            .says("it cannot be written");
    }
    assert_eq!(server.connections(), 0);
    assert!(!Path::new("nowhere").exists() && folder.results().is_empty());
}

#[cfg(not(feature = "http3"))]
#[test]
fn http_3_that_was_left_out_of_the_build_is_a_mistake_of_the_plan() {
    let server = Server::answering();
    let folder = Folder::new().with_guest();
    for more in [&["--dry-run"][..], &[]] {
        let arguments = [&["--http-version", "3"], more].concat();
        get(&folder, &server.url(), &arguments)
            .ends_with(104)
            .says("this command was built without HTTP/3");
    }
    assert_eq!(server.connections(), 0);
    assert!(folder.results().is_empty());
}
