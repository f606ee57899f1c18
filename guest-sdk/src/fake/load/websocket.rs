//! The contract's `websocket`, played as the test told.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use super::super::session::{Opens, Session};
use super::super::{OpenedSession, world};
use super::config::Secret;
use super::http::basic_auth;
use crate::flow::nanoseconds;
use crate::websocket;

#[allow(
    dead_code,
    reason = "the cases are the contract's; the fake makes a few of them"
)]
#[derive(Debug)]
pub(crate) enum Error {
    Invalid(String),
    NotAllowed(String),
    NameLookup(String),
    ConnectionRefused(String),
    Connect(String),
    Tls(String),
    Timeout(String),
    ConnectionLost(String),
    MalformedResponse(String),
    Refused(Refusal),
    Protocol(String),
    MessageTooLarge(String),
    Closed,
    Other(String),
}

#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) text: String,
}

pub(crate) struct Closing {
    pub(crate) code: u16,
    pub(crate) reason: String,
}

pub(crate) enum Message {
    Text(String),
    Binary(Vec<u8>),
    Pong(u64),
    Closed(Closing),
}

pub(crate) struct Handshake(RefCell<OpenedSession>);

impl Handshake {
    pub(crate) fn new(url: &str) -> Self {
        Self(RefCell::new(OpenedSession {
            url: url.to_owned(),
            headers: Vec::new(),
            subprotocols: Vec::new(),
            tags: Vec::new(),
            group: String::new(),
            timeout: None,
            sent: Vec::new(),
            pings: 0,
            closed: None,
        }))
    }

    pub(crate) fn set_header(&self, name: &str, value: &str) {
        let name = name.to_ascii_lowercase();
        self.0
            .borrow_mut()
            .headers
            .retain(|(known, _)| *known != name);
        self.append_header(&name, value);
    }

    pub(crate) fn append_header(&self, name: &str, value: &str) {
        let header = (name.to_ascii_lowercase(), value.to_owned());
        self.0.borrow_mut().headers.push(header);
    }

    pub(crate) fn set_secret_header(&self, name: &str, prefix: &str, secret: &Secret) {
        self.set_header(name, &format!("{prefix}{}", secret.0));
    }

    pub(crate) fn set_basic_auth(&self, user: &str, password: &str) {
        self.set_header("authorization", &basic_auth(user, password));
    }

    pub(crate) fn set_secret_basic_auth(&self, user: &str, password: &Secret) {
        self.set_basic_auth(user, &password.0);
    }

    pub(crate) fn offer_subprotocol(&self, name: &str) {
        self.0.borrow_mut().subprotocols.push(name.to_owned());
    }

    pub(crate) fn set_tag(&self, tag: (&str, &str)) {
        let tag = (tag.0.to_owned(), tag.1.to_owned());
        self.0.borrow_mut().tags.push(tag);
    }

    pub(crate) fn set_timeout(&self, timeout: u64) {
        self.0.borrow_mut().timeout = Some(Duration::from_nanos(timeout));
    }

    pub(crate) fn open(&self) -> Result<Socket, Error> {
        let mut opened = self.0.borrow().clone();
        let url = opened.url.clone();
        if !url.starts_with("ws://") && !url.starts_with("wss://") {
            return Err(Error::Invalid(format!("{url} is no ws URL")));
        }
        let offered = opened.subprotocols.clone();
        world::with(|world| {
            opened.group = world.group_path();
            opened.tags.splice(0..0, world.tags.iter().cloned());
        });
        let (session, index) = world::open(opened);
        if let Opens::Refused(status) = session.opens {
            return Err(Error::Refused(Refusal {
                status,
                headers: session.headers.clone(),
                body: Vec::new(),
                text: format!("{url}: no session was opened: the answer is {status}"),
            }));
        }
        let taken = Some(session.subprotocol.clone()).filter(|name| offered.contains(name));
        Ok(Socket {
            subprotocol: taken.unwrap_or_default(),
            due: RefCell::new(session.says.clone().into()),
            session,
            index,
            state: Cell::new(State::Open),
            has_sent: Cell::new(false),
            was_answered: Cell::new(false),
        })
    }
}

pub(crate) struct Socket {
    session: Rc<Session>,
    subprotocol: String,
    /// Its place in the report.
    index: usize,
    due: RefCell<VecDeque<websocket::Message>>,
    state: Cell<State>,
    has_sent: Cell<bool>,
    was_answered: Cell<bool>,
}

/// How far a session has come.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Open,
    /// The scenario has closed it; what is due can still be read.
    Closing,
    /// Its end was told.
    Over,
}

impl Socket {
    pub(crate) fn subprotocol(&self) -> String {
        self.subprotocol.clone()
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let mut headers = self.session.headers.iter();
        let header = headers.find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(header.1.clone())
    }

    pub(crate) fn send_text(&self, text: &str) -> Result<(), Error> {
        self.send(websocket::Message::from(text))
    }

    pub(crate) fn send_binary(&self, bytes: &[u8]) -> Result<(), Error> {
        self.send(websocket::Message::Binary(bytes.to_vec()))
    }

    pub(crate) fn ping(&self) -> Result<(), Error> {
        self.must_be_open()?;
        world::with(|world| world.report.sessions[self.index].pings += 1);
        let pong = websocket::Message::Pong(self.session.after);
        self.due.borrow_mut().push_back(pong);
        Ok(())
    }

    pub(crate) fn next(&self, timeout: Option<u64>) -> Result<Option<Message>, Error> {
        if self.state.get() == State::Over {
            return Err(Error::Closed);
        }
        let Some(message) = self.due.borrow_mut().pop_front() else {
            return match timeout {
                _ if self.session.cut => {
                    self.state.set(State::Over);
                    let text = "the connection was closed without a word".to_owned();
                    Err(Error::ConnectionLost(text))
                }
                Some(_) => Ok(None),
                None => Err(Error::Timeout("nothing more was said".to_owned())),
            };
        };
        Ok(Some(match message {
            websocket::Message::Text(text) => {
                self.was_answered.set(self.has_sent.get());
                Message::Text(text)
            }
            websocket::Message::Binary(bytes) => {
                self.was_answered.set(self.has_sent.get());
                Message::Binary(bytes)
            }
            websocket::Message::Pong(round_trip) => Message::Pong(nanoseconds(round_trip)),
            websocket::Message::Closed(closing) => {
                self.state.set(State::Over);
                Message::Closed(Closing {
                    code: closing.code,
                    reason: closing.reason,
                })
            }
        }))
    }

    pub(crate) fn answered_after(&self) -> Option<u64> {
        self.was_answered
            .get()
            .then(|| nanoseconds(self.session.after))
    }

    pub(crate) fn close(&self, code: u16, reason: &str) -> Result<(), Error> {
        self.must_be_open()?;
        if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) || reason.len() > 123 {
            return Err(Error::Invalid(format!(
                "no client may close with {code} and this reason"
            )));
        }
        let reason = reason.to_owned();
        world::with(|world| {
            world.report.sessions[self.index].closed = Some((code, reason.clone()));
        });
        self.state.set(State::Closing);
        let closing = websocket::Closing { code, reason };
        let mut due = self.due.borrow_mut();
        due.push_back(websocket::Message::Closed(closing));
        Ok(())
    }

    fn send(&self, message: websocket::Message) -> Result<(), Error> {
        self.must_be_open()?;
        self.has_sent.set(true);
        self.was_answered.set(false);
        world::with(|world| {
            let session = &mut world.report.sessions[self.index];
            session.sent.push(message.clone());
        });
        // The function of the test may use the host itself: no borrow is held.
        if let Some(answer) = &self.session.answers {
            let answers = answer(&message);
            self.due.borrow_mut().extend(answers);
        }
        Ok(())
    }

    fn must_be_open(&self) -> Result<(), Error> {
        let is_open = self.state.get() == State::Open;
        if is_open { Ok(()) } else { Err(Error::Closed) }
    }
}
