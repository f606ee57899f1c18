//! What is being waited for, where it takes long enough to wonder.

use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::print_error;

/// How long something may take before anybody wants to know what is going on.
const LONG: Duration = Duration::from_millis(400);

/// Says what is going on once it takes long: at a terminal by a line that moves
/// and goes away, elsewhere by one that stays. Dropping it ends it.
#[derive(Debug)]
pub struct Waiting {
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Waiting {
    /// Waits for something of this description.
    #[must_use]
    pub fn new(description: String, quiet: bool, terminal: bool) -> Self {
        if quiet {
            return Self {
                end: None,
                thread: None,
            };
        }
        let (end, ended) = channel();
        let thread = std::thread::spawn(move || {
            if ended.recv_timeout(LONG) != Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                return;
            }
            if !terminal {
                print_error(&format!("  {description}\n"));
                return;
            }
            let style = ProgressStyle::with_template("  {spinner} {msg} ({elapsed})")
                .unwrap_or_else(|_| ProgressStyle::default_spinner());
            let line = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
                .with_style(style)
                .with_elapsed(LONG)
                .with_message(description);
            line.enable_steady_tick(Duration::from_millis(100));
            // Ends with the sender, by a word of it or without one.
            let _ = ended.recv();
            line.finish_and_clear();
        });
        Self {
            end: Some(end),
            thread: Some(thread),
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            // It prints a line and cannot panic; without it nothing is lost.
            let _ = thread.join();
        }
    }
}
