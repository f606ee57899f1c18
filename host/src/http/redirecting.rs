//! Redirects: which answers are some, and what is sent then.

use std::sync::Arc;

use http::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LOCATION, CONTENT_TYPE, COOKIE,
    EXPECT, HOST, HeaderMap, HeaderName, HeaderValue, LOCATION, PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION, REFERER, WWW_AUTHENTICATE,
};
use http::{Method, StatusCode};
use url::{Host, Url};

use super::error::{Error, Mistake};
use super::request::Request;

/// Headers that only the host may have that they were meant for, as in Go.
const FOR_ONE_HOST: [HeaderName; 5] = [
    AUTHORIZATION,
    COOKIE,
    WWW_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    PROXY_AUTHENTICATE,
];

/// Headers that speak of a body, and go with it.
const OF_A_BODY: [HeaderName; 5] = [
    CONTENT_ENCODING,
    CONTENT_LANGUAGE,
    CONTENT_LOCATION,
    CONTENT_TYPE,
    EXPECT,
];

/// What becomes of the request that was answered with a redirect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Redirect {
    /// It is sent again, as it is.
    Same,
    /// It is sent without its body, as `GET` unless it was a `HEAD`.
    WithoutBody,
}

impl Redirect {
    /// The redirect that an answer is, if it is one.
    pub(super) fn of(status: StatusCode, headers: &HeaderMap) -> Option<Self> {
        let redirect = match status {
            StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND | StatusCode::SEE_OTHER => {
                Self::WithoutBody
            }
            StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => Self::Same,
            _ => return None,
        };
        // Without, it is an answer like others, as in Go.
        let location = headers.get(LOCATION)?;
        (!location.is_empty()).then_some(redirect)
    }

    /// The request that follows. `first` is the one that the call began with.
    ///
    /// # Errors
    ///
    /// [`Error::BadRedirect`] where there is none to be sent.
    pub(super) fn follow(
        self,
        request: &Request,
        headers: &HeaderMap,
        first: &Request,
    ) -> Result<Request, Error> {
        let location = headers.get(LOCATION).map_or(&[][..], HeaderValue::as_bytes);
        let location = String::from_utf8_lossy(location);
        let wrong = |cause: String| Error::BadRedirect {
            authority: Arc::clone(request.authority()),
            location: location.clone().into_owned(),
            cause,
        };
        let url = request
            .url
            .join(&location)
            .map_err(|error| wrong(error.to_string()))?;
        let method = match self {
            Self::WithoutBody if request.method != Method::HEAD => "GET",
            Self::Same | Self::WithoutBody => request.method.as_str(),
        };
        let mut next = Request::new(method, url.as_str()).map_err(|error| match error {
            Error::InvalidRequest {
                mistake: Mistake::Url { cause, .. },
            } => wrong(cause),
            other => wrong(other.to_string()),
        })?;
        let leaves = !is_host_or_below(&url, &first.url) || is_less_safe(&url, &first.url);
        let leaves_secrets = !is_safe_for_secrets_of(&url, &first.url);
        let told_by_scenario = first.headers.contains_key(REFERER);
        let whom = |url: &Url| {
            (
                url.host_str().map(str::to_owned),
                url.port_or_known_default(),
            )
        };
        let moved = Url::parse(&location).is_ok() || whom(&url) != whom(&request.url);
        for (name, value) in &request.headers {
            let stays = match *name {
                // That of another host would be wrong there; one that the scenario
                // set holds as long as the server does not name a host.
                HOST => !moved,
                REFERER => told_by_scenario,
                AUTHORIZATION if next.headers.contains_key(AUTHORIZATION) => false,
                _ if self == Self::WithoutBody && OF_A_BODY.contains(name) => false,
                _ if value.is_sensitive() => !leaves_secrets,
                _ => !(leaves && FOR_ONE_HOST.contains(name)),
            };
            if !stays {
                continue;
            }
            if *name == HOST {
                next.headers.insert(HOST, value.clone());
            } else {
                next.headers.append(name.clone(), value.clone());
            }
        }
        if !told_by_scenario && let Some(referer) = referer(&request.url, &url) {
            next.headers.insert(REFERER, referer);
        }
        if self == Self::Same {
            next.body = request.body.clone();
        }
        if !leaves_secrets {
            next.digest.clone_from(&request.digest);
            next.cookies.clone_from(&request.cookies);
        }
        next.take_limits_of(request);
        Ok(next)
    }
}

/// Where a request came from, as in Go: not told by https to http.
fn referer(from: &Url, to: &Url) -> Option<HeaderValue> {
    if from.scheme() == "https" && to.scheme() == "http" {
        return None;
    }
    HeaderValue::from_str(from.as_str()).ok()
}

/// Whether what was said to one URL by TLS would be said to another without.
fn is_less_safe(url: &Url, other: &Url) -> bool {
    other.scheme() == "https" && url.scheme() != "https"
}

/// Whether a URL may be told the secrets that were meant for another: it is the
/// same server, or the same one by TLS.
fn is_safe_for_secrets_of(url: &Url, other: &Url) -> bool {
    let is_same = url.port_or_known_default() == other.port_or_known_default();
    let is_upgrade = other.scheme() == "http" && url.scheme() == "https";
    url.host() == other.host() && !is_less_safe(url, other) && (is_same || is_upgrade)
}

/// Whether a URL is on the host of another, or on one below it.
fn is_host_or_below(url: &Url, other: &Url) -> bool {
    match (url.host(), other.host()) {
        (Some(Host::Domain(name)), Some(Host::Domain(of))) => name
            .strip_suffix(of)
            .is_some_and(|before| before.is_empty() || before.ends_with('.')),
        (host, other) => host == other,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn answer(location: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(LOCATION, HeaderValue::from_str(location).unwrap());
        headers
    }

    fn post(url: &str) -> Request {
        let mut request = Request::new("POST", url).unwrap();
        request.set_header("content-type", "text/plain").unwrap();
        request.set_header("authorization", "Basic x").unwrap();
        request.set_header("cookie", "a=b").unwrap();
        request.set_header("x-own", "1").unwrap();
        request.set_sensitive_header("x-key", "geheim").unwrap();
        request.set_cookie("c", "d").unwrap();
        request.set_digest_auth("user", "password");
        request.set_body(Bytes::from_static(b"body"));
        request
    }

    fn follow(status: u16, request: &Request, location: &str) -> Result<Request, Error> {
        let headers = answer(location);
        let redirect = Redirect::of(StatusCode::from_u16(status).unwrap(), &headers).unwrap();
        redirect.follow(request, &headers, request)
    }

    #[test]
    fn methods_change_as_in_k6() {
        for (status, method, sent, body) in [
            (301, "POST", "GET", false),
            (302, "PUT", "GET", false),
            (303, "DELETE", "GET", false),
            (302, "HEAD", "HEAD", false),
            (303, "HEAD", "HEAD", false),
            (307, "POST", "POST", true),
            (308, "DELETE", "DELETE", true),
        ] {
            let mut request = post("http://host/a");
            request.method = Method::from_bytes(method.as_bytes()).unwrap();
            let next = follow(status, &request, "/b").unwrap();
            assert_eq!(next.method().as_str(), sent, "{status} {method}");
            assert_eq!(next.body().is_empty(), !body, "{status} {method}");
            assert_eq!(next.headers.contains_key(CONTENT_TYPE), body);
            assert_eq!(next.headers["x-own"], "1");
            assert_eq!(next.url(), "http://host/b");
        }
    }

    #[test]
    fn what_is_no_redirect_is_left_alone() {
        let to = answer("/b");
        for status in [200, 300, 304, 305, 306, 401] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(Redirect::of(status, &to), None, "{status}");
        }
        assert_eq!(Redirect::of(StatusCode::FOUND, &HeaderMap::new()), None);
        assert_eq!(Redirect::of(StatusCode::FOUND, &answer("")), None);
    }

    #[test]
    fn what_is_secret_stays_with_the_host_it_was_meant_for() {
        // Where headers of authentication go on, and where what is marked as secret
        // does.
        for (from, to, kept, secrets) in [
            ("http://one.test/", "/there", true, true),
            ("http://one.test/", "https://one.test/", true, true),
            ("https://one.test/", "https://one.test:443/", true, true),
            ("http://one.test/", "http://one.test:81/", true, false),
            ("http://one.test/", "https://sub.one.test/", true, false),
            ("https://one.test/", "http://one.test/", false, false),
            ("http://one.test/", "http://two.test/", false, false),
            ("http://one.test/", "//two.test/", false, false),
            ("http://one.test/", "/\\two.test/", false, false),
            ("http://one.test/", "http://notone.test/", false, false),
            ("http://sub.one.test/", "http://one.test/", false, false),
            ("http://10.0.0.1/", "http://210.0.0.1/", false, false),
        ] {
            let next = follow(307, &post(from), to).unwrap();
            let has = |name: &str| next.headers.contains_key(name);
            let found = (has("authorization"), has("cookie"), has("x-key"));
            assert_eq!(found, (kept, kept, secrets), "from {from} to {to}");
            assert_eq!(next.cookies.is_empty(), !secrets, "from {from} to {to}");
            assert_eq!(next.digest.is_some(), secrets, "from {from} to {to}");
            assert_eq!(next.headers["x-own"], "1");
            assert_eq!(next.headers[HOST], **next.authority());
        }
    }

    #[test]
    fn a_host_of_the_scenarios_own_holds_until_the_server_names_one() {
        let mut request = post("http://10.0.0.1/a");
        request.set_header("host", "shop.test").unwrap();
        let next = follow(302, &request, "b?c").unwrap();
        assert_eq!(next.url(), "http://10.0.0.1/b?c");
        assert_eq!(next.headers[HOST], "shop.test");
        let next = follow(302, &request, "http://10.0.0.1/b").unwrap();
        assert_eq!(next.headers[HOST], "10.0.0.1");
    }

    #[test]
    fn the_next_server_is_told_where_the_request_comes_from_but_not_in_the_clear() {
        let next = follow(302, &post("http://u:p@host/a?b"), "/c").unwrap();
        assert_eq!(next.headers[REFERER], "http://host/a?b");
        let next = follow(302, &post("https://host/a"), "http://host/b").unwrap();
        assert!(!next.headers.contains_key(REFERER));
        let first = post("https://host/a");
        let second = follow(302, &first, "/b").unwrap();
        let onward = answer("http://host/c");
        let third = Redirect::WithoutBody.follow(&second, &onward, &first);
        assert!(!third.unwrap().headers.contains_key(REFERER));
        let mut request = post("http://host/a");
        request.set_header("referer", "http://mine/").unwrap();
        assert_eq!(
            follow(302, &request, "/c").unwrap().headers[REFERER],
            "http://mine/"
        );
    }

    #[test]
    fn a_location_that_cannot_be_followed_is_named() {
        for location in ["myapp://callback", "http://", "http://host:99999/"] {
            let error = follow(302, &post("http://host/"), location).unwrap_err();
            assert_eq!(error.code().0, 1020);
            let text = error.to_string();
            assert!(
                text.contains(&format!("host redirects to `{location}`")),
                "{text}"
            );
        }
    }
}
