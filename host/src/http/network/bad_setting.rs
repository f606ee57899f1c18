//! A setting that is written wrongly.

/// A setting that is written wrongly.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {expected}")]
pub struct BadSetting {
    /// What was written, without what must not be shown.
    text: String,
    /// What would have been right, with how to write it.
    expected: &'static str,
}

impl BadSetting {
    pub(in crate::http) fn new(text: &str, expected: &'static str) -> Self {
        Self {
            text: text.to_owned(),
            expected,
        }
    }
}
