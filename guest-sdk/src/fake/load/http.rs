//! The contract's `http`, answered by what the test told.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use super::super::{Reply, SentRequest, world};
use super::config::Secret;

#[allow(
    dead_code,
    reason = "the cases are the contract's; the fake makes a few of them"
)]
#[derive(Debug)]
pub(crate) enum Error {
    InvalidRequest(String),
    NotAllowed(String),
    NameLookup(String),
    ConnectionRefused(String),
    Connect(String),
    Tls(String),
    Timeout(String),
    ConnectionLost(String),
    MalformedResponse(String),
    BodyTooLarge(String),
    WrongContent(String),
    Closed,
    TooManyRedirects(String),
    BadEncoding(String),
    Protocol(String),
    Other(String),
}

#[allow(dead_code, reason = "the fake judges no status")]
pub(crate) struct StatusRange {
    pub(crate) lowest: u16,
    pub(crate) highest: u16,
}

pub(crate) struct Timings {
    pub(crate) blocked: Option<u64>,
    pub(crate) looking_up: Option<u64>,
    pub(crate) connecting: Option<u64>,
    pub(crate) tls_handshaking: Option<u64>,
    pub(crate) sending: Option<u64>,
    pub(crate) waiting: Option<u64>,
    pub(crate) receiving: Option<u64>,
    pub(crate) duration: Option<u64>,
}

pub(crate) struct Event {
    pub(crate) kind: String,
    pub(crate) data: String,
    pub(crate) id: String,
    pub(crate) elapsed: u64,
}

pub(crate) struct Request(RefCell<SentRequest>);

impl Request {
    pub(crate) fn new(method: &str, url: &str) -> Self {
        Self(RefCell::new(SentRequest {
            method: method.to_owned(),
            url: url.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            tags: Vec::new(),
            group: String::new(),
            timeout: None,
            judged: true,
            opened: false,
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

    pub(crate) fn set_text(&self, body: &str) {
        self.set_body(body.as_bytes());
    }

    pub(crate) fn set_body(&self, body: &[u8]) {
        self.0.borrow_mut().body = body.to_vec();
    }

    pub(crate) fn set_tag(&self, tag: (&str, &str)) {
        self.0
            .borrow_mut()
            .tags
            .push((tag.0.to_owned(), tag.1.to_owned()));
    }

    pub(crate) fn set_timeout(&self, timeout: u64) {
        self.0.borrow_mut().timeout = Some(Duration::from_nanos(timeout));
    }

    pub(crate) fn set_expected_statuses(&self, _expected: &[StatusRange]) {
        self.0.borrow_mut().judged = true;
    }

    pub(crate) fn set_unjudged(&self) {
        self.0.borrow_mut().judged = false;
    }

    #[allow(clippy::unused_self)]
    pub(crate) fn set_discard_body(&self, _discard: bool) {}

    pub(crate) fn send(&self) -> Result<Response, Error> {
        let response = self.exchange(false)?;
        if response.reply.cut {
            Err(lost())
        } else {
            Ok(response)
        }
    }

    pub(crate) fn open(&self) -> Result<Response, Error> {
        self.exchange(true)
    }

    fn exchange(&self, opened: bool) -> Result<Response, Error> {
        let mut sent = self.0.borrow().clone();
        if !sent.url.starts_with("http://") && !sent.url.starts_with("https://") {
            return Err(Error::InvalidRequest(format!(
                "{} is no http URL",
                sent.url
            )));
        }
        sent.opened = opened;
        world::with(|world| {
            sent.group = world.group_path();
            sent.tags.splice(0..0, world.tags.iter().cloned());
        });
        let url = sent.url.clone();
        let reply = world::answer(sent);
        if reply.reachable {
            Ok(Response {
                reply,
                body: Cell::new(if opened { Body::Due } else { Body::Received }),
            })
        } else {
            Err(Error::ConnectionRefused(format!("nobody listens at {url}")))
        }
    }
}

fn lost() -> Error {
    Error::ConnectionLost("the connection was closed before the answer was complete".to_owned())
}

pub(crate) fn send_all(requests: &[&Request]) -> Vec<Result<Response, Error>> {
    requests.iter().map(|request| request.send()).collect()
}

pub(crate) struct Response {
    reply: Rc<Reply>,
    body: Cell<Body>,
}

/// Where the body of an answer is.
#[derive(Clone, Copy, PartialEq)]
enum Body {
    /// Not asked for yet.
    Due,
    /// Here, whole.
    Received,
    /// In the hands of a stream.
    Taken,
}

impl Response {
    pub(crate) fn status(&self) -> u16 {
        self.reply.status
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.reply.header_value(name).map(str::to_owned)
    }

    pub(crate) fn headers(&self) -> Vec<(String, String)> {
        self.reply.headers.clone()
    }

    #[allow(clippy::unused_self)]
    pub(crate) fn protocol(&self) -> String {
        "HTTP/1.1".to_owned()
    }

    pub(crate) fn body(&self) -> Result<Vec<u8>, Error> {
        match self.body.get() {
            Body::Taken => return Err(Error::Closed),
            Body::Due | Body::Received => self.body.set(Body::Received),
        }
        if self.reply.cut {
            Err(lost())
        } else {
            Ok(self.reply.whole_body())
        }
    }

    pub(crate) fn text(&self) -> Result<String, Error> {
        String::from_utf8(self.body()?)
            .map_err(|_| Error::WrongContent("the body is not UTF-8".to_owned()))
    }

    pub(crate) fn duration(&self) -> Option<u64> {
        self.timings().duration
    }

    pub(crate) fn timings(&self) -> Timings {
        let duration = crate::flow::nanoseconds(self.reply.after);
        Timings {
            blocked: Some(0),
            looking_up: Some(0),
            connecting: Some(0),
            tls_handshaking: Some(0),
            sending: Some(0),
            waiting: Some(duration),
            receiving: Some(0),
            duration: Some(duration),
        }
    }

    pub(crate) fn events(&self) -> Result<EventStream, Error> {
        let kind = self.reply.header_value("content-type").unwrap_or_default();
        if !kind.starts_with("text/event-stream") {
            return Err(Error::WrongContent(format!("`{kind}` is no event stream")));
        }
        self.take()?;
        Ok(EventStream {
            reply: Rc::clone(&self.reply),
            next: Cell::new(0),
        })
    }

    pub(crate) fn chunks(&self) -> Result<BodyStream, Error> {
        self.take()?;
        Ok(BodyStream {
            reply: Rc::clone(&self.reply),
            done: Cell::new(false),
        })
    }

    fn take(&self) -> Result<(), Error> {
        if self.body.get() == Body::Due {
            self.body.set(Body::Taken);
            Ok(())
        } else {
            Err(Error::Closed)
        }
    }
}

pub(crate) struct EventStream {
    reply: Rc<Reply>,
    next: Cell<u32>,
}

impl EventStream {
    pub(crate) fn next(&self) -> Result<Option<Event>, Error> {
        let index = self.next.replace(self.next.get() + 1);
        match self.reply.events.get(index as usize) {
            Some((kind, data)) => Ok(Some(Event {
                kind: kind.clone(),
                data: data.clone(),
                id: String::new(),
                elapsed: crate::flow::nanoseconds(self.reply.after * (index + 1)),
            })),
            None if self.reply.cut => Err(lost()),
            None => Ok(None),
        }
    }
}

pub(crate) struct BodyStream {
    reply: Rc<Reply>,
    done: Cell<bool>,
}

impl BodyStream {
    pub(crate) fn next(&self) -> Result<Option<Vec<u8>>, Error> {
        let body = self.reply.whole_body();
        if !self.done.replace(true) && !body.is_empty() {
            return Ok(Some(body));
        }
        if self.reply.cut {
            Err(lost())
        } else {
            Ok(None)
        }
    }
}
