//! One case of the plan: what a guest is asked to do, under which conditions, and
//! what must come of it.

use super::expected::Expected;

/// One case of the plan.
#[derive(Debug)]
pub struct Case {
    /// Its name: the value of the key `CASE`.
    pub name: &'static str,
    /// What the guest is asked to do, in words.
    pub asks: &'static str,
    /// The `exec` that its iterations are called with.
    pub(super) flow: &'static str,
    /// How many iterations there are, one after another.
    pub(super) iterations: u32,
    /// What the key `URL` holds.
    pub(super) url: Url,
    /// Options of the plan file, in TOML: those of the case alone.
    pub(super) options: &'static str,
    /// How the run ends: its exit code.
    pub(super) exit: u8,
    /// How many of its iterations fail.
    pub(super) failed: u32,
    /// Whether a language may have no such thing.
    pub(super) may_be_unsupported: bool,
    /// What else must be seen.
    pub(super) expected: &'static [Expected],
}

/// What the key `URL` holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Url {
    /// Nothing.
    None,
    /// A path on the server.
    Path(&'static str),
    /// The server, as if it spoke TLS.
    Tls,
    /// A port at which nobody listens.
    Refused,
    /// This text.
    Text(&'static str),
}

impl Case {
    /// A case of one iteration that ends well, in the flow of its name.
    pub(super) const fn new(
        name: &'static str,
        asks: &'static str,
        expected: &'static [Expected],
    ) -> Self {
        Self {
            name,
            asks,
            flow: name,
            iterations: 1,
            url: Url::None,
            options: "",
            exit: 0,
            failed: 0,
            may_be_unsupported: false,
            expected,
        }
    }

    pub(super) const fn flow(mut self, flow: &'static str) -> Self {
        self.flow = flow;
        self
    }

    pub(super) const fn iterations(mut self, iterations: u32) -> Self {
        self.iterations = iterations;
        self
    }

    pub(super) const fn url(mut self, url: Url) -> Self {
        self.url = url;
        self
    }

    pub(super) const fn options(mut self, options: &'static str) -> Self {
        self.options = options;
        self
    }

    pub(super) const fn exit(mut self, exit: u8) -> Self {
        self.exit = exit;
        self
    }

    pub(super) const fn where_the_language_can(mut self) -> Self {
        self.may_be_unsupported = true;
        self
    }

    pub(super) const fn failed(mut self, failed: u32) -> Self {
        self.failed = failed;
        self
    }
}
