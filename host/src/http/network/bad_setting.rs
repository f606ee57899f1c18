//! A setting that is written wrongly.

/// A setting that is written wrongly: what is wrong with it, and what to write
/// instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadSetting(String);

impl BadSetting {
    /// With a text that has nothing in it that must not be shown.
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl From<BadSetting> for String {
    fn from(bad: BadSetting) -> Self {
        bad.0
    }
}
