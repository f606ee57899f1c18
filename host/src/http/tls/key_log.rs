//! The file that keys of sessions are written to.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::unusable;
use crate::http::error::Error;

/// The file that keys of sessions are written to, in the notation of NSS that
/// Wireshark and others read.
///
/// rustls has one of its own, which takes its path from the environment alone
/// and passes over a file that cannot be opened.
#[derive(Debug)]
pub(super) struct KeyLogFile(File);

impl KeyLogFile {
    /// Writes at the end of the file, or makes it, for nobody else to read.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path);
        file.map(Self).map_err(|error| {
            unusable(
                &format!("{} (SSLKEYLOGFILE)", path.display()),
                &format!("it cannot be written: {error}; name another file, or unset the variable"),
            )
        })
    }
}

impl rustls::KeyLog for KeyLogFile {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let mut line = format!("{label} ");
        for byte in client_random {
            // Text cannot fail to take text.
            let _ = write!(line, "{byte:02x}");
        }
        line.push(' ');
        for byte in secret {
            let _ = write!(line, "{byte:02x}");
        }
        line.push('\n');
        // One write a line: the system keeps what workers append apart. A full
        // disk is no reason to end a run.
        let _ = (&self.0).write_all(line.as_bytes());
    }
}
