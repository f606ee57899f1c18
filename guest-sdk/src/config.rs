//! The values of the keys that the options declare.
//!
//! A key that [`Options::config`](crate::Options::config) does not declare has
//! no value here.

use crate::{Failure, host};

/// A value that can fill a header and cannot be read: see
/// [`RequestBuilder::bearer`](crate::http::RequestBuilder::bearer).
pub struct Secret(pub(crate) host::config::Secret);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// The value of a declared key; `None` where it has none.
#[must_use]
pub fn get(key: &str) -> Option<String> {
    host::config::get(key)
}

/// The value of a declared key.
///
/// ```
/// use vuelo_sdk::prelude::*;
///
/// let host = fake::Host::new().config("BASE_URL", "http://shop.example");
/// host.play(|| assert_eq!(config::require("BASE_URL").unwrap(), "http://shop.example"));
/// ```
///
/// # Errors
///
/// Where it has none, a failure that says how to give it one.
pub fn require(key: &str) -> Result<String, Failure> {
    get(key).ok_or_else(|| {
        Failure::from(
            [
                "the key `",
                key,
                "` has no value: give it one with -e ",
                key,
                "=…",
            ]
            .concat(),
        )
    })
}

/// A declared secret; `None` where it has no value.
#[must_use]
pub fn secret(key: &str) -> Option<Secret> {
    host::config::get_secret(key).map(Secret)
}

/// A declared secret.
///
/// # Errors
///
/// Where it has no value, a failure that says how to give it one.
pub fn require_secret(key: &str) -> Result<Secret, Failure> {
    secret(key).ok_or_else(|| {
        Failure::from(
            [
                "the secret `",
                key,
                "` has no value: give it one with --secret ",
                key,
            ]
            .concat(),
        )
    })
}
