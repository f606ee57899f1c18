//! The cookies of the virtual user: kept when a server sets them, sent when a
//! request's URL wants them, as in a browser. The handshakes of
//! [`websocket`](crate::websocket) send and keep them, too.
//!
//! Those that [`Scenario::start`](crate::Scenario::start) leaves are there when an
//! iteration begins. All others end with their iteration, unless the plan says
//! `noCookiesReset`.
//!
//! ```
//! use vuelo_sdk::prelude::*;
//! use vuelo_sdk::http::cookies::{self, Cookie};
//!
//! let login = fake::reply(200).header("set-cookie", "session=42; HttpOnly");
//! let report = fake::Host::new().on("POST", "/login", login).play(|| {
//!     http::post("http://localhost/login").send().unwrap();
//!     cookies::set("http://localhost/", &Cookie::new("theme", "dark")).unwrap();
//!     http::get("http://localhost/").send().unwrap();
//!     assert_eq!(cookies::get("http://localhost/", "session").as_deref(), Some("42"));
//!     cookies::clear("http://localhost/");
//!     http::get("http://localhost/").send().unwrap();
//! });
//! assert_eq!(report.requests[1].header("cookie"), Some("session=42; theme=dark"));
//! assert_eq!(report.requests[2].header("cookie"), None);
//! ```

use std::time::Duration;

use super::Error;
use crate::host::http as contract;

/// A cookie to be set, for the host of a URL and all its paths unless said
/// otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a cookie does nothing until it is `set`"]
pub struct Cookie(String);

impl Cookie {
    /// A cookie of this name and value.
    pub fn new(name: &str, value: &str) -> Self {
        Self([name, "=", value, "; Path=/"].concat())
    }

    /// For this domain and those below it.
    pub fn domain(self, domain: &str) -> Self {
        self.with("; Domain=", domain)
    }

    /// For this path and those below it.
    pub fn path(self, path: &str) -> Self {
        self.with("; Path=", path)
    }

    /// For so long.
    pub fn max_age(self, age: Duration) -> Self {
        let seconds = age.as_secs().to_string();
        self.with("; Max-Age=", &seconds)
    }

    /// For `https` alone.
    pub fn secure(self) -> Self {
        self.with("; Secure", "")
    }

    fn with(mut self, attribute: &str, value: &str) -> Self {
        self.0.push_str(attribute);
        self.0.push_str(value);
        self
    }
}

/// Keeps a cookie as if the URL's server had set it.
///
/// # Errors
///
/// Where URL or cookie are none, or the domain is not the URL's.
pub fn set(url: &str, cookie: &Cookie) -> Result<(), Error> {
    Ok(contract::set_cookie(url, &cookie.0)?)
}

/// The value of the cookie of this name that a request to the URL would send.
#[must_use]
pub fn get(url: &str, name: &str) -> Option<String> {
    let found = all(url).into_iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value)
}

/// Names and values of the cookies that a request to the URL would send.
#[must_use]
pub fn all(url: &str) -> Vec<(String, String)> {
    contract::cookies(url)
}

/// Forgets the cookie of this name that a request to the URL would send.
pub fn delete(url: &str, name: &str) {
    contract::delete_cookie(url, name);
}

/// Forgets all cookies that a request to the URL would send.
pub fn clear(url: &str) {
    contract::clear_cookies(url);
}
