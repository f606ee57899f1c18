//! A request: parsed once, sent often.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, HOST, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Uri};
use http_body_util::Full;
use url::Url;

use super::{Engine, Error};

/// How long a request may take unless it says otherwise; k6's default.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Where a request goes: connections to one place serve requests to it alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) tls: bool,
    pub(super) host: Arc<str>,
    pub(super) port: u16,
}

impl Origin {
    /// The origin as errors name it.
    pub(super) fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

/// A request: parsed once, sent often.
#[derive(Debug, Clone)]
pub struct Request {
    method: Method,
    /// The URL as it is reported: without user, password and fragment.
    url: String,
    /// What stands in the request line.
    target: Uri,
    origin: Origin,
    headers: HeaderMap,
    body: Bytes,
    timeout: Duration,
    discard_body: bool,
}

impl Request {
    /// A request for an absolute `http` or `https` URL. A user and password in
    /// it become basic authentication.
    ///
    /// # Errors
    ///
    /// When method or URL are none.
    pub fn new(method: &str, url: &str) -> Result<Self, Error> {
        let invalid = |reason: String| Error::InvalidRequest { reason };
        let method: Method = method
            .parse()
            .map_err(|_| invalid(format!("`{method}` is not an HTTP method")))?;
        let mut parsed = Url::parse(url)
            .map_err(|error| invalid(format!("`{url}` is not an absolute URL: {error}")))?;
        let tls = match parsed.scheme() {
            "http" => false,
            "https" => true,
            other => return Err(invalid(format!("`{url}` is `{other}`, not `http` or `https`"))),
        };
        let mut headers = HeaderMap::new();
        if let Some(credentials) = basic_credentials(&parsed) {
            headers.insert(AUTHORIZATION, credentials);
            // Neither fails for a URL that has a host, which these have.
            let _ = parsed.set_username("");
            let _ = parsed.set_password(None);
        }
        parsed.set_fragment(None);
        let (Some(host), Some(port)) = (parsed.host_str(), parsed.port_or_known_default()) else {
            return Err(invalid(format!("`{url}` names no host")));
        };
        let host_header = match parsed.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let host_header = HeaderValue::from_str(&host_header)
            .map_err(|_| invalid(format!("`{host}` cannot be a host")))?;
        headers.insert(HOST, host_header);
        let in_request_line = match parsed.query() {
            Some(query) => format!("{}?{query}", parsed.path()),
            None => parsed.path().to_owned(),
        };
        let target = in_request_line
            .parse()
            .map_err(|error| invalid(format!("`{in_request_line}` cannot be requested: {error}")))?;
        let origin = Origin { tls, host: host.trim_matches(['[', ']']).into(), port };
        Ok(Self {
            method,
            url: parsed.to_string(),
            target,
            origin,
            headers,
            body: Bytes::new(),
            timeout: TIMEOUT,
            discard_body: false,
        })
    }

    /// Sets a header, in place of all earlier ones of that name.
    ///
    /// # Errors
    ///
    /// When name or value are none. The error does not show the value, which may
    /// be a secret.
    pub fn set_header(&mut self, name: &str, value: &str) -> Result<(), Error> {
        let (name, value) = header(name, value)?;
        self.headers.insert(name, value);
        Ok(())
    }

    /// Adds a header beside earlier ones of that name.
    ///
    /// # Errors
    ///
    /// As for [`Request::set_header`].
    pub fn append_header(&mut self, name: &str, value: &str) -> Result<(), Error> {
        let (name, value) = header(name, value)?;
        self.headers.append(name, value);
        Ok(())
    }

    /// Sets a header whose value is shown nowhere.
    ///
    /// # Errors
    ///
    /// As for [`Request::set_header`].
    pub fn set_sensitive_header(&mut self, name: &str, value: &str) -> Result<(), Error> {
        let (name, mut value) = header(name, value)?;
        value.set_sensitive(true);
        self.headers.insert(name, value);
        Ok(())
    }

    /// Sets the body, in place of an earlier one.
    pub fn set_body(&mut self, body: Bytes) {
        self.body = body;
    }

    /// How long sending, answer and body may take together.
    pub fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = timeout;
    }

    /// Whether the answer's body is dropped as it arrives.
    pub fn set_discard_body(&mut self, discard: bool) {
        self.discard_body = discard;
    }

    /// Its method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Its URL, without user, password and fragment.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How long it may take.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    pub(super) fn origin(&self) -> &Origin {
        &self.origin
    }

    pub(super) fn discards_body(&self) -> bool {
        self.discard_body
    }

    /// The request for hyper. Headers and body are shared, not copied.
    pub(super) fn to_hyper(&self, engine: &Engine) -> http::Request<Full<Bytes>> {
        let mut request = http::Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.target.clone();
        *request.headers_mut() = self.headers.clone();
        request
            .headers_mut()
            .entry(http::header::USER_AGENT)
            .or_insert_with(|| engine.user_agent().clone());
        request
    }
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), Error> {
    let invalid = |reason: String| Error::InvalidRequest { reason };
    let parsed = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| invalid(format!("`{name}` cannot be a header's name")))?;
    let value = HeaderValue::from_str(value)
        .map_err(|_| invalid(format!("the value of the header `{name}` is not allowed there")))?;
    Ok((parsed, value))
}

/// The header that the user and password of a URL stand for (RFC 7617).
fn basic_credentials(url: &Url) -> Option<HeaderValue> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let decoded = |text: &str| {
        percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
    };
    let pair = format!("{}:{}", decoded(url.username()), decoded(url.password().unwrap_or("")));
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, pair);
    let mut value = HeaderValue::from_str(&format!("Basic {encoded}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}
