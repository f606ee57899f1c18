//! What is wrong with a profile, all of it.

/// What is wrong with an option, and where.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::plan) struct Wrong {
    pub(in crate::plan) path: String,
    pub(in crate::plan) reason: String,
}

impl Wrong {
    pub(in crate::plan) fn new(path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            reason: reason.into(),
        }
    }
}

/// Everything that is wrong. Who finds something says it here and goes on with
/// what is right.
#[derive(Debug, Default)]
pub(in crate::plan) struct Wrongs(pub(in crate::plan) Vec<Wrong>);

impl Wrongs {
    pub(in crate::plan) fn say(&mut self, path: impl Into<String>, reason: impl Into<String>) {
        self.0.push(Wrong::new(path, reason));
    }
}
