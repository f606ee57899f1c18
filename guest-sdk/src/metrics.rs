//! A scenario's own metrics. Each is a `static`, declared in the options with
//! [`Options::metric`](crate::Options::metric), and needs no name when used.
//!
//! ```
//! use vuelo_sdk::prelude::*;
//!
//! static ORDERS: Counter = Counter::new("orders");
//! static ORDER_DURATION: Trend = Trend::milliseconds("order_duration");
//!
//! let report = fake::Host::new().play(|| {
//!     ORDERS.add(1);
//!     ORDER_DURATION.add_tagged(milliseconds(12), &[("outcome", "ok")]);
//! });
//! assert_eq!(report.values("order_duration"), [12.0]);
//! ```
//!
//! Using a metric that the options do not declare ends the virtual user with a
//! text that says so.

use std::sync::OnceLock;
use std::time::Duration;

use crate::flow::nanoseconds;
use crate::host::metrics as contract;

/// What the options say about a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declaration {
    /// Its name.
    pub name: &'static str,
    /// `counter`, `gauge`, `rate` or `trend`.
    pub kind: &'static str,
    /// `none`, `ms` or `bytes`.
    pub unit: &'static str,
}

/// Any of the four kinds.
pub trait Metric {
    /// What the options say about it.
    fn declaration(&self) -> Declaration;
}

/// A number to record: a whole one, a fraction, or a time, which counts in
/// milliseconds.
pub trait Value {
    /// The number itself.
    fn into_number(self) -> f64;

    /// The time that it is, if it is one: a trend takes that as it is.
    fn as_time(&self) -> Option<Duration> {
        None
    }
}

impl Value for f64 {
    fn into_number(self) -> f64 {
        self
    }
}

impl Value for i32 {
    fn into_number(self) -> f64 {
        f64::from(self)
    }
}

impl Value for u32 {
    fn into_number(self) -> f64 {
        f64::from(self)
    }
}

impl Value for u64 {
    #[allow(clippy::cast_precision_loss)]
    fn into_number(self) -> f64 {
        self as f64
    }
}

impl Value for usize {
    #[allow(clippy::cast_precision_loss)]
    fn into_number(self) -> f64 {
        self as f64
    }
}

impl Value for Duration {
    fn into_number(self) -> f64 {
        self.as_secs_f64() * 1000.0
    }

    fn as_time(&self) -> Option<Duration> {
        Some(*self)
    }
}

macro_rules! kind {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        pub struct $name {
            name: &'static str,
            unit: &'static str,
            handle: OnceLock<contract::$name>,
        }

        impl $name {
            const fn with_unit(name: &'static str, unit: &'static str) -> Self {
                Self { name, unit, handle: OnceLock::new() }
            }

            /// Made at the first use: what a static is made by knows no host.
            fn handle(&self) -> &contract::$name {
                self.handle.get_or_init(|| contract::$name::new(self.name))
            }
        }

        impl Metric for $name {
            fn declaration(&self) -> Declaration {
                Declaration { name: self.name, kind: $kind, unit: self.unit }
            }
        }
    };
}

kind! {
    /// A sum that only grows.
    Counter, "counter"
}
kind! {
    /// A value of which the last, the lowest and the highest are kept.
    Gauge, "gauge"
}
kind! {
    /// The share of samples that are true.
    Rate, "rate"
}
kind! {
    /// A distribution, with percentiles.
    Trend, "trend"
}

impl Counter {
    /// A counter of things.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self::with_unit(name, "none")
    }

    /// A counter of bytes.
    #[must_use]
    pub const fn bytes(name: &'static str) -> Self {
        Self::with_unit(name, "bytes")
    }

    /// Adds to it.
    pub fn add(&self, value: impl Value) {
        self.add_tagged(value, &[]);
    }

    /// Adds to it, with tags.
    pub fn add_tagged(&self, value: impl Value, tags: &[(&str, &str)]) {
        self.handle().add(value.into_number(), tags);
    }
}

impl Gauge {
    /// A gauge of a plain number.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self::with_unit(name, "none")
    }

    /// A gauge of a time in milliseconds.
    #[must_use]
    pub const fn milliseconds(name: &'static str) -> Self {
        Self::with_unit(name, "ms")
    }

    /// Sets it.
    pub fn set(&self, value: impl Value) {
        self.set_tagged(value, &[]);
    }

    /// Sets it, with tags.
    pub fn set_tagged(&self, value: impl Value, tags: &[(&str, &str)]) {
        self.handle().set(value.into_number(), tags);
    }
}

impl Rate {
    /// A rate.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self::with_unit(name, "none")
    }

    /// Adds one sample.
    pub fn add(&self, value: bool) {
        self.add_tagged(value, &[]);
    }

    /// Adds one sample, with tags.
    pub fn add_tagged(&self, value: bool, tags: &[(&str, &str)]) {
        self.handle().add(value, tags);
    }
}

impl Trend {
    /// A distribution of plain numbers.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self::with_unit(name, "none")
    }

    /// A distribution of times, in milliseconds.
    #[must_use]
    pub const fn milliseconds(name: &'static str) -> Self {
        Self::with_unit(name, "ms")
    }

    /// A distribution of sizes, in bytes.
    #[must_use]
    pub const fn bytes(name: &'static str) -> Self {
        Self::with_unit(name, "bytes")
    }

    /// Adds one sample. A time goes into a trend of
    /// [`milliseconds`](Self::milliseconds) alone: any other ends the virtual
    /// user with a text that says so.
    pub fn add(&self, value: impl Value) {
        self.add_tagged(value, &[]);
    }

    /// [`add`](Self::add), with tags.
    pub fn add_tagged(&self, value: impl Value, tags: &[(&str, &str)]) {
        match value.as_time() {
            Some(time) => self.handle().add_duration(nanoseconds(time), tags),
            None => self.handle().add(value.into_number(), tags),
        }
    }
}
