//! The contract's `http`, answered by what the test told.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use super::super::{Reply, SentRequest, redirect, world};
use super::config::Secret;

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

pub(crate) struct FormPart<'a> {
    pub(crate) name: &'a str,
    pub(crate) file_name: Option<&'a str>,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) content: &'a [u8],
}

pub(crate) struct Request {
    sent: RefCell<SentRequest>,
    cookies: RefCell<Vec<(String, String)>>,
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
            sent: RefCell::new(sent),
            cookies: RefCell::default(),
            max_redirects: Cell::new(MAX_REDIRECTS),
        }
    }

    pub(crate) fn set_header(&self, name: &str, value: &str) {
        let name = name.to_ascii_lowercase();
        self.sent
            .borrow_mut()
            .headers
            .retain(|(known, _)| *known != name);
        self.append_header(&name, value);
    }

    pub(crate) fn append_header(&self, name: &str, value: &str) {
        let header = (name.to_ascii_lowercase(), value.to_owned());
        self.sent.borrow_mut().headers.push(header);
    }

    pub(crate) fn set_secret_header(&self, name: &str, prefix: &str, secret: &Secret) {
        self.set_header(name, &format!("{prefix}{}", secret.0));
    }

    pub(crate) fn set_text(&self, body: &str) {
        self.set_body(body.as_bytes());
    }

    pub(crate) fn set_body(&self, body: &[u8]) {
        self.sent.borrow_mut().body = body.to_vec();
    }

    pub(crate) fn set_tag(&self, tag: (&str, &str)) {
        self.sent
            .borrow_mut()
            .tags
            .push((tag.0.to_owned(), tag.1.to_owned()));
    }

    pub(crate) fn set_timeout(&self, timeout: u64) {
        self.sent.borrow_mut().timeout = Some(Duration::from_nanos(timeout));
    }

    pub(crate) fn set_expected_statuses(&self, _expected: &[StatusRange]) {
        self.sent.borrow_mut().judged = true;
    }

    pub(crate) fn set_unjudged(&self) {
        self.sent.borrow_mut().judged = false;
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
        let credentials = base64(format!("{user}:{password}").as_bytes());
        self.set_header("authorization", &format!("Basic {credentials}"));
    }

    pub(crate) fn set_secret_basic_auth(&self, user: &str, password: &Secret) {
        self.set_basic_auth(user, &password.0);
    }

    pub(crate) fn set_digest_auth(&self, user: &str, password: &str) {
        let credentials = (user.to_owned(), password.to_owned());
        self.sent.borrow_mut().digest_auth = Some(credentials);
    }

    pub(crate) fn set_secret_digest_auth(&self, user: &str, password: &Secret) {
        self.set_digest_auth(user, &password.0);
    }

    pub(crate) fn set_cookie(&self, name: &str, value: &str) {
        let mut cookies = self.cookies.borrow_mut();
        cookies.retain(|(known, _)| known != name);
        cookies.push((name.to_owned(), value.to_owned()));
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
        let mut sent = self.sent.borrow().clone();
        sent.body.clear();
        Ok(Upload {
            request: Self {
                sent: RefCell::new(sent),
                cookies: RefCell::new(self.cookies.borrow().clone()),
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
        let mut sent = self.sent.borrow().clone();
        let mut own_cookies = self.cookies.borrow().clone();
        let mut redirects_left = self.max_redirects.get();
        sent.opened = opened;
        world::with(|world| {
            sent.group = world.group_path();
            sent.tags.splice(0..0, world.tags.iter().cloned());
        });
        loop {
            if !sent.url.starts_with("http://") && !sent.url.starts_with("https://") {
                return Err(Error::InvalidRequest(format!(
                    "{} is no http URL",
                    sent.url
                )));
            }
            let mut on_the_wire = sent.clone();
            world::with(|world| world.cookies.fill(&mut on_the_wire, &own_cookies));
            let reply = world::answer(on_the_wire);
            if !reply.reachable {
                return Err(Error::ConnectionRefused(format!(
                    "nobody listens at {}",
                    sent.url
                )));
            }
            world::with(|world| world.cookies.keep(&sent.url, &reply.headers));
            if redirects_left > 0
                && let Some(next) = redirect::follow(&sent, &reply)
            {
                redirects_left -= 1;
                if redirect::host(&next.url) != redirect::host(&sent.url) {
                    own_cookies.clear();
                }
                sent = next;
                continue;
            }
            return Ok(Response {
                url: sent.url,
                reply,
                body: Cell::new(if opened { Body::Due } else { Body::Received }),
            });
        }
    }
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
        let mut sent = self.request.sent.borrow_mut();
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
        let written = self.request.sent.borrow().body.len() as u64;
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
