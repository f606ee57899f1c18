//! The cookies of a client.

use std::sync::Arc;

use cookie_store::{CookieError, CookieStore};
use http::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use url::Url;

use super::error::{Error, Mistake};
use super::request::Request;

/// The cookies of a client, by the rules of RFC 6265. As in k6, no list of public
/// suffixes is held against their domains.
#[derive(Debug, Default)]
pub(super) struct Cookies {
    /// Boxed and made late: most scenarios have no cookies, and there is one of
    /// this for every virtual user.
    store: Option<Box<CookieStore>>,
    /// Those that every iteration begins with.
    lasting: Option<Arc<CookieStore>>,
}

impl Cookies {
    /// The header that sends what belongs to a request: what it sets itself, and
    /// what is kept for its URL. `None` where that is what its headers say anyway.
    pub(super) fn header_for(&self, request: &Request) -> Option<HeaderValue> {
        if request.is_plain() || (self.store.is_none() && request.cookies.is_empty()) {
            return None;
        }
        let mut text = Vec::new();
        let mut add = |parts: &[&[u8]]| {
            if !text.is_empty() {
                text.extend_from_slice(b"; ");
            }
            parts.iter().for_each(|part| text.extend_from_slice(part));
        };
        for own in request.headers.get_all(COOKIE) {
            add(&[own.as_bytes()]);
        }
        for (name, value) in &request.cookies {
            add(&[name.as_bytes(), b"=", value.as_bytes()]);
        }
        for (name, value) in self.matching(&request.url) {
            if !request.cookies.iter().any(|(own, _)| own == name) {
                add(&[name.as_bytes(), b"=", value.as_bytes()]);
            }
        }
        if text.is_empty() {
            return None;
        }
        // What was parsed as cookies has no character that no header may have.
        let mut header = HeaderValue::from_maybe_shared(bytes::Bytes::from(text)).ok()?;
        header.set_sensitive(true);
        Some(header)
    }

    /// Keeps what an answer sets. What breaks the rules is left out, as browsers
    /// do.
    pub(super) fn keep(&mut self, url: &Url, headers: &HeaderMap) {
        for cookie in headers.get_all(SET_COOKIE) {
            if let Ok(cookie) = std::str::from_utf8(cookie.as_bytes()) {
                let _ = self.store.get_or_insert_default().parse(cookie, url);
            }
        }
    }

    /// Keeps a cookie as if the URL's server had set it.
    pub(super) fn set(&mut self, url: &Url, cookie: &str) -> Result<(), Error> {
        // No header of a server has such, and with one among them no cookie at all
        // could be sent.
        if cookie
            .bytes()
            .any(|byte| byte.is_ascii_control() && byte != b'\t')
        {
            return Err(Error::InvalidRequest {
                mistake: Mistake::Cookie {
                    cause: "it has characters that no header may have".to_owned(),
                },
            });
        }
        match self.store.get_or_insert_default().parse(cookie, url) {
            // To set one that is over already is to delete it.
            Ok(_) | Err(CookieError::Expired) => Ok(()),
            Err(error) => Err(Error::InvalidRequest {
                mistake: Mistake::Cookie {
                    cause: error.to_string(),
                },
            }),
        }
    }

    /// Names and values of the cookies that a request to the URL would send:
    /// those of longer paths first, then in the order in which they came.
    pub(super) fn matching(&self, url: &Url) -> Vec<(&str, &str)> {
        let Some(store) = &self.store else {
            return Vec::new();
        };
        let mut cookies = store.matches(url);
        // The store counts this machine as secure; k6 does not.
        cookies.retain(|cookie| url.scheme() == "https" || cookie.secure() != Some(true));
        cookies.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        cookies
            .into_iter()
            .map(|cookie| cookie.name_value())
            .collect()
    }

    /// Forgets the cookies that a request to the URL would send: all, or those of
    /// this name.
    pub(super) fn forget(&mut self, url: &Url, name: Option<&str>) {
        let Some(store) = &mut self.store else { return };
        let gone: Vec<(String, String, String)> = store
            .matches(url)
            .into_iter()
            .filter(|cookie| name.is_none_or(|name| name == cookie.name()))
            .map(|cookie| {
                let (domain, path) = (String::from(&cookie.domain), String::from(&cookie.path));
                (domain, path, cookie.name().to_owned())
            })
            .collect();
        for (domain, path, name) in gone {
            store.remove(&domain, &path, &name);
        }
    }

    /// What is kept now is what every iteration begins with.
    pub(super) fn make_lasting(&mut self) {
        self.lasting = self.store.as_deref().cloned().map(Arc::new);
    }

    /// Forgets all but what every iteration begins with.
    pub(super) fn reset(&mut self) {
        if self.store.is_some() || self.lasting.is_some() {
            self.store = self
                .lasting
                .as_deref()
                .map(|lasting| Box::new(lasting.clone()));
        }
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// Whether this can stand in the header `cookie`.
pub(super) fn is_pair(name: &str, value: &str) -> bool {
    let clean = |text: &str| {
        text.bytes()
            .all(|byte| byte >= 0x20 && byte != 0x7f && byte != b';')
    };
    !name.is_empty() && !name.contains('=') && clean(name) && clean(value)
}
