//! What people see: progress while a run goes on, a summary at its end.
//!
//! - [`Progress`]: the run's observer at the terminal
//! - [`Waiting`]: what is being waited for
//! - [`summary`]: the summary's text
//! - [`print`], [`print_error`], [`plain`]: writing, whoever reads, whatever is said
//! - [`Paint`]: colours, where they are wanted

mod numbers;
mod paint;
mod progress;
pub mod summary;
mod terminal;
mod waiting;

pub use paint::{Colour, Paint};
pub use progress::Progress;
pub use terminal::{plain, print, print_error};
pub use waiting::Waiting;
