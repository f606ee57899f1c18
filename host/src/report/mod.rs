//! What people see: progress while a run goes on, a summary at its end.
//!
//! - [`Progress`]: the run's observer at the terminal
//! - [`summary`]: the summary's text
//! - [`Paint`]: colours, where they are wanted

mod numbers;
mod paint;
mod progress;
pub mod summary;

pub use paint::{Colour, Paint};
pub use progress::Progress;
