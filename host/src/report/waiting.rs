//! What is being waited for, where it takes long enough to wonder.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::print_error;

/// How long something may take before anybody wants to know what is going on.
const LONG: Duration = Duration::from_millis(400);

/// How often the line is drawn anew.
const DRAW_EVERY: Duration = Duration::from_millis(100);

/// How many steps the bar has.
const STEPS: u64 = 1_000;

/// The share that is done, from 0 to 1.
type Share = Box<dyn Fn() -> f64 + Send>;

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
        Self::start(description, None, quiet, terminal)
    }

    /// Waits for something of which it is known how far it is: `share` says so,
    /// from 0 to 1.
    #[must_use]
    pub fn with_share(
        description: String,
        share: impl Fn() -> f64 + Send + 'static,
        quiet: bool,
        terminal: bool,
    ) -> Self {
        Self::start(description, Some(Box::new(share)), quiet, terminal)
    }

    fn start(description: String, share: Option<Share>, quiet: bool, terminal: bool) -> Self {
        if quiet {
            return Self {
                end: None,
                thread: None,
            };
        }
        let (end, ended) = channel();
        let thread = std::thread::spawn(move || {
            if !goes_on(&ended, LONG) {
                return;
            }
            if !terminal {
                print_error(&format!("  {description}\n"));
                return;
            }
            let line = line(share.is_some()).with_message(description);
            while goes_on(&ended, DRAW_EVERY) {
                match &share {
                    Some(share) => line.set_position((share() * STEPS as f64) as u64),
                    None => line.tick(),
                }
            }
            line.finish_and_clear();
        });
        Self {
            end: Some(end),
            thread: Some(thread),
        }
    }
}

/// Whether it is still waited for after so long: the sender ends it.
fn goes_on(ended: &Receiver<()>, after: Duration) -> bool {
    ended.recv_timeout(after) == Err(RecvTimeoutError::Timeout)
}

fn line(has_share: bool) -> ProgressBar {
    let (template, length) = if has_share {
        ("  {bar:24} {percent:>3}% {msg} ({elapsed})", Some(STEPS))
    } else {
        ("  {spinner} {msg} ({elapsed})", None)
    };
    let style = ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
        .progress_chars("━╸ ");
    ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr())
        .with_style(style)
        .with_elapsed(LONG)
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
