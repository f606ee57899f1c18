//! What a guest prints on its WASI standard output and standard error.
//!
//! A guest has no terminal. What it prints is kept, up to a limit, until
//! somebody asks: after a trap its last words say why (a Rust panic prints its
//! message there and nowhere else).

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

/// What is kept: enough for a message and a stack trace.
const LIMIT: usize = 8 * 1024;

/// The last words of a guest, both streams together. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Output(Arc<Mutex<Vec<u8>>>);

impl Output {
    /// What was printed since the last call, without the white space around it.
    #[must_use]
    pub fn take(&self) -> String {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&std::mem::take(&mut *kept))
            .trim()
            .to_owned()
    }

    fn append(&self, bytes: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(&bytes[bytes.len().saturating_sub(LIMIT)..]);
        let over = kept.len().saturating_sub(LIMIT);
        kept.drain(..over);
    }
}

impl IsTerminal for Output {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Output {
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        // WASI 0.2 guests use `p2_stream`; this one is for 0.3, which is not
        // linked.
        Box::new(tokio::io::sink())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[async_trait::async_trait]
impl Pollable for Output {
    async fn ready(&mut self) {}
}

impl OutputStream for Output {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.append(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(LIMIT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_much_that_is_printed_the_last_is_kept_and_the_guest_goes_on() {
        let output = Output::default();
        let mut stream = output.clone();
        for number in 0..10_u8 {
            let line = vec![b'0' + number; 1000];
            assert!(stream.write(Bytes::from(line)).is_ok());
        }
        let kept = output.take();
        assert_eq!(kept.len(), LIMIT);
        assert!(kept.starts_with('1') && kept.ends_with('9'));
        assert_eq!(output.take(), "");
    }
}
