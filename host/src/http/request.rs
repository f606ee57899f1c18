//! A request: parsed once, sent often.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use bytes::Bytes;
use http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_LENGTH, EXPECT, HOST, HeaderMap, HeaderName, HeaderValue,
    PROXY_AUTHORIZATION, TRANSFER_ENCODING, USER_AGENT,
};
use http::{Method, Uri};
use hyper::body::Body;
use percent_encoding::percent_decode_str;
use url::Url;

use super::body::OutgoingBody;
use super::cookies;
use super::digest::Credentials;
use super::engine::{Engine, EngineId};
use super::error::{Error, Mistake};
use super::origin::Origin;
use super::settings::ConnectionLife;

/// k6's default, and the contract's.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// A request: parsed once, sent often.
#[derive(Debug, Clone)]
pub struct Request {
    pub(super) method: Method,
    /// Shared with its answers.
    pub(super) url: Arc<Url>,
    uri: Uri,
    /// What stands in the request line unless a proxy reads it: path and query.
    pub(super) target: Uri,
    origin: Arc<Origin>,
    pub(super) headers: HeaderMap,
    /// Sent in place of cookies of the client that have the same names.
    pub(super) cookies: Vec<(String, String)>,
    pub(super) body: Bytes,
    timeout: Duration,
    connect_timeout: Option<Duration>,
    pub(super) head_timeout: Option<Duration>,
    pub(super) idle_timeout: Option<Duration>,
    pub(super) max_redirects: Option<u32>,
    pub(super) digest: Option<Box<Credentials>>,
    discard_body: bool,
    plain: bool,
    prepared: OnceLock<(EngineId, Prepared)>,
}

/// What an engine sends of a request: made when it is first sent.
#[derive(Debug, Clone)]
struct Prepared {
    /// What stands in the request line.
    target: Uri,
    headers: HeaderMap,
}

impl Request {
    /// A request for an absolute `http` or `https` URL. User and password in it
    /// are sent as basic authentication, the fragment is not sent.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidRequest`] where method or URL are none that can be sent.
    pub fn new(method: &str, url: &str) -> Result<Self, Error> {
        // CONNECT asks for a tunnel, not for an answer with a body.
        let method = Method::from_bytes(method.as_bytes())
            .ok()
            .filter(|method| method != Method::CONNECT)
            .ok_or_else(|| {
                invalid(Mistake::Method {
                    method: method.to_owned(),
                })
            })?;
        let mut parsed = Url::parse(url).map_err(|error| invalid_url(url, &error.to_string()))?;
        let origin = Origin::of(&parsed).map_err(|cause| invalid_url(parsed.as_str(), cause))?;
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(HOST, header_value("host", &origin.authority)?);
        if !parsed.username().is_empty() || parsed.password().is_some() {
            let user: Vec<u8> = percent_decode_str(parsed.username()).collect();
            let password = percent_decode_str(parsed.password().unwrap_or_default());
            let value = basic_auth(&user, &password.collect::<Vec<u8>>());
            let mut credentials = header_value("authorization", &value)?;
            credentials.set_sensitive(true);
            headers.insert(AUTHORIZATION, credentials);
            // Both fail only for URLs without a host.
            let _ = parsed.set_username("");
            let _ = parsed.set_password(None);
        }
        parsed.set_fragment(None);
        let uri = |text: &str| {
            text.parse::<Uri>()
                .map_err(|error| invalid_url(parsed.as_str(), &error.to_string()))
        };
        let target = match parsed.query() {
            Some(query) => uri(&format!("{}?{query}", parsed.path()))?,
            None => uri(parsed.path())?,
        };
        Ok(Self {
            method,
            uri: uri(parsed.as_str())?,
            target,
            url: Arc::new(parsed),
            origin: Arc::new(origin),
            headers,
            cookies: Vec::new(),
            body: Bytes::new(),
            timeout: DEFAULT_TIMEOUT,
            connect_timeout: None,
            head_timeout: None,
            idle_timeout: None,
            max_redirects: None,
            digest: None,
            discard_body: false,
            plain: false,
            prepared: OnceLock::new(),
        })
    }

    /// Sets a header, in place of all earlier ones of that name.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidRequest`] where name or value are none, or the header is
    /// the host's to send: `content-length`, `transfer-encoding`.
    pub fn set_header(&mut self, name: &str, value: &str) -> Result<(), Error> {
        let (name, value) = header(name, value)?;
        self.change().headers.insert(name, value);
        Ok(())
    }

    /// Sets a header whose value nobody may see, in place of all earlier ones of
    /// that name.
    ///
    /// # Errors
    ///
    /// Those of [`set_header`](Self::set_header); the value is in no text.
    pub fn set_sensitive_header(&mut self, name: &str, value: &str) -> Result<(), Error> {
        let (name, mut value) = header(name, value)?;
        value.set_sensitive(true);
        self.change().headers.insert(name, value);
        Ok(())
    }

    /// Adds a header beside earlier ones of that name.
    ///
    /// # Errors
    ///
    /// Those of [`set_header`](Self::set_header).
    pub fn append_header(&mut self, name: &str, value: &str) -> Result<(), Error> {
        let (name, value) = header(name, value)?;
        self.change().headers.append(name, value);
        Ok(())
    }

    /// Authenticates by user and password in plain sight (RFC 7617), in place of
    /// an earlier `authorization`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidRequest`] where the user has a colon.
    pub fn set_basic_auth(&mut self, user: &str, password: &str) -> Result<(), Error> {
        if user.contains(':') {
            return Err(invalid(Mistake::User));
        }
        let value = basic_auth(user.as_bytes(), password.as_bytes());
        self.set_sensitive_header("authorization", &value)
    }

    /// Answers a challenge of the server by user and password (RFC 7616): each
    /// call is then two exchanges. The server's first answer, which asks for it,
    /// is told as [`Waypoint::Challenge`](super::Waypoint::Challenge).
    pub fn set_digest_auth(&mut self, user: &str, password: &str) {
        self.digest = Some(Box::new(Credentials::new(user, password)));
    }

    /// Sends a cookie, in place of one of the client that has the same name.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidRequest`] where name or value are none.
    pub fn set_cookie(&mut self, name: &str, value: &str) -> Result<(), Error> {
        if !cookies::is_pair(name, value) {
            return Err(invalid(Mistake::Cookie {
                cause: "name or value has characters that no cookie may have".to_owned(),
            }));
        }
        self.cookies.retain(|(known, _)| known != name);
        self.cookies.push((name.to_owned(), value.to_owned()));
        Ok(())
    }

    /// Waits for the server's word (`100 Continue`) before the body is sent, for
    /// a second at most. An answer in its place means that the body is not sent.
    /// The same as the header `expect: 100-continue`.
    pub fn set_expect_continue(&mut self) {
        let value = HeaderValue::from_static("100-continue");
        self.change().headers.insert(EXPECT, value);
    }

    /// How many redirects are followed, in place of
    /// [`Settings::max_redirects`](super::Settings::max_redirects); the answer
    /// that redirects once more is then the answer.
    pub fn set_max_redirects(&mut self, redirects: u32) {
        self.max_redirects = Some(redirects);
    }

    /// How long the making of its connection may take, where one is made for it, in
    /// place of [`Settings::connect_timeout`](super::Settings::connect_timeout).
    pub fn set_connect_timeout(&mut self, timeout: Duration) {
        self.connect_timeout = Some(timeout);
    }

    /// How long the answer's head may take once the request is written, in place
    /// of [`Settings::head_timeout`](super::Settings::head_timeout).
    pub fn set_head_timeout(&mut self, timeout: Duration) {
        self.head_timeout = Some(timeout);
    }

    /// How long the next piece of the answer's body may take, in place of
    /// [`Settings::idle_timeout`](super::Settings::idle_timeout).
    pub fn set_idle_timeout(&mut self, timeout: Duration) {
        self.idle_timeout = Some(timeout);
    }

    /// Makes of this one exchange and no more: no redirect is followed, no cookie
    /// of the client is sent or kept, and no body decoded. For whoever does this
    /// himself.
    pub fn set_plain(&mut self) {
        self.plain = true;
    }

    /// Sets the body, in place of an earlier one.
    pub fn set_body(&mut self, body: Bytes) {
        self.change().body = body;
    }

    /// How long sending, answer and body may take together; 60 s unless set, and
    /// without a limit where it is [`Duration::MAX`].
    pub fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = timeout;
    }

    /// Drops the answer's body as it arrives.
    pub fn set_discard_body(&mut self, discard: bool) {
        self.discard_body = discard;
    }

    /// Whether another one sends and waits for the same. No two do that authenticate by
    /// digest: each remembers what its server said.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        // Named one by one, so that none is forgotten that comes later.
        let Self {
            method,
            url,
            // Three that the URL says.
            uri: _,
            target: _,
            origin: _,
            headers,
            cookies,
            body,
            timeout,
            connect_timeout,
            head_timeout,
            idle_timeout,
            max_redirects,
            digest,
            discard_body,
            plain,
            // What is made of the others.
            prepared: _,
        } = self;
        *url == other.url
            && *method == other.method
            && is_same_list(headers, &other.headers)
            && *cookies == other.cookies
            && *body == other.body
            && *timeout == other.timeout
            && *connect_timeout == other.connect_timeout
            && *head_timeout == other.head_timeout
            && *idle_timeout == other.idle_timeout
            && *max_redirects == other.max_redirects
            && *discard_body == other.discard_body
            && *plain == other.plain
            && digest.is_none()
            && other.digest.is_none()
    }

    /// Feeds a hash with what is sent: of two that are the same it is the same.
    pub fn hash_what_is_sent(&self, hasher: &mut impl Hasher) {
        self.method.hash(hasher);
        self.url.hash(hasher);
        for (name, value) in &self.headers {
            name.hash(hasher);
            value.as_bytes().hash(hasher);
        }
        self.cookies.hash(hasher);
        self.body.hash(hasher);
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The URL, without user, password and fragment.
    #[must_use]
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// The URL in parts.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// How long sending, answer and body may take together.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Host and port as in the URL.
    #[must_use]
    pub fn authority(&self) -> &Arc<str> {
        &self.origin.authority
    }

    /// The body that is sent.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    pub(super) fn origin(&self) -> &Arc<Origin> {
        &self.origin
    }

    /// How long the making of its connection may take.
    pub(super) fn connect_timeout(&self, engine: &Engine) -> Duration {
        self.connect_timeout
            .unwrap_or(engine.settings().connect_timeout)
    }

    pub(super) fn discards_body(&self) -> bool {
        self.discard_body
    }

    pub(super) fn is_plain(&self) -> bool {
        self.plain
    }

    /// The message to send with this body: all that is shared with the request
    /// costs no copy.
    pub(super) fn message(
        &self,
        engine: &Engine,
        body: OutgoingBody,
    ) -> http::Request<OutgoingBody> {
        let (id, prepared) = self
            .prepared
            .get_or_init(|| (engine.id(), self.prepare(engine)));
        let prepared = if *id == engine.id() {
            prepared.clone()
        } else {
            self.prepare(engine)
        };
        let mut message = http::Request::new(body);
        *message.method_mut() = self.method.clone();
        *message.uri_mut() = prepared.target;
        *message.headers_mut() = prepared.headers;
        // RFC 9110, 8.6: methods that want a body say so when there is none.
        let wants_body = matches!(self.method, Method::POST | Method::PUT | Method::PATCH);
        if wants_body && message.body().is_end_stream() {
            let none = HeaderValue::from_static("0");
            message.headers_mut().insert(CONTENT_LENGTH, none);
        }
        message
    }

    /// Takes over what another request says of how long and how it is received.
    pub(super) fn take_limits_of(&mut self, other: &Self) {
        self.timeout = other.timeout;
        self.connect_timeout = other.connect_timeout;
        self.head_timeout = other.head_timeout;
        self.idle_timeout = other.idle_timeout;
        self.max_redirects = other.max_redirects;
        self.discard_body = other.discard_body;
    }

    fn prepare(&self, engine: &Engine) -> Prepared {
        let mut headers = self.headers.clone();
        if !headers.contains_key(USER_AGENT) {
            headers.insert(USER_AGENT, engine.user_agent().clone());
        }
        if engine.settings().connections == ConnectionLife::Request {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        // RFC 9112, 3.2.2: a proxy must be told whom the request is for.
        let mut target = &self.target;
        if let Some(proxy) = engine.settings().forwarding_proxy_of(&self.origin) {
            target = &self.uri;
            if let Some(authorization) = proxy.authorization() {
                headers.insert(PROXY_AUTHORIZATION, authorization.clone());
            }
        }
        Prepared {
            target: target.clone(),
            headers,
        }
    }

    pub(super) fn change(&mut self) -> &mut Self {
        self.prepared = OnceLock::new();
        self
    }
}

/// Whether two requests send the same headers in the same order, and hide the same.
fn is_same_list(one: &HeaderMap, other: &HeaderMap) -> bool {
    one.len() == other.len()
        && one
            .iter()
            .zip(other)
            .all(|((name, value), (other, others))| {
                name == other && value == others && value.is_sensitive() == others.is_sensitive()
            })
}

fn invalid(mistake: Mistake) -> Error {
    Error::InvalidRequest { mistake }
}

fn invalid_url(url: &str, cause: &str) -> Error {
    // Whatever stands before an `@` may be a password.
    let shown = match url.rsplit_once('@') {
        Some((_, rest)) => format!("…@{rest}"),
        None => url.to_owned(),
    };
    invalid(Mistake::Url {
        url: shown,
        cause: cause.to_owned(),
    })
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), Error> {
    let parsed = HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
        invalid(Mistake::HeaderName {
            name: name.to_owned(),
        })
    })?;
    if parsed == CONTENT_LENGTH || parsed == TRANSFER_ENCODING {
        return Err(invalid(Mistake::HostsHeader {
            name: name.to_owned(),
        }));
    }
    Ok((parsed, header_value(name, value)?))
}

/// Text beyond ASCII goes out as its UTF-8 bytes, as from k6.
pub(super) fn header_value(name: &str, value: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_bytes(value.as_bytes()).map_err(|_| {
        invalid(Mistake::HeaderValue {
            name: name.to_owned(),
        })
    })
}

/// RFC 7617.
fn basic_auth(user: &[u8], password: &[u8]) -> String {
    let credentials = [user, b":", password].concat();
    format!("Basic {}", BASE64_STANDARD.encode(credentials))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn user_and_password_become_basic_authentication_and_leave_the_url() {
        let request = Request::new("GET", "http://al%40ice:p%3Aw@host:81/a?b=c#d").unwrap();
        assert_eq!(request.url(), "http://host:81/a?b=c");
        let value = &request.headers[AUTHORIZATION];
        assert_eq!(
            value,
            &format!("Basic {}", BASE64_STANDARD.encode("al@ice:p:w"))
        );
        assert!(value.is_sensitive());
        assert_eq!(request.target, "/a?b=c");
        assert_eq!(request.headers[HOST], "host:81");
    }

    #[test]
    fn what_cannot_be_sent_is_refused_and_says_why() {
        for url in [
            "",
            "/relative",
            "ftp://host/",
            "http://",
            "http://host:99999/",
        ] {
            let error = Request::new("GET", url).unwrap_err();
            assert_eq!(error.code().0, 1020, "{url}: {error}");
        }
        assert_eq!(
            Request::new("GE T", "http://host/").unwrap_err().code().0,
            1000
        );
        assert!(Request::new("CONNECT", "http://host/").is_err());
        let mut request = Request::new("PURGE", "http://host/").unwrap();
        assert!(request.set_header("a b", "c").is_err());
        assert!(request.set_header("Content-Length", "3").is_err());
        let error = request
            .set_sensitive_header("x-token", "geheim\n")
            .unwrap_err();
        assert!(!error.to_string().contains("geheim"), "{error}");
        let error = Request::new("GET", "http://user:geheim@host:99999/").unwrap_err();
        assert!(!error.to_string().contains("geheim"), "{error}");
    }

    #[test]
    fn the_default_port_is_not_in_the_host_header() {
        let request = Request::new("GET", "https://[::1]:443").unwrap();
        assert_eq!(request.headers[HOST], "[::1]");
        assert_eq!(request.url(), "https://[::1]/");
    }
}
