//! How long connections and cookies live.

/// How long connections are kept, and who shares them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ConnectionLife {
    /// Each request has one of its own. k6's `noConnectionReuse`.
    Request,
    /// Those of a VU are closed at the end of its iteration. k6's
    /// `noVUConnectionReuse`.
    Iteration,
    /// A VU keeps its own, as k6 and browsers do.
    #[default]
    Vu,
    /// The VUs of a worker share them, as clients behind a gateway do.
    Worker,
}

/// How long cookies are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CookieLife {
    /// Until the end of the iteration, as in k6.
    #[default]
    Iteration,
    /// As long as the VU. k6's `noCookiesReset`.
    Vu,
}
