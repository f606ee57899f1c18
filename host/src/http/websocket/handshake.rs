//! An opening handshake: built once, made often.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use http::header::{
    CONNECTION, COOKIE, HeaderName, HeaderValue, PROXY_AUTHORIZATION, SEC_WEBSOCKET_ACCEPT,
    SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION,
    UPGRADE,
};
use http_body_util::Full;
use tungstenite::handshake::client::generate_key;
use tungstenite::handshake::derive_accept_key;

use crate::http::body::OutgoingBody;
use crate::http::cookies::Cookies;
use crate::http::engine::Engine;
use crate::http::error::{Error, Mistake};
use crate::http::origin::Origin;
use crate::http::request::{Request, header_value};

/// Headers that only the host can know, or that are the handshake itself.
const OWN_HEADERS: [HeaderName; 6] = [
    CONNECTION,
    UPGRADE,
    SEC_WEBSOCKET_ACCEPT,
    SEC_WEBSOCKET_EXTENSIONS,
    SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_VERSION,
];

/// An opening handshake: built once, made often.
#[derive(Debug)]
pub struct Handshake {
    url: String,
    /// What is asked over HTTP, without the words that make it a handshake.
    request: Request,
    offered: Vec<String>,
}

/// What an answer of status 101 must say.
pub(super) struct Expected {
    offered: Vec<String>,
    accept: String,
}

impl Handshake {
    /// A handshake for an absolute `ws` or `wss` URL. User and password in it
    /// are sent as basic authentication.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidRequest`] where the URL is none that can be opened.
    pub fn new(url: &str) -> Result<Self, Error> {
        let scheme = url.split(':').next().unwrap_or_default();
        let over = if scheme.eq_ignore_ascii_case("ws") {
            "http"
        } else if scheme.eq_ignore_ascii_case("wss") {
            "https"
        } else {
            return Err(invalid_url(url, "the scheme is another"));
        };
        if url.contains('#') {
            return Err(invalid_url(
                url,
                "it has a fragment, which is nothing to open",
            ));
        }
        let rest = &url[scheme.len()..];
        let request =
            Request::new("GET", &format!("{over}{rest}")).map_err(|error| match error {
                Error::InvalidRequest {
                    mistake: Mistake::Url { cause, .. },
                } => invalid_url(url, &cause),
                other => other,
            })?;
        // From `http` to `ws`, and from `https` to `wss`.
        let url = format!("ws{}", &request.url()["http".len()..]);
        Ok(Self {
            url,
            request,
            offered: Vec::new(),
        })
    }

    /// Sets a header, in place of all earlier ones of that name.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidRequest`] where name or value are none, or the header is
    /// the host's to send.
    pub fn set_header(&mut self, name: &str, value: &str) -> Result<(), Error> {
        guest_may_set(name)?;
        self.request.set_header(name, value)
    }

    /// Sets a header whose value nobody may see, in place of all earlier ones of
    /// that name.
    ///
    /// # Errors
    ///
    /// Those of [`set_header`](Self::set_header); the value is in no text.
    pub fn set_sensitive_header(&mut self, name: &str, value: &str) -> Result<(), Error> {
        guest_may_set(name)?;
        self.request.set_sensitive_header(name, value)
    }

    /// Adds a header beside earlier ones of that name.
    ///
    /// # Errors
    ///
    /// Those of [`set_header`](Self::set_header).
    pub fn append_header(&mut self, name: &str, value: &str) -> Result<(), Error> {
        guest_may_set(name)?;
        self.request.append_header(name, value)
    }

    /// Authenticates by user and password in plain sight (RFC 7617), in place of
    /// an earlier `authorization`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidRequest`] where the user has a colon.
    pub fn set_basic_auth(&mut self, user: &str, password: &str) -> Result<(), Error> {
        self.request.set_basic_auth(user, password)
    }

    /// Offers a subprotocol, after those that were offered before.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidRequest`] where it is no word of HTTP.
    pub fn offer_subprotocol(&mut self, name: &str) -> Result<(), Error> {
        // The same words as those of headers.
        if HeaderName::from_bytes(name.as_bytes()).is_err() {
            let name = name.to_owned();
            return Err(invalid(Mistake::Subprotocol { name }));
        }
        if !self.offered.iter().any(|offered| offered == name) {
            self.offered.push(name.to_owned());
        }
        let all = self.offered.join(", ");
        self.request
            .set_header(SEC_WEBSOCKET_PROTOCOL.as_str(), &all)
    }

    /// How long the opening may take, and then each sending, closing and wait for
    /// a message; 60 s unless set.
    pub fn set_timeout(&mut self, timeout: Duration) {
        self.request.set_timeout(timeout);
    }

    /// The URL, without user and password.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How long the opening may take.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.request.timeout()
    }

    /// Host and port as in the URL.
    #[must_use]
    pub fn authority(&self) -> &Arc<str> {
        self.request.authority()
    }

    pub(super) fn origin(&self) -> &Arc<Origin> {
        self.request.origin()
    }

    /// The header that sends the cookies that belong to it.
    pub(super) fn cookie(&self, cookies: &Cookies) -> Option<HeaderValue> {
        cookies.header_for(&self.request)
    }

    /// Keeps what its answer sets.
    pub(super) fn keep_cookies(&self, headers: &HeaderMap, cookies: &mut Cookies) {
        cookies.keep(&self.request.url, headers);
    }

    /// The message to send, with a key of its own, and what its answer must say.
    pub(super) fn message(
        &self,
        engine: &Engine,
        cookie: Option<HeaderValue>,
    ) -> Result<(http::Request<OutgoingBody>, Expected), Error> {
        let mut message = self
            .request
            .message(engine, OutgoingBody::Whole(Full::default()));
        // To the server itself: a proxy only passes the session's bytes on.
        *message.uri_mut() = self.request.target.clone();
        let headers = message.headers_mut();
        headers.remove(PROXY_AUTHORIZATION);
        if let Some(cookie) = cookie {
            headers.insert(COOKIE, cookie);
        }
        let key = generate_key();
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        headers.insert(
            SEC_WEBSOCKET_KEY,
            header_value(SEC_WEBSOCKET_KEY.as_str(), &key)?,
        );
        let expected = Expected {
            offered: self.offered.clone(),
            accept: derive_accept_key(key.as_bytes()),
        };
        Ok((message, expected))
    }
}

impl Expected {
    /// The subprotocol that was taken, where the answer's headers open a session
    /// (RFC 6455, 4.1); else what is wrong with them.
    pub(super) fn subprotocol(&self, headers: &HeaderMap) -> Result<String, &'static str> {
        let words = |name: &HeaderName| {
            let values = headers.get_all(name).into_iter();
            values
                .filter_map(|value| value.to_str().ok())
                .flat_map(|value| value.split(','))
                .map(str::trim)
        };
        if !words(&UPGRADE).any(|word| word.eq_ignore_ascii_case("websocket")) {
            return Err("the answer does not say `upgrade: websocket`");
        }
        if !words(&CONNECTION).any(|word| word.eq_ignore_ascii_case("upgrade")) {
            return Err("the answer does not say `connection: upgrade`");
        }
        let accept = headers.get(SEC_WEBSOCKET_ACCEPT).map(HeaderValue::as_bytes);
        if accept.map(<[u8]>::trim_ascii) != Some(self.accept.as_bytes()) {
            return Err("the answer's `sec-websocket-accept` is not that of the key");
        }
        if words(&SEC_WEBSOCKET_EXTENSIONS).any(|word| !word.is_empty()) {
            return Err("the answer has an extension that was not offered");
        }
        let taken = words(&SEC_WEBSOCKET_PROTOCOL).next().unwrap_or_default();
        if !taken.is_empty() && !self.offered.iter().any(|offered| offered == taken) {
            return Err("the answer has a subprotocol that was not offered");
        }
        Ok(taken.to_owned())
    }
}

fn guest_may_set(name: &str) -> Result<(), Error> {
    let is = |own: &HeaderName| name.eq_ignore_ascii_case(own.as_str());
    let mistake = if is(&SEC_WEBSOCKET_PROTOCOL) {
        Mistake::SubprotocolHeader
    } else if OWN_HEADERS.iter().any(is) {
        let name = name.to_owned();
        Mistake::HostsHeader { name }
    } else {
        return Ok(());
    };
    Err(invalid(mistake))
}

fn invalid(mistake: Mistake) -> Error {
    Error::InvalidRequest { mistake }
}

fn invalid_url(url: &str, cause: &str) -> Error {
    // Whatever stands before an `@` may be a password.
    let url = match url.rsplit_once('@') {
        Some((_, rest)) => format!("…@{rest}"),
        None => url.to_owned(),
    };
    let cause = cause.to_owned();
    invalid(Mistake::SocketUrl { url, cause })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn expected(offered: &[&str]) -> Expected {
        Expected {
            offered: offered.iter().map(|name| (*name).to_owned()).collect(),
            accept: "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=".to_owned(),
        }
    }

    /// An answer that opens a session, with one header changed.
    fn answer(name: &'static str, value: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(UPGRADE, HeaderValue::from_static("WebSocket"));
        headers.insert(CONNECTION, HeaderValue::from_static("keep-alive, Upgrade"));
        headers.insert(
            SEC_WEBSOCKET_ACCEPT,
            HeaderValue::from_static("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        );
        headers.insert(name, HeaderValue::from_static(value));
        headers
    }

    #[test]
    fn an_answer_opens_a_session_exactly_when_it_keeps_the_rules() {
        let offered = expected(&["chat", "superchat"]);
        let taken = |name, value| offered.subprotocol(&answer(name, value));
        assert_eq!(taken("x", "y"), Ok(String::new()));
        assert_eq!(
            taken("sec-websocket-protocol", "superchat"),
            Ok("superchat".to_owned())
        );
        for (name, value) in [
            ("upgrade", "h2c"),
            ("connection", "close"),
            ("sec-websocket-accept", "bm90IHRoaXMgb25l"),
            ("sec-websocket-extensions", "permessage-deflate"),
            ("sec-websocket-protocol", "another"),
        ] {
            assert!(taken(name, value).is_err(), "{name}: {value}");
        }
    }

    #[test]
    fn the_scheme_is_that_of_websockets_and_the_rest_as_in_requests() {
        let handshake = Handshake::new("WSS://ann:geheim@Host:443/chat?a=b").unwrap();
        assert_eq!(handshake.url(), "wss://host/chat?a=b");
        assert_eq!(&**handshake.authority(), "host");
        for url in [
            "",
            "http://host/",
            "https://host/",
            "ws:",
            "ws://",
            "ws://host:99999/",
            "wsx://host/",
            "ws://host/#part",
        ] {
            let error = Handshake::new(url).unwrap_err();
            assert_eq!(error.code().0, 1020, "{url}: {error}");
        }
        let error = Handshake::new("ws://ann:geheim@host:99999/").unwrap_err();
        assert!(!error.to_string().contains("geheim"), "{error}");
    }

    #[test]
    fn headers_of_the_handshake_itself_are_the_hosts() {
        let mut handshake = Handshake::new("ws://host/").unwrap();
        for name in ["Upgrade", "connection", "Sec-WebSocket-Key"] {
            let error = handshake.set_header(name, "x").unwrap_err();
            assert!(error.to_string().contains("leave it out"), "{error}");
        }
        let error = handshake
            .append_header("sec-websocket-protocol", "chat")
            .unwrap_err();
        assert!(error.to_string().contains("subprotocol"), "{error}");
        assert!(handshake.offer_subprotocol("a b").is_err());
        handshake.offer_subprotocol("chat").unwrap();
        handshake.offer_subprotocol("v2.chat").unwrap();
        handshake.offer_subprotocol("chat").unwrap();
        assert!(handshake.set_basic_auth("a:n", "geheim").is_err());
        handshake.set_basic_auth("ann", "geheim").unwrap();
        let engine = Engine::new(crate::http::Settings::default()).unwrap();
        let (message, _) = handshake.message(&engine, None).unwrap();
        assert_eq!(message.headers()[SEC_WEBSOCKET_PROTOCOL], "chat, v2.chat");
        assert_eq!(message.headers()[CONNECTION], "Upgrade");
        let authorization = &message.headers()[http::header::AUTHORIZATION];
        assert_eq!(authorization, "Basic YW5uOmdlaGVpbQ==");
        assert!(authorization.is_sensitive());
    }
}
