//! The target's own word on how long it took, to hold a run's against.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A file with one line for each answered request: the nanoseconds from the
/// first byte read of the request to the last byte written of its answer. A
/// handle: clones write to the same file, which is whole when the last one is
/// dropped.
#[derive(Debug, Clone)]
pub struct TimesLog(Arc<Mutex<BufWriter<File>>>);

impl TimesLog {
    /// Starts a file, in place of an earlier one.
    ///
    /// # Errors
    /// The system's, where the file cannot be written.
    pub fn create(path: &Path) -> io::Result<Self> {
        let file = BufWriter::with_capacity(1 << 20, File::create(path)?);
        Ok(Self(Arc::new(Mutex::new(file))))
    }

    fn add(&self, took: Duration) {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A full disk costs lines of a log; whoever counts them will notice.
        let _ = writeln!(file, "{}", took.as_nanos());
    }
}

/// The clock of one connection, whose requests come one after another.
#[derive(Debug)]
pub(super) struct Clock {
    log: TimesLog,
    request: Option<(Instant, Option<Instant>)>,
}

impl Clock {
    pub(super) fn new(log: TimesLog) -> Self {
        Self { log, request: None }
    }

    /// Bytes were read. Those after an answer begin another request.
    pub(super) fn read(&mut self) {
        match self.request {
            Some((_, None)) => {}
            Some((_, Some(_))) | None => {
                self.end();
                self.request = Some((Instant::now(), None));
            }
        }
    }

    /// Bytes were written.
    pub(super) fn wrote(&mut self) {
        if let Some((_, written)) = &mut self.request {
            *written = Some(Instant::now());
        }
    }

    fn end(&mut self) {
        if let Some((read, Some(written))) = self.request.take() {
            self.log.add(written - read);
        }
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        self.end();
    }
}
