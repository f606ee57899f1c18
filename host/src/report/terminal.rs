//! Writing to the terminal, or to whoever reads in its place.

use std::io::Write;

/// Writes to standard output. A reader that went away (`vuelo … | head`) is no
/// reason to end otherwise than without it.
pub fn print(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
}

/// Writes to standard error.
pub fn print_error(text: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = stderr
        .write_all(text.as_bytes())
        .and_then(|()| stderr.flush());
}

/// A text of somebody else's for one line of the terminal: without characters that
/// would move the cursor or begin another line.
#[must_use]
pub fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}
