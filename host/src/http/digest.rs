//! Digest authentication (RFC 7616).

use std::fmt;

use digest_auth::{AuthContext, HttpMethod};
use http::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};

use super::request::Request;

/// The scheme's name, as it stands before a challenge.
const SCHEME: &str = "digest ";

/// A user and a password.
#[derive(Clone)]
pub(super) struct Credentials {
    user: String,
    password: String,
}

impl Credentials {
    pub(super) fn new(user: &str, password: &str) -> Self {
        Self {
            user: user.to_owned(),
            password: password.to_owned(),
        }
    }

    /// The `authorization` that answers the challenge of a head, if there is one
    /// that can be answered. Of several, it is the server's first, which is the
    /// one that it likes best.
    pub(super) fn answer(&self, headers: &HeaderMap, request: &Request) -> Option<HeaderValue> {
        let challenges = headers.get_all(WWW_AUTHENTICATE);
        challenges.iter().find_map(|challenge| {
            let challenge = challenge.to_str().ok()?.trim_start();
            let scheme = challenge.get(..SCHEME.len())?;
            if !scheme.eq_ignore_ascii_case(SCHEME) {
                return None;
            }
            let mut challenge = digest_auth::parse(&challenge[SCHEME.len()..]).ok()?;
            let context = AuthContext::new_with_method(
                &self.user,
                &self.password,
                request.target.to_string(),
                Some(&request.body[..]),
                HttpMethod::from(request.method.as_str()),
            );
            let answer = challenge.respond(&context).ok()?.to_header_string();
            let mut answer = HeaderValue::from_str(&answer).ok()?;
            answer.set_sensitive(true);
            Some(answer)
        })
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Credentials(***)")
    }
}
