//! What people see: progress while a run goes on, a summary at its end.
//!
//! - [`Progress`]: the run's observer at the terminal
//! - [`summary`]: the summary's text
//! - [`print`], [`print_error`]: writing, whoever reads
//! - [`Paint`]: colours, where they are wanted

mod numbers;
mod paint;
mod progress;
pub mod summary;
mod terminal;

pub use paint::{Colour, Paint};
pub use progress::Progress;
pub use terminal::{print, print_error};
