//! Lines for the person who runs the test: [`debug!`](crate::debug!),
//! [`info!`](crate::info!), [`warn!`](crate::warn!), [`error!`](crate::error!).
//!
//! ```
//! use vuelo_sdk::prelude::*;
//!
//! let report = fake::Host::new().play(|| info!("{} orders are open", 3));
//! assert_eq!(report.logs[0].message, "3 orders are open");
//! ```

use std::fmt;

use crate::host;

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Shown with `--verbose` alone.
    Debug,
    /// Shown.
    Info,
    /// Shown, and marked.
    Warn,
    /// Shown, marked, and counted.
    Error,
}

/// Writes one line; what the macros call.
pub fn write(level: Level, message: fmt::Arguments<'_>) {
    #[allow(unused_qualifications, reason = "natively the two levels are one type")]
    let level = match level {
        Level::Debug => host::log::Level::Debug,
        Level::Info => host::log::Level::Info,
        Level::Warn => host::log::Level::Warn,
        Level::Error => host::log::Level::Error,
    };
    match message.as_str() {
        Some(text) => host::log::write(level, text),
        None => host::log::write(level, &fmt::format(message)),
    }
}

/// Logs a line that is shown with `--verbose` alone, written as for `format!`.
#[macro_export]
macro_rules! debug {
    ($($message:tt)+) => { $crate::log::write($crate::log::Level::Debug, format_args!($($message)+)) };
}

/// Logs a line, written as for `format!`.
#[macro_export]
macro_rules! info {
    ($($message:tt)+) => { $crate::log::write($crate::log::Level::Info, format_args!($($message)+)) };
}

/// Logs a warning, written as for `format!`.
#[macro_export]
macro_rules! warn {
    ($($message:tt)+) => { $crate::log::write($crate::log::Level::Warn, format_args!($($message)+)) };
}

/// Logs an error, which is counted, written as for `format!`.
#[macro_export]
macro_rules! error {
    ($($message:tt)+) => { $crate::log::write($crate::log::Level::Error, format_args!($($message)+)) };
}
