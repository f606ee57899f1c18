//! A request: parsed once, sent often.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use bytes::Bytes;
use http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue,
    PROXY_AUTHORIZATION, TRANSFER_ENCODING, USER_AGENT,
};
use http::{Method, Uri};
use http_body_util::Full;
use percent_encoding::percent_decode_str;
use url::Url;

use super::body::OutgoingBody;
use super::engine::{Engine, EngineId};
use super::error::{Error, Mistake};
use super::origin::Origin;
use super::settings::ConnectionLife;

/// k6's default, and the contract's.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// A request: parsed once, sent often.
#[derive(Debug)]
pub struct Request {
    method: Method,
    url: String,
    uri: Uri,
    /// What stands in the request line unless a proxy reads it: path and query.
    target: Uri,
    origin: Arc<Origin>,
    headers: HeaderMap,
    body: Bytes,
    timeout: Duration,
    discard_body: bool,
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
            let mut credentials = header_value("authorization", &basic_auth(&parsed))?;
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
            url: parsed.into(),
            origin: Arc::new(origin),
            headers,
            body: Bytes::new(),
            timeout: DEFAULT_TIMEOUT,
            discard_body: false,
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

    /// Sets the body, in place of an earlier one.
    pub fn set_body(&mut self, body: Bytes) {
        self.change().body = body;
    }

    /// How long sending, answer and body may take together; 60 s unless set.
    pub fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = timeout;
    }

    /// Drops the answer's body as it arrives.
    pub fn set_discard_body(&mut self, discard: bool) {
        self.discard_body = discard;
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The URL, without user, password and fragment.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
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

    pub(super) fn discards_body(&self) -> bool {
        self.discard_body
    }

    /// The message to send, as HTTP/1.1 does: all that is shared with the request
    /// costs no copy.
    pub(super) fn message(&self, engine: &Engine) -> http::Request<OutgoingBody> {
        let (id, prepared) = self
            .prepared
            .get_or_init(|| (engine.id(), self.prepare(engine)));
        let prepared = if *id == engine.id() {
            prepared.clone()
        } else {
            self.prepare(engine)
        };
        let mut message = http::Request::new(OutgoingBody::Whole(Full::new(self.body.clone())));
        *message.method_mut() = self.method.clone();
        *message.uri_mut() = prepared.target;
        *message.headers_mut() = prepared.headers;
        message
    }

    fn prepare(&self, engine: &Engine) -> Prepared {
        let mut headers = self.headers.clone();
        if !headers.contains_key(USER_AGENT) {
            headers.insert(USER_AGENT, engine.user_agent().clone());
        }
        if engine.settings().connections == ConnectionLife::Request {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        // RFC 9110, 8.6: methods that want a body say so when there is none.
        let wants_body = matches!(self.method, Method::POST | Method::PUT | Method::PATCH);
        if self.body.is_empty() && wants_body {
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        // RFC 9112, 3.2.2: a proxy must be told whom the request is for.
        let mut target = &self.target;
        if let Some(proxy) = engine.settings().network.forwarding_proxy_of(&self.origin) {
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

    fn change(&mut self) -> &mut Self {
        self.prepared = OnceLock::new();
        self
    }
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

/// RFC 7617, of the user and password in a URL.
fn basic_auth(url: &Url) -> String {
    let mut credentials: Vec<u8> = percent_decode_str(url.username()).collect();
    credentials.push(b':');
    credentials.extend(percent_decode_str(url.password().unwrap_or_default()));
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
