//! What a Rust author imports to write a load test for Vuelo.
//!
//! A scenario is a type. Every virtual user is one value of it, alone in its
//! own sandbox: made by [`Scenario::start`], then driven by one call of
//! [`Scenario::iteration`] after another.
//!
//! ```
//! use vuelo_sdk::prelude::*;
//!
//! static ORDER_DURATION: Trend = Trend::milliseconds("order_duration");
//!
//! struct Shopper {
//!     order: Request,
//! }
//!
//! impl Scenario for Shopper {
//!     type Data = ();
//!
//!     fn options() -> Options {
//!         Options::new()
//!             .stages([stage("30s", 20), stage("2m", 20), stage("30s", 0)])
//!             .threshold("http_req_failed", "rate<0.01")
//!             .threshold("order_duration", "p(95)<500")
//!             .config(Key::url("BASE_URL").default("http://localhost:8080"))
//!             .config(Key::secret("TOKEN"))
//!             .metric(&ORDER_DURATION)
//!     }
//!
//!     fn start((): ()) -> Result<Self, Failure> {
//!         let url = config::require("BASE_URL")? + "/orders";
//!         let order = http::post(&url)
//!             .bearer(&config::require_secret("TOKEN")?)
//!             .tag("endpoint", "orders")
//!             .json(&["coffee", "cake"]);
//!         Ok(Self { order: order.build() })
//!     }
//!
//!     fn iteration(&mut self, _flow: &str) -> Result<(), Failure> {
//!         let answer = self.order.send()?;
//!         answer.check("order is taken", |answer| answer.status() == 201);
//!         if let Some(duration) = answer.duration() {
//!             ORDER_DURATION.add(duration);
//!         }
//!         sleep_between(seconds(1)..=seconds(3));
//!         Ok(())
//!     }
//! }
//!
//! vuelo_sdk::scenario!(Shopper);
//!
//! // The same code runs natively against a host that only remembers:
//! let report = fake::Host::new()
//!     .secret("TOKEN", "letmein")
//!     .on("POST", "/orders", fake::reply(201))
//!     .run::<Shopper>();
//! assert_eq!(report.requests[0].body_text(), r#"["coffee","cake"]"#);
//! assert!(report.check_passed("order is taken"));
//! ```
//!
//! # What there is
//!
//! - [`http`]: requests that are built once and sent often, batches, streams
//!   of Server-Sent Events. Each is measured without a word from the scenario.
//! - [`websocket`]: sessions with texts, bytes and pings, measured likewise.
//! - [`metrics`]: counters, gauges, rates and trends of your own. A metric is a
//!   `static`; declare it with [`Options::metric`].
//! - [`check`], [`group`], [`sleep`], [`sleep_between`], [`random`], [`pick`]
//!   and the rest of [`flow`]: the course of an iteration. Think times and
//!   draws repeat when a run is given the same seed.
//! - [`config`]: the keys that the options declare with [`Options::config`].
//!   A secret can fill a header and cannot be read.
//! - [`info!`], [`warn!`] and the rest of [`log`]: lines for the person who
//!   runs the test.
//! - [`Failure`]: what `?` makes of an error. It ends the iteration alone.
//!
//! # Setup, teardown, summary
//!
//! [`Setup`], [`Teardown`] and [`Summary`] run once per run. Implement them and
//! name them: `vuelo_sdk::scenario!(Shopper, setup, teardown, summary)`. What
//! setup returns is [`Scenario::Data`], which every virtual user is handed.
//!
//! # Several flows
//!
//! The plan's `exec` arrives as the argument of [`Scenario::iteration`], and is
//! `default` where the plan names none. See [`Executor::exec`].
//!
//! # Building
//!
//! `README.md` goes from an empty folder to a run. In short:
//! `crate-type = ["cdylib", "rlib"]` and
//! `cargo build --release --target wasm32-wasip2`; the `rlib` lets unit tests
//! run natively, against [`fake::Host`].

#![deny(missing_docs)]

#[cfg(target_family = "wasm")]
#[doc(hidden)]
pub mod bindings;
mod checks;
pub mod config;
mod failure;
#[cfg(not(target_family = "wasm"))]
pub mod fake;
pub mod flow;
#[doc(hidden)]
pub mod glue;
pub mod http;
mod json;
pub mod log;
pub mod metrics;
mod options;
mod scenario;
pub mod websocket;

/// What stands behind this crate: the contract's imports in a component, and
/// natively the fake, which has the same functions.
#[cfg(target_family = "wasm")]
use bindings::vuelo::load as host;
#[cfg(not(target_family = "wasm"))]
use fake::load as host;

/// The example of `README.md` is compiled with the others.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub use checks::{check, check_tagged};
pub use failure::Failure;
pub use flow::{chance, group, milliseconds, pick, random, seconds, sleep, sleep_between};
pub use options::{Executor, Key, Options, Stage, Threshold, stage};
pub use scenario::{Destination, Output, Scenario, Setup, Summary, Teardown};

/// Everything that a scenario usually needs, for one `use` line.
pub mod prelude {
    #[cfg(not(target_family = "wasm"))]
    pub use crate::fake;
    pub use crate::http::{self, Request, Response};
    pub use crate::metrics::{Counter, Gauge, Rate, Trend};
    pub use crate::{
        Destination, Executor, Failure, Key, Options, Output, Scenario, Setup, Stage, Summary,
        Teardown, Threshold, chance, check, check_tagged, config, flow, group, milliseconds, pick,
        random, seconds, sleep, sleep_between, stage, websocket,
    };
    pub use crate::{debug, error, info, warn};
    pub use std::time::Duration;
}
