//! One thing that a server does wrong, and what a client must find.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use vuelo::http::{Exchange, Protocol, Request, Settings, Timings};

use crate::certificates;
use crate::server::{Caller, FaultServer};

/// How long a client waits for a server that stalls.
pub const PATIENCE: Duration = Duration::from_millis(500);

/// Long enough for the busiest machine, short enough to notice.
pub const SOON: Duration = Duration::from_secs(20);

/// What a busy machine may take for nothing much; far from the client's patience.
const QUICK: Duration = Duration::from_millis(250);

/// How much of a body or an event the clients of the tests keep.
pub const BODY_LIMIT: u64 = 1 << 20;

/// Treats one connection.
pub type Act = dyn Fn(Caller) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    Http,
    Https,
    /// `http`, and both sides know that the other speaks HTTP/2.
    Http2,
}

/// Whether the server takes connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    Open,
    /// They are refused at first.
    Closed,
    /// They are neither taken nor refused at first.
    Full,
}

/// How the client asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// GET, and the whole body is kept.
    Get,
    /// GET, and redirects are followed as often as a client does.
    GetAround,
    /// GET, and the body is dropped as it comes.
    Discard,
    Head,
    /// POST of more than the sockets' buffers hold.
    Upload,
    /// GET, read as Server-Sent Events.
    Events,
    /// GET twice, the second time on a connection that is there: the second one
    /// counts.
    Again,
    /// The same with POST.
    PostAgain,
}

/// What a phase must have taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Took {
    /// It was never reached, which is told as such.
    Nothing,
    /// It had no part in this request.
    Zero,
    /// A moment, but more than nothing.
    Quick,
    /// A moment, or no time at all: all of it came at once.
    AtOnce,
    /// The client's patience.
    Patience,
}

/// What all phases must have taken.
#[derive(Debug, Clone, Copy)]
pub struct Phases {
    pub connecting: Took,
    pub tls_handshaking: Took,
    pub sending: Took,
    pub waiting: Took,
    pub receiving: Took,
}

/// One thing that a server does wrong, and what a client must find.
pub struct Fault {
    pub name: &'static str,
    pub scheme: Scheme,
    pub door: Door,
    pub act: Arc<Act>,
    pub ask: Ask,
    /// The number of the error; none where the client can do with what it got.
    pub code: Option<u16>,
    /// What the body, or the data of all events, is where there is one.
    pub body: &'static str,
    pub phases: Phases,
    /// The client waits for a moment before each request but the first.
    pub rests: bool,
}

/// A server that takes the connection and then does as told. Unless said
/// otherwise, the client finds an answer, and no phase takes long.
pub fn fault<Doing>(
    name: &'static str,
    act: impl Fn(Caller) -> Doing + Send + Sync + 'static,
) -> Fault
where
    Doing: Future<Output = ()> + Send + 'static,
{
    Fault {
        name,
        scheme: Scheme::Http,
        door: Door::Open,
        act: Arc::new(move |caller| Box::pin(act(caller))),
        ask: Ask::Get,
        code: None,
        body: "",
        phases: Phases {
            connecting: Took::Quick,
            tls_handshaking: Took::Zero,
            sending: Took::Quick,
            waiting: Took::Quick,
            receiving: Took::AtOnce,
        },
        rests: false,
    }
}

/// A server that sends these bytes to whoever asks, and closes the connection.
pub fn answering(name: &'static str, answer: impl Into<Bytes>) -> Fault {
    let answer = answer.into();
    fault(name, move |mut caller| {
        let answer = answer.clone();
        async move {
            caller.request().await;
            caller.write(&answer).await;
            caller.a_moment().await;
        }
    })
}

/// A server that sends these bytes to whoever asks, and nothing more.
pub fn stalling(name: &'static str, answer: impl Into<Bytes>) -> Fault {
    let answer = answer.into();
    fault(name, move |mut caller| {
        let answer = answer.clone();
        async move {
            caller.request().await;
            caller.write(&answer).await;
            caller.stall().await;
        }
    })
}

impl Fault {
    pub fn over_tls(mut self) -> Self {
        self.scheme = Scheme::Https;
        self.phases.tls_handshaking = Took::Quick;
        self
    }

    pub fn behind(mut self, door: Door) -> Self {
        self.door = door;
        self
    }

    pub fn asked(mut self, ask: Ask) -> Self {
        self.ask = ask;
        self
    }

    /// The number of the error that the client must find.
    pub fn fails(mut self, code: u16) -> Self {
        self.code = Some(code);
        self
    }

    /// The body that the client must find, though something is wrong.
    pub fn gives(mut self, body: &'static str) -> Self {
        self.body = body;
        self
    }

    /// The client waits for a moment before each request but the first.
    pub fn rests(mut self) -> Self {
        self.rests = true;
        self
    }

    pub fn phases(mut self, change: impl FnOnce(&mut Phases)) -> Self {
        change(&mut self.phases);
        self
    }

    /// No byte of the answer comes.
    pub fn before_the_answer(self) -> Self {
        self.phases(|phases| phases.receiving = Took::Nothing)
    }

    /// No byte of the request is written.
    pub fn before_the_request(self) -> Self {
        self.phases(|phases| {
            phases.sending = Took::Nothing;
            phases.waiting = Took::Nothing;
            phases.receiving = Took::Nothing;
        })
    }

    /// Whether the client's patience ends it.
    pub fn takes_patience(&self) -> bool {
        self.stalls_connecting() || self.stalls_later()
    }

    fn stalls_connecting(&self) -> bool {
        let phases = &self.phases;
        [phases.connecting, phases.tls_handshaking].contains(&Took::Patience)
    }

    fn stalls_later(&self) -> bool {
        let phases = &self.phases;
        [phases.sending, phases.waiting, phases.receiving].contains(&Took::Patience)
    }

    /// What the client is set to.
    pub fn settings(&self) -> Settings {
        let mut settings = Settings::default();
        settings.tls.extra_roots = vec![certificates::root()];
        settings.body_limit = BODY_LIMIT;
        settings.protocol = match self.scheme {
            Scheme::Http | Scheme::Https => Protocol::Negotiated,
            Scheme::Http2 => Protocol::Http2,
        };
        if self.stalls_connecting() {
            settings.connect_timeout = PATIENCE;
        }
        settings
    }

    /// How many requests the client sends to meet it.
    pub fn requests(&self) -> usize {
        match self.ask {
            Ask::Again | Ask::PostAgain => 2,
            // Up to ten redirects are followed.
            Ask::GetAround => 11,
            Ask::Get | Ask::Discard | Ask::Head | Ask::Upload | Ask::Events => 1,
        }
    }

    /// What the client sends.
    pub fn request(&self, url: &str) -> Request {
        let method = match self.ask {
            Ask::Get | Ask::GetAround | Ask::Discard | Ask::Events | Ask::Again => "GET",
            Ask::Head => "HEAD",
            Ask::Upload | Ask::PostAgain => "POST",
        };
        let mut request = Request::new(method, url).unwrap();
        request.set_discard_body(self.ask == Ask::Discard);
        if self.ask == Ask::Upload {
            request.set_body(Bytes::from_static(&[b'u'; 16 << 20]));
        }
        request.set_timeout(if self.stalls_later() { PATIENCE } else { SOON });
        request
    }

    /// What the client sends afterwards.
    pub fn next_request(&self, server: &FaultServer) -> Request {
        let mut request = Request::new("GET", &server.url("/next")).unwrap();
        request.set_timeout(SOON);
        request
    }

    /// Everything that is not as it must be.
    pub fn differences(&self, exchange: &Exchange) -> Vec<String> {
        let mut differences = Vec::new();
        let code = exchange.code().map(|code| code.0);
        if code != self.code {
            differences.push(format!("code {code:?}, not {:?}", self.code));
        }
        if let (Ok(response), false) = (&exchange.outcome, self.ask == Ask::Events)
            && response.body() != self.body
        {
            differences.push(format!("body {:?}, not {:?}", response.body(), self.body));
        }
        if let Err(error) = &exchange.outcome
            && !error.to_string().contains("localhost:")
        {
            differences.push(format!("the error does not say to whom: {error}"));
        }
        let Timings {
            connecting,
            tls_handshaking,
            sending,
            waiting,
            receiving,
            ..
        } = exchange.timings;
        for (phase, took, found) in [
            ("connecting", self.phases.connecting, connecting),
            ("tls", self.phases.tls_handshaking, tls_handshaking),
            ("sending", self.phases.sending, sending),
            ("waiting", self.phases.waiting, waiting),
            ("receiving", self.phases.receiving, receiving),
        ] {
            if !took.is(found) {
                differences.push(format!("{phase} {found:?}, not {took:?}"));
            }
        }
        let sent = exchange.bytes_sent > 0;
        if sent == (self.phases.sending == Took::Nothing) {
            differences.push(format!("{} bytes sent", exchange.bytes_sent));
        }
        let received = exchange.bytes_received > 0;
        // Of HTTP/2 there are frames that are no part of an answer.
        let tells = self.scheme != Scheme::Http2 || self.phases.receiving != Took::Nothing;
        if tells && received == (self.phases.receiving == Took::Nothing) {
            differences.push(format!("{} bytes received", exchange.bytes_received));
        }
        differences
    }
}

impl Took {
    fn is(self, found: Option<Duration>) -> bool {
        match self {
            Self::Nothing => found.is_none(),
            Self::Zero => found == Some(Duration::ZERO),
            Self::Quick => found.is_some_and(|found| !found.is_zero() && found < QUICK),
            Self::AtOnce => found.is_some_and(|found| found < QUICK),
            // What came before was of the same patience.
            Self::Patience => found.is_some_and(|found| found >= QUICK && found < PATIENCE + QUICK),
        }
    }
}
