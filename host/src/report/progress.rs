//! How a run goes, at the terminal: one line that renews itself, or, where
//! standard error is no terminal, one line every ten seconds.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::numbers::percent;
use super::{Colour, Paint, print_error};
use crate::imports::Level;
use crate::run::{Observer, Phase, Snapshot};

/// How often a line is printed where none can renew itself.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// How often the same text is shown before it is only counted: a server that is
/// down makes every virtual user say the same.
const MOST_REPEATS: u64 = 3;

/// How many texts are remembered for that.
const MOST_TEXTS: usize = 1_000;

/// Shows a run at the terminal.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
    total: Duration,
    paint: Paint,
    quiet: bool,
    least: Level,
    last_line: Instant,
    last: Snapshot,
    repeats: HashMap<(Level, String), u64>,
}

impl Progress {
    /// For a run whose load takes so long at most.
    #[must_use]
    pub fn new(total: Duration, quiet: bool, verbose: bool, terminal: bool, paint: Paint) -> Self {
        let bar = (terminal && !quiet).then(|| {
            let style = ProgressStyle::with_template("  {bar:24} {msg}")
                .unwrap_or_else(|_| ProgressStyle::default_bar())
                .progress_chars("━╸ ");
            let length = u64::try_from(total.as_millis()).unwrap_or(u64::MAX);
            ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr())
                .with_style(style)
        });
        let least = if verbose {
            Level::Debug
        } else if quiet {
            Level::Warn
        } else {
            Level::Info
        };
        Self {
            bar,
            total,
            paint,
            quiet,
            least,
            last_line: Instant::now(),
            last: Snapshot::default(),
            repeats: HashMap::new(),
        }
    }

    /// Takes the line away and says what was said too often to be shown.
    pub fn finish(self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        let mut folded: Vec<_> = self
            .repeats
            .iter()
            .filter(|&(_, &count)| count > MOST_REPEATS)
            .collect();
        folded.sort();
        for ((level, message), count) in folded {
            let line = format!("{message} (… {count} times in all)");
            print_error(&format!("{}\n", marked(*level, &line, self.paint)));
        }
    }

    fn print(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| print_error(&format!("{line}\n"))),
            None => print_error(&format!("{line}\n")),
        }
    }
}

impl Observer for Progress {
    fn phase(&mut self, phase: Phase) {
        let word: String = match phase {
            Phase::Setup => "setup".into(),
            Phase::Preparing(vus) => format!("making {vus} VUs"),
            Phase::Load => return,
            Phase::Stopping => "stopping: iterations under way come to their end".into(),
            Phase::Teardown => "teardown".into(),
        };
        match &self.bar {
            Some(bar) => bar.set_message(word),
            None if phase == Phase::Stopping && !self.quiet => self.print(&format!("  {word}")),
            None => {}
        }
    }

    fn progress(&mut self, snapshot: Snapshot) {
        let line = line(&snapshot, &self.last, self.total);
        self.last = snapshot;
        if let Some(bar) = &self.bar {
            bar.set_position(u64::try_from(snapshot.elapsed.as_millis()).unwrap_or(u64::MAX));
            bar.set_message(line);
        } else if !self.quiet && self.last_line.elapsed() >= LINE_EVERY {
            self.last_line = Instant::now();
            print_error(&format!("  {line}\n"));
        }
    }

    fn log(&mut self, level: Level, scenario: &str, vu: u32, message: &str) {
        if level < self.least {
            return;
        }
        if self.repeats.len() >= MOST_TEXTS {
            // Texts with an id in them are all different: those that were said
            // once give way, so that a long run keeps no more than a short one.
            self.repeats.retain(|_, &mut count| count > MOST_REPEATS);
        }
        let count = self.repeats.entry((level, message.to_owned())).or_default();
        *count += 1;
        if *count > MOST_REPEATS {
            return;
        }
        let who = if vu == 0 {
            scenario.to_owned()
        } else {
            format!("{scenario}, VU {vu}")
        };
        let line = marked(level, &format!("[{who}] {message}"), self.paint);
        self.print(&line);
    }
}

fn marked(level: Level, line: &str, paint: Paint) -> String {
    match level {
        Level::Debug => paint.text(Colour::Faint, format!("  debug {line}")),
        Level::Info => format!("  {line}"),
        Level::Warn => format!("  {} {line}", paint.text(Colour::Notable, "warning")),
        Level::Error => format!("  {} {line}", paint.text(Colour::Bad, "error")),
    }
}

/// How a run stands, in one line; rates are those of the last second.
fn line(now: &Snapshot, before: &Snapshot, total: Duration) -> String {
    let seconds = now.elapsed.saturating_sub(before.elapsed).as_secs_f64();
    let rate = |now: u64, before: u64| {
        if seconds > 0.0 {
            (now.saturating_sub(before)) as f64 / seconds
        } else {
            0.0
        }
    };
    let failed = if now.requests == 0 {
        0.0
    } else {
        now.failed_requests as f64 / now.requests as f64
    };
    format!(
        "{}/{}  {} VUs  {} iterations  {} requests ({:.0}/s)  {} failed",
        clock(now.elapsed),
        clock(total),
        now.vus,
        now.iterations,
        now.requests,
        rate(now.requests, before.requests),
        percent(failed)
    )
}

fn clock(duration: Duration) -> String {
    let seconds = duration.as_secs();
    format!("{}m{:02}s", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_a_run_stands() {
        let before = Snapshot {
            elapsed: Duration::from_secs(64),
            requests: 100,
            ..Snapshot::default()
        };
        let now = Snapshot {
            elapsed: Duration::from_secs(65),
            vus: 20,
            iterations: 40,
            requests: 300,
            failed_requests: 3,
        };
        assert_eq!(
            line(&now, &before, Duration::from_secs(390)),
            "1m05s/6m30s  20 VUs  40 iterations  300 requests (200/s)  1.00% failed"
        );
    }
}
