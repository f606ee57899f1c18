//! The contract's `http`, answered by what the test told.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use super::super::redirect::{self, Call};
use super::super::{Reply, SentRequest, world};
use super::config::Secret;
use crate::http::ErrorKind;

/// The plan's default.
const MAX_REDIRECTS: u32 = 10;

/// The real host makes one for each body.
const BOUNDARY: &str = "vuelo-boundary";

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

pub(crate) struct FormPart<'a> {
    pub(crate) name: &'a str,
    pub(crate) file_name: Option<&'a str>,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) content: &'a [u8],
}

impl Error {
    /// What a test told in place of an answer.
    fn told(kind: ErrorKind, url: &str) -> Self {
        let text = match kind {
            ErrorKind::ConnectionRefused => format!("nobody listens at {url}"),
            _ => format!("{url}: the fake host was told to fail: {kind:?}"),
        };
        match kind {
            ErrorKind::InvalidRequest => Self::InvalidRequest(text),
            ErrorKind::NotAllowed => Self::NotAllowed(text),
            ErrorKind::NameLookup => Self::NameLookup(text),
            ErrorKind::ConnectionRefused => Self::ConnectionRefused(text),
            ErrorKind::Connect => Self::Connect(text),
            ErrorKind::Tls => Self::Tls(text),
            ErrorKind::Timeout => Self::Timeout(text),
            ErrorKind::ConnectionLost => Self::ConnectionLost(text),
            ErrorKind::MalformedResponse => Self::MalformedResponse(text),
            ErrorKind::BodyTooLarge => Self::BodyTooLarge(text),
            ErrorKind::WrongContent => Self::WrongContent(text),
            ErrorKind::Closed => Self::Closed,
            ErrorKind::BadEncoding => Self::BadEncoding(text),
            ErrorKind::Protocol => Self::Protocol(text),
            ErrorKind::Other => Self::Other(text),
        }
    }
}

pub(crate) struct Request {
    call: RefCell<Call>,
    max_redirects: Cell<u32>,
}

impl Request {
    pub(crate) fn new(method: &str, url: &str) -> Self {
        let sent = SentRequest {
            method: method.to_owned(),
            url: url.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            tags: Vec::new(),
            group: String::new(),
            timeout: None,
            judged: true,
            opened: false,
            digest_auth: None,
        };
        Self {
            call: RefCell::new(Call {
                sent,
                secrets: Vec::new(),
                cookies: Vec::new(),
            }),
            max_redirects: Cell::new(MAX_REDIRECTS),
        }
    }

    fn change(&self, change: impl FnOnce(&mut SentRequest)) {
        change(&mut self.call.borrow_mut().sent);
    }

    pub(crate) fn set_header(&self, name: &str, value: &str) {
        let name = name.to_ascii_lowercase();
        let mut call = self.call.borrow_mut();
        call.sent.headers.retain(|(known, _)| *known != name);
        call.secrets.retain(|known| *known != name);
        call.sent.headers.push((name, value.to_owned()));
    }

    /// Sets a header that follows no redirect to another server.
    fn set_sensitive_header(&self, name: &str, value: &str) {
        self.set_header(name, value);
        let mut call = self.call.borrow_mut();
        call.secrets.push(name.to_ascii_lowercase());
    }

    pub(crate) fn append_header(&self, name: &str, value: &str) {
        let header = (name.to_ascii_lowercase(), value.to_owned());
        self.change(|sent| sent.headers.push(header));
    }

    pub(crate) fn set_secret_header(&self, name: &str, prefix: &str, secret: &Secret) {
        self.set_sensitive_header(name, &format!("{prefix}{}", secret.0));
    }

    pub(crate) fn set_text(&self, body: &str) {
        self.set_body(body.as_bytes());
    }

    pub(crate) fn set_body(&self, body: &[u8]) {
        self.change(|sent| sent.body = body.to_vec());
    }

    pub(crate) fn set_tag(&self, tag: (&str, &str)) {
        let tag = (tag.0.to_owned(), tag.1.to_owned());
        self.change(|sent| sent.tags.push(tag));
    }

    pub(crate) fn set_timeout(&self, timeout: u64) {
        self.change(|sent| sent.timeout = Some(Duration::from_nanos(timeout)));
    }

    pub(crate) fn set_expected_statuses(&self, _expected: &[StatusRange]) {
        self.change(|sent| sent.judged = true);
    }

    pub(crate) fn set_unjudged(&self) {
        self.change(|sent| sent.judged = false);
    }

    #[allow(clippy::unused_self)]
    pub(crate) fn set_discard_body(&self, _discard: bool) {}

    pub(crate) fn set_form(&self, fields: &[(&str, &str)]) {
        let body: Vec<String> = fields
            .iter()
            .map(|(name, value)| [&*form_encoded(name), "=", &*form_encoded(value)].concat())
            .collect();
        self.set_header("content-type", "application/x-www-form-urlencoded");
        self.set_text(&body.join("&"));
    }

    pub(crate) fn set_multipart(&self, parts: &[FormPart<'_>]) {
        let mut body = Vec::new();
        for part in parts {
            let name = format!(
                "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{}\"",
                part.name
            );
            body.extend_from_slice(name.as_bytes());
            if let Some(file_name) = part.file_name {
                body.extend_from_slice(format!("; filename=\"{file_name}\"").as_bytes());
            }
            let default = part.file_name.map(|_| "application/octet-stream");
            if let Some(content_type) = part.content_type.or(default) {
                body.extend_from_slice(format!("\r\ncontent-type: {content_type}").as_bytes());
            }
            body.extend_from_slice(b"\r\n\r\n");
            body.extend_from_slice(part.content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
        self.set_header("content-type", &content_type);
        self.set_body(&body);
    }

    pub(crate) fn set_basic_auth(&self, user: &str, password: &str) {
        self.set_sensitive_header("authorization", &basic_auth(user, password));
    }

    pub(crate) fn set_secret_basic_auth(&self, user: &str, password: &Secret) {
        self.set_basic_auth(user, &password.0);
    }

    pub(crate) fn set_digest_auth(&self, user: &str, password: &str) {
        let credentials = (user.to_owned(), password.to_owned());
        self.change(|sent| sent.digest_auth = Some(credentials));
    }

    pub(crate) fn set_secret_digest_auth(&self, user: &str, password: &Secret) {
        self.set_digest_auth(user, &password.0);
    }

    pub(crate) fn set_cookie(&self, name: &str, value: &str) {
        let mut call = self.call.borrow_mut();
        call.cookies.retain(|(known, _)| known != name);
        call.cookies.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn set_max_redirects(&self, redirects: u32) {
        self.max_redirects.set(redirects);
    }

    pub(crate) fn set_expect_continue(&self) {
        self.set_header("expect", "100-continue");
    }

    #[allow(clippy::unused_self)]
    pub(crate) fn set_head_timeout(&self, _timeout: u64) {}

    #[allow(clippy::unused_self)]
    pub(crate) fn set_idle_timeout(&self, _timeout: u64) {}

    pub(crate) fn upload(&self, length: Option<u64>) -> Result<Upload, Error> {
        let mut call = self.call.borrow().clone();
        call.sent.body.clear();
        Ok(Upload {
            request: Self {
                call: RefCell::new(call),
                max_redirects: Cell::new(self.max_redirects.get()),
            },
            length,
            over: Cell::new(false),
        })
    }

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
        let mut call = self.call.borrow().clone();
        let mut redirects_left = self.max_redirects.get();
        call.sent.opened = opened;
        world::with(|world| {
            call.sent.group = world.group_path();
            call.sent.tags.splice(0..0, world.tags.iter().cloned());
        });
        let first = call.sent.clone();
        if !is_http(&first.url) {
            return Err(Error::InvalidRequest(format!(
                "{} is no http URL",
                first.url
            )));
        }
        loop {
            let mut on_the_wire = call.sent.clone();
            world::with(|world| world.cookies.fill(&mut on_the_wire, &call.cookies));
            let reply = world::answer(on_the_wire);
            if let Some(kind) = reply.failure {
                return Err(Error::told(kind, &call.sent.url));
            }
            world::with(|world| world.cookies.keep(&call.sent.url, &reply.headers));
            if redirects_left > 0
                && let Some(next) = call.follow(&reply, &first)
            {
                if !is_http(&next.sent.url) {
                    return Err(Error::MalformedResponse(format!(
                        "{} redirects to `{}`, which is no http or https URL",
                        call.sent.url, next.sent.url
                    )));
                }
                redirects_left -= 1;
                call = next;
                continue;
            }
            return Ok(Response {
                url: call.sent.url,
                reply,
                body: Cell::new(if opened { Body::Due } else { Body::Received }),
            });
        }
    }
}

fn is_http(url: &str) -> bool {
    url.starts_with("http://") || url.starts_with("https://")
}

/// What a request says that authenticates by user and password.
pub(super) fn basic_auth(user: &str, password: &str) -> String {
    format!("Basic {}", base64(format!("{user}:{password}").as_bytes()))
}

/// What the real host sends: anything but letters, digits and `*-._` in hexadecimal.
fn form_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            b'*' | b'-' | b'.' | b'_' => encoded.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut three = [0; 3];
        three[..chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        for digit in 0..4 {
            text.push(if digit <= chunk.len() {
                char::from(DIGITS[(bits >> (18 - 6 * digit)) as usize & 63])
            } else {
                '='
            });
        }
    }
    text
}

pub(crate) struct Upload {
    request: Request,
    length: Option<u64>,
    over: Cell<bool>,
}

impl Upload {
    pub(crate) fn write(&self, piece: &[u8]) -> Result<(), Error> {
        if self.over.get() {
            return Err(Error::Closed);
        }
        let sent = &mut self.request.call.borrow_mut().sent;
        let written = (sent.body.len() + piece.len()) as u64;
        if let Some(length) = self.length
            && written > length
        {
            return Err(Error::InvalidRequest(format!(
                "the request was not sent: {length} bytes of body were announced, and {written} \
                 were written"
            )));
        }
        sent.body.extend_from_slice(piece);
        Ok(())
    }

    pub(crate) fn finish(&self) -> Result<Response, Error> {
        self.end()?;
        self.request.send()
    }

    pub(crate) fn open(&self) -> Result<Response, Error> {
        self.end()?;
        self.request.open()
    }

    fn end(&self) -> Result<(), Error> {
        if self.over.replace(true) {
            return Err(Error::Closed);
        }
        let written = self.request.call.borrow().sent.body.len() as u64;
        match self.length {
            Some(length) if written < length => Err(Error::Other(format!(
                "{length} bytes of body were announced, and {written} were written"
            ))),
            _ => Ok(()),
        }
    }
}

pub(crate) fn set_cookie(url: &str, cookie: &str) -> Result<(), Error> {
    let header = [("set-cookie".to_owned(), cookie.to_owned())];
    if redirect::host(url).is_none() || !cookie.contains('=') {
        return Err(Error::InvalidRequest(
            "the request was not sent: this is no cookie, or no URL to keep it for".to_owned(),
        ));
    }
    world::with(|world| world.cookies.keep(url, &header));
    Ok(())
}

pub(crate) fn cookies(url: &str) -> Vec<(String, String)> {
    world::with(|world| world.cookies.of(url))
}

pub(crate) fn delete_cookie(url: &str, name: &str) {
    world::with(|world| world.cookies.forget(url, Some(name)));
}

pub(crate) fn clear_cookies(url: &str) {
    world::with(|world| world.cookies.forget(url, None));
}

fn lost() -> Error {
    Error::ConnectionLost("the connection was closed before the answer was complete".to_owned())
}

pub(crate) fn send_all(requests: &[&Request]) -> Vec<Result<Response, Error>> {
    requests.iter().map(|request| request.send()).collect()
}

pub(crate) struct Response {
    url: String,
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

    pub(crate) fn url(&self) -> String {
        self.url.clone()
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
            Ok(self.reply.written().concat())
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
            pieces: self.reply.written(),
            reply: Rc::clone(&self.reply),
            next: Cell::new(0),
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
            Some(event) => Ok(Some(Event {
                kind: event.kind.clone(),
                data: event.data.clone(),
                id: self.reply.id_at(index as usize).to_owned(),
                elapsed: crate::flow::nanoseconds(self.reply.after * (index + 1)),
            })),
            None if self.reply.cut => Err(lost()),
            None => Ok(None),
        }
    }

    pub(crate) fn retry(&self) -> Option<u64> {
        self.reply.retry.map(crate::flow::nanoseconds)
    }
}

pub(crate) struct BodyStream {
    reply: Rc<Reply>,
    pieces: Vec<Vec<u8>>,
    next: Cell<u32>,
}

impl BodyStream {
    pub(crate) fn next(&self) -> Result<Option<Vec<u8>>, Error> {
        let index = self.next.get();
        match self.pieces.get(index as usize) {
            Some(piece) => {
                self.next.set(index + 1);
                Ok(Some(piece.clone()))
            }
            None if self.reply.cut => Err(lost()),
            None => Ok(None),
        }
    }

    pub(crate) fn elapsed(&self) -> Option<u64> {
        let handed_over = self.next.get();
        let elapsed = crate::flow::nanoseconds(self.reply.after * handed_over);
        (handed_over > 0).then_some(elapsed)
    }
}
