use std::rc::Rc;
use std::time::Duration;

use crate::websocket::{Closing, Message};

/// What a session says to each message.
pub(super) type Answering = Rc<dyn Fn(&Message) -> Vec<Message>>;

/// How a [`Host`](super::Host) plays the other side of one WebSocket session.
#[derive(Clone)]
#[must_use]
pub struct Session {
    pub(super) opens: Opens,
    pub(super) subprotocol: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) says: Vec<Message>,
    pub(super) answers: Option<Answering>,
    pub(super) cut: bool,
    pub(super) after: Duration,
}

/// Whether a session opens.
#[derive(Clone, Copy)]
pub(super) enum Opens {
    Yes,
    /// The handshake is answered with another status.
    Refused(u16),
}

/// A session that opens, and says nothing.
pub fn session() -> Session {
    Session {
        opens: Opens::Yes,
        subprotocol: String::new(),
        headers: Vec::new(),
        says: Vec::new(),
        answers: None,
        cut: false,
        after: Duration::from_millis(5),
    }
}

/// No session: the handshake is answered with this status.
pub fn refused(status: u16) -> Session {
    Session {
        opens: Opens::Refused(status),
        ..session()
    }
}

impl Session {
    /// Takes this subprotocol, of those that are offered.
    pub fn takes(mut self, subprotocol: &str) -> Self {
        subprotocol.clone_into(&mut self.subprotocol);
        self
    }

    /// Adds a header to the answer that opens it, or does not.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers
            .push((name.to_ascii_lowercase(), value.to_owned()));
        self
    }

    /// Says this when it is open, after what it was told before.
    pub fn says(mut self, message: impl Into<Message>) -> Self {
        self.says.push(message.into());
        self
    }

    /// Closes the session after what it was told to say.
    pub fn closes(self, code: u16, reason: &str) -> Self {
        let reason = reason.to_owned();
        self.says(Message::Closed(Closing { code, reason }))
    }

    /// Loses the connection after what it was told to say, unless it closed.
    pub fn cut(mut self) -> Self {
        self.cut = true;
        self
    }

    /// Says to each message what the function makes of it.
    pub fn answers(mut self, answer: impl Fn(&Message) -> Vec<Message> + 'static) -> Self {
        self.answers = Some(Rc::new(answer));
        self
    }

    /// Sends back each message.
    pub fn echoes(self) -> Self {
        self.answers(|message| vec![message.clone()])
    }

    /// How long an answer or a pong takes; 5 ms unless set. Nothing is waited
    /// for.
    pub fn after(mut self, duration: Duration) -> Self {
        self.after = duration;
        self
    }
}
