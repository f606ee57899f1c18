//! Servers that do as the test says, byte for byte.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A server on a free port, which ends with the test's runtime.
pub(super) struct Server {
    pub(super) port: u16,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

/// What can be read and written.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// One connection, seen from the server.
pub(super) struct Peer {
    pub(super) stream: Box<dyn Stream>,
    unread: Vec<u8>,
    requests: Arc<AtomicUsize>,
    /// How many connections there were before.
    pub(super) index: usize,
}

/// Serves every connection by `serve`.
pub(super) async fn serve<F, Fut>(serve: F) -> Server
where
    F: Fn(Peer) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    serve_sockets(move |tcp, requests, index| {
        serve(Peer {
            stream: Box::new(tcp),
            unread: Vec::new(),
            requests,
            index,
        })
    })
    .await
}

/// Serves every connection by `serve`, which gets the bare socket.
pub(super) async fn serve_sockets<F, Fut>(serve: F) -> Server
where
    F: Fn(TcpStream, Arc<AtomicUsize>, usize) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    serve_at("127.0.0.1:0", serve).await
}

/// Serves every connection to an address by `serve`.
pub(super) async fn serve_at<F, Fut>(address: &str, serve: F) -> Server
where
    F: Fn(TcpStream, Arc<AtomicUsize>, usize) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind(address).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let connections = Arc::new(AtomicUsize::new(0));
    let requests = Arc::new(AtomicUsize::new(0));
    let (accepted, seen) = (Arc::clone(&connections), Arc::clone(&requests));
    let task = tokio::spawn(async move {
        loop {
            let (tcp, _) = listener.accept().await.unwrap();
            let index = accepted.fetch_add(1, SeqCst);
            tokio::spawn(serve(tcp, Arc::clone(&seen), index));
        }
    });
    Server {
        port,
        connections,
        requests,
        task,
    }
}

/// Answers every request of every connection with these bytes.
pub(super) async fn answering(answer: &'static [u8]) -> Server {
    serve(move |mut peer| async move {
        while peer.request().await.is_some() {
            peer.write(answer).await;
        }
    })
    .await
}

/// Answers every request of every connection to an address with these bytes.
pub(super) async fn answering_at(address: &str, answer: &'static [u8]) -> Server {
    serve_at(address, move |tcp, requests, index| async move {
        let mut peer = Peer::over(tcp, requests, index);
        while peer.request().await.is_some() {
            peer.write(answer).await;
        }
    })
    .await
}

/// Answers every request with what `answer` makes of it, and remembers them.
pub(super) async fn answering_each<F>(answer: F) -> (Server, Arc<Mutex<Vec<String>>>)
where
    F: Fn(&str) -> Vec<u8> + Send + Sync + 'static,
{
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (answer, noted) = (Arc::new(answer), Arc::clone(&seen));
    let server = serve(move |mut peer| {
        let (answer, noted) = (Arc::clone(&answer), Arc::clone(&noted));
        async move {
            while let Some(request) = peer.request().await {
                let bytes = answer(&request);
                noted.lock().unwrap().push(request);
                peer.write(&bytes).await;
            }
        }
    })
    .await;
    (server, seen)
}

/// An answer with a content length.
pub(super) fn answer(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let length = body.len();
    let mut answer =
        format!("HTTP/1.1 {status} Some\r\ncontent-length: {length}\r\n{headers}\r\n").into_bytes();
    answer.extend_from_slice(body);
    answer
}

impl Server {
    pub(super) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(SeqCst)
    }

    /// How many requests came in whole.
    pub(super) fn requests(&self) -> usize {
        self.requests.load(SeqCst)
    }

    /// Takes no more connections.
    pub(super) async fn stop(&mut self) {
        self.task.abort();
        let _ = (&mut self.task).await;
    }
}

impl Peer {
    pub(super) fn over(
        stream: impl Stream + 'static,
        requests: Arc<AtomicUsize>,
        index: usize,
    ) -> Self {
        Self {
            stream: Box::new(stream),
            unread: Vec::new(),
            requests,
            index,
        }
    }

    /// The next request, head and body; `None` when the connection was closed.
    pub(super) async fn request(&mut self) -> Option<String> {
        loop {
            let text = String::from_utf8_lossy(&self.unread).into_owned();
            if let Some(end) = text.find("\r\n\r\n") {
                let length = text[..end]
                    .lines()
                    .find_map(|line| {
                        line.to_ascii_lowercase()
                            .strip_prefix("content-length: ")?
                            .parse()
                            .ok()
                    })
                    .unwrap_or(0_usize);
                let whole = end + 4 + length;
                if self.unread.len() >= whole {
                    self.unread.drain(..whole);
                    self.requests.fetch_add(1, SeqCst);
                    return Some(text[..whole].to_owned());
                }
            }
            let mut piece = [0; 65536];
            match self.stream.read(&mut piece).await {
                Ok(0) | Err(_) => return None,
                Ok(length) => self.unread.extend_from_slice(&piece[..length]),
            }
        }
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) {
        // The client may have gone already.
        let _ = self.stream.write_all(bytes).await;
        let _ = self.stream.flush().await;
    }

    /// Waits until the client has closed the connection.
    pub(super) async fn closed(&mut self) {
        let mut piece = [0; 4096];
        while matches!(self.stream.read(&mut piece).await, Ok(length) if length > 0) {}
    }
}
