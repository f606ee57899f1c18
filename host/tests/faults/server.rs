//! A server whose connections are treated as the test says, byte for byte.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime;
use tokio::sync::oneshot;
use tokio::time::sleep;
use tokio_rustls::server::TlsStream;

use crate::certificates::{Identity, acceptor};
use crate::fault::{Act, Door, Fault, PATIENCE, Scheme};
use crate::frames;

/// What a server in good health answers.
const GOOD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood";

/// Long enough for the other side to have read what was written before.
pub const A_MOMENT: Duration = Duration::from_millis(40);

/// A server on a free port of this machine. It has a thread and a runtime of its
/// own, so that the tasks of the client's runtime are the client's alone, and is
/// gone with all its connections when this is dropped.
pub struct FaultServer {
    port: u16,
    scheme: Scheme,
    seen: Arc<Seen>,
    thread: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    open: AtomicUsize,
    requests: AtomicUsize,
}

impl FaultServer {
    /// The first connection meets the fault, and all later ones a server in good
    /// health.
    pub fn first(fault: &Fault) -> Self {
        let act = Arc::clone(&fault.act);
        // Behind a door that is not open nobody is met.
        let met = fault.door == Door::Open;
        Self::start(fault.scheme, fault.door, move |number| {
            (met && number == 0).then(|| Arc::clone(&act))
        })
    }

    /// Every connection meets the next fault, over and over. All must be of one
    /// scheme, and need an open door.
    pub fn in_turn(faults: &[Fault]) -> Self {
        let acts: Vec<_> = faults.iter().map(|fault| Arc::clone(&fault.act)).collect();
        Self::start(faults[0].scheme, Door::Open, move |number| {
            Some(Arc::clone(&acts[number % acts.len()]))
        })
    }

    fn start(
        scheme: Scheme,
        door: Door,
        treatment: impl Fn(usize) -> Option<Arc<Act>> + Send + 'static,
    ) -> Self {
        let seen = Arc::<Seen>::default();
        let (stop, stopped) = oneshot::channel();
        let (bound, binding) = std::sync::mpsc::channel();
        let counting = Arc::clone(&seen);
        let thread = std::thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async move {
                let socket = TcpSocket::new_v4().unwrap();
                // From here on the port is this server's, listen or not.
                socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
                let port = socket.local_addr().unwrap().port();
                let queue = match door {
                    Door::Open => Queue::Listening(socket.listen(1024).unwrap()),
                    Door::Closed => Queue::None(socket),
                    Door::Full => Queue::Full(Full::make(socket).await.unwrap()),
                };
                bound.send(port).unwrap();
                tokio::select! {
                    () = accept(queue, scheme, treatment, counting) => {}
                    _ = stopped => {}
                }
            });
        });
        Self {
            port: binding.recv().unwrap(),
            scheme,
            seen,
            thread: Some((stop, thread)),
        }
    }

    pub fn url(&self, path: &str) -> String {
        let scheme = match self.scheme {
            Scheme::Http | Scheme::Http2 => "http",
            Scheme::Https => "https",
        };
        format!("{scheme}://localhost:{}{path}", self.port)
    }

    /// How many connections there were.
    pub fn connections(&self) -> usize {
        self.seen.connections.load(SeqCst)
    }

    /// How many connections are open.
    pub fn open(&self) -> usize {
        self.seen.open.load(SeqCst)
    }

    /// How many connections to it clients have not closed, as the system says: this
    /// server itself may be slow to see that one has gone.
    #[cfg(target_os = "linux")]
    pub fn held_by_clients(&self) -> usize {
        /// `ESTABLISHED`, and `CLOSE_WAIT`, which the server alone has closed.
        const HELD: [&str; 2] = ["01", "08"];
        let server = format!(":{:04X}", self.port);
        let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
        table
            .lines()
            .filter(|line| {
                let mut columns = line.split_whitespace().skip(2);
                let (remote, state) = (columns.next(), columns.next());
                remote.is_some_and(|remote| remote.ends_with(&server))
                    && state.is_some_and(|state| HELD.contains(&state))
            })
            .count()
    }

    /// How many requests came in whole.
    pub fn requests(&self) -> usize {
        self.seen.requests.load(SeqCst)
    }
}

impl Drop for FaultServer {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.thread.take() {
            let _ = stop.send(());
            let _ = thread.join();
        }
    }
}

/// The system's queue of connections that want to be taken.
enum Queue {
    None(TcpSocket),
    Full(Full),
    Listening(TcpListener),
}

/// A queue that has no room: the system drops what comes.
struct Full {
    listener: TcpListener,
    filler: TcpStream,
}

impl Full {
    async fn make(socket: TcpSocket) -> io::Result<Self> {
        // A queue of length 0 holds one.
        let listener = socket.listen(0)?;
        let filler = TcpStream::connect(listener.local_addr()?).await?;
        Ok(Self { listener, filler })
    }
}

/// How long a door that is not open stays so.
pub const DOOR_OPENS_AFTER: Duration = Duration::from_millis(700);

async fn accept(
    queue: Queue,
    scheme: Scheme,
    treatment: impl Fn(usize) -> Option<Arc<Act>>,
    seen: Arc<Seen>,
) {
    let listener = match queue {
        Queue::Listening(listener) => listener,
        Queue::None(socket) => {
            sleep(DOOR_OPENS_AFTER).await;
            socket.listen(1024).unwrap()
        }
        Queue::Full(Full { listener, filler }) => {
            sleep(DOOR_OPENS_AFTER).await;
            drop(listener.accept().await.unwrap());
            drop(filler);
            listener
        }
    };
    loop {
        let (tcp, _) = listener.accept().await.unwrap();
        tcp.set_nodelay(true).unwrap();
        let number = seen.connections.fetch_add(1, SeqCst);
        seen.open.fetch_add(1, SeqCst);
        let caller = Caller {
            wire: Wire::Plain(tcp),
            unread: Vec::new(),
            seen: Arc::clone(&seen),
        };
        match treatment(number) {
            Some(act) => tokio::spawn(act(caller)),
            None => tokio::spawn(serve_well(caller, scheme)),
        };
    }
}

async fn serve_well(mut caller: Caller, scheme: Scheme) {
    if scheme == Scheme::Https && caller.shake_hands(Identity::Good).await.is_err() {
        return;
    }
    match scheme {
        Scheme::Http | Scheme::Https => caller.go_on().await,
        Scheme::Http2 => frames::Session::begin(caller).await.go_on().await,
    }
}

/// One connection, seen from the server. Dropping it closes the connection.
pub struct Caller {
    wire: Wire,
    unread: Vec<u8>,
    seen: Arc<Seen>,
}

enum Wire {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    /// While hands are shaken, and after that has failed.
    None,
}

impl Drop for Caller {
    fn drop(&mut self) {
        self.seen.open.fetch_sub(1, SeqCst);
    }
}

impl Caller {
    /// TLS from here on.
    pub async fn shake_hands(&mut self, identity: Identity) -> io::Result<()> {
        let Wire::Plain(tcp) = std::mem::replace(&mut self.wire, Wire::None) else {
            panic!("hands are shaken once");
        };
        let stream = acceptor(identity).accept(tcp).await?;
        self.wire = Wire::Tls(Box::new(stream));
        Ok(())
    }

    /// The next request's head, after its body has come as well; `None` when the
    /// connection was closed.
    pub async fn request(&mut self) -> Option<String> {
        loop {
            if let Some(end) = find(&self.unread, b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&self.unread[..end]).into_owned();
                let length = head
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())
                    .unwrap_or(0_usize);
                let whole = end + 4 + length;
                if self.unread.len() >= whole {
                    self.unread.drain(..whole);
                    self.seen.requests.fetch_add(1, SeqCst);
                    return Some(head);
                }
            }
            if self.read().await == 0 {
                return None;
            }
        }
    }

    /// Waits for the first bytes of a request.
    pub async fn first_bytes(&mut self) {
        self.read().await;
    }

    /// The next bytes of this number; fewer where the client has gone.
    pub async fn take(&mut self, length: usize) -> Vec<u8> {
        while self.unread.len() < length && self.read().await > 0 {}
        let length = length.min(self.unread.len());
        self.unread.drain(..length).collect()
    }

    /// Reads some more; how much.
    async fn read(&mut self) -> usize {
        let mut piece = [0; 65536];
        let length = match &mut self.wire {
            Wire::Plain(tcp) => tcp.read(&mut piece).await,
            Wire::Tls(stream) => stream.read(&mut piece).await,
            Wire::None => Ok(0),
        };
        let length = length.unwrap_or(0);
        self.unread.extend_from_slice(&piece[..length]);
        length
    }

    /// Whether it could be written: the client may have gone.
    pub async fn try_write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.wire {
            Wire::Plain(tcp) => tcp.write_all(bytes).await,
            Wire::Tls(stream) => {
                stream.write_all(bytes).await?;
                stream.flush().await
            }
            Wire::None => Ok(()),
        }
    }

    pub async fn write(&mut self, bytes: &[u8]) {
        let _ = self.try_write(bytes).await;
    }

    /// Writes below TLS.
    pub async fn write_raw(&mut self, bytes: &[u8]) {
        let _ = match &mut self.wire {
            Wire::Plain(tcp) => tcp.write_all(bytes).await,
            Wire::Tls(stream) => stream.get_mut().0.write_all(bytes).await,
            Wire::None => Ok(()),
        };
    }

    /// Is a server in good health from here on.
    pub async fn go_on(mut self) {
        while self.request().await.is_some() {
            self.write(GOOD).await;
        }
    }

    /// Lets the other side read what was written.
    pub async fn a_moment(&self) {
        sleep(A_MOMENT).await;
    }

    /// Says goodbye as TLS wants it, and closes the connection.
    pub async fn say_goodbye(mut self) {
        if let Wire::Tls(stream) = &mut self.wire {
            let _ = stream.shutdown().await;
        }
    }

    /// Resets the connection.
    pub fn reset(self) {
        let tcp = match &self.wire {
            Wire::Plain(tcp) => tcp,
            Wire::Tls(stream) => stream.get_ref().0,
            Wire::None => return,
        };
        tcp.set_zero_linger().unwrap();
    }

    /// Does nothing any more until the client has gone.
    pub async fn stall(mut self) {
        while self.read().await > 0 {
            self.unread.clear();
        }
    }

    /// Does not even read, so that it cannot see when the client has gone.
    pub async fn freeze(self) {
        sleep(PATIENCE * 3).await;
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}
