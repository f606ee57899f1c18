//! Who is told what executors do.

/// What happens to VUs and iterations, told to whoever counts them. Calls come
/// from the worker thread that it happens on.
pub trait Watcher {
    /// A VU became active.
    fn active(&self);
    /// A VU is no longer active.
    fn idle(&self);
    /// A VU was made while the load runs, beyond those made before: k6's
    /// `vus_max` goes up by one.
    fn made(&self);
    /// So many iterations were not started, since no VU was free or the time was
    /// up: k6's `dropped_iterations`.
    fn dropped(&self, count: u64);
    /// An iteration found no free VU, and as many VUs as there may be are there
    /// or being made. Told once for each scenario; k6 warns of it.
    fn short_of_vus(&self);
}
