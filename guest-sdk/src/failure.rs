use std::fmt;

use crate::{http, websocket};

/// Why an iteration, a setup or a teardown ended early: a text for the person
/// who runs the test.
///
/// `?` makes one of an [`http::Error`], of a [`websocket::Error`], of a
/// `serde_json::Error` and of texts.
///
/// ```
/// use vuelo_sdk::Failure;
///
/// fn parse(text: &str) -> Result<u32, Failure> {
///     Ok(serde_json::from_str(text)?)
/// }
/// assert!(parse("no number").is_err());
/// assert_eq!(Failure::from("no stock").text(), "no stock");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure(String);

impl Failure {
    /// Makes a failure of anything that can be shown.
    pub fn new(reason: impl fmt::Display) -> Self {
        Self(reason.to_string())
    }

    /// What happened.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Puts what was being done before what happened.
    ///
    /// ```
    /// use vuelo_sdk::Failure;
    ///
    /// let failure = Failure::from("connection refused").while_doing("asking for a token");
    /// assert_eq!(failure.text(), "asking for a token: connection refused");
    /// ```
    #[must_use]
    pub fn while_doing(self, what: &str) -> Self {
        Self([what, ": ", &self.0].concat())
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl From<String> for Failure {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Failure {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<http::Error> for Failure {
    fn from(error: http::Error) -> Self {
        Self(error.into_text())
    }
}

impl From<websocket::Error> for Failure {
    fn from(error: websocket::Error) -> Self {
        Self(error.into_text())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}
