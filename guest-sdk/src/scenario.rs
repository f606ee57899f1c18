use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Failure, Options};

/// A load test: its type is the scenario, its value one virtual user.
///
/// See the [crate's page](crate) for a whole one.
pub trait Scenario: Sized + 'static {
    /// What [`Setup::setup`] found out for the virtual users; `()` where there
    /// is no setup.
    type Data: DeserializeOwned;

    /// How this scenario wants to be run. Called before anything is configured:
    /// nothing else of this crate may be used here.
    fn options() -> Options;

    /// Makes a virtual user. What lives as long as it does (requests, secrets)
    /// is made here. Called again for the user who replaces one that panicked.
    ///
    /// A tag that is [set](crate::flow::set_tag) here holds for every iteration;
    /// groups and answers end when this returns.
    ///
    /// # Errors
    ///
    /// A failure counts as a failed iteration; the next one starts anew.
    fn start(data: Self::Data) -> Result<Self, Failure>;

    /// One iteration of the flow of that name (k6's `exec`), `default` where
    /// the plan names none. [`unknown_flow`](crate::flow::unknown_flow) is the
    /// failure for any other.
    ///
    /// # Errors
    ///
    /// A failure ends this iteration alone.
    fn iteration(&mut self, flow: &str) -> Result<(), Failure>;
}

/// What is done once per run, before the load.
///
/// ```
/// # use vuelo_sdk::prelude::*;
/// # struct Shopper;
/// # impl Scenario for Shopper {
/// #     type Data = String;
/// #     fn options() -> Options { Options::new() }
/// #     fn start(_: String) -> Result<Self, Failure> { Ok(Self) }
/// #     fn iteration(&mut self, _: &str) -> Result<(), Failure> { Ok(()) }
/// # }
/// impl Setup for Shopper {
///     fn setup() -> Result<String, Failure> {
///         Ok(http::get("http://localhost:8080/catalogue").send()?.text()?)
///     }
/// }
/// vuelo_sdk::scenario!(Shopper, setup);
/// ```
pub trait Setup: Scenario<Data: Serialize> {
    /// Prepares the run. Every virtual user is handed what it returns.
    ///
    /// # Errors
    ///
    /// A failure ends the run before it starts, with its text as the reason.
    fn setup() -> Result<Self::Data, Failure>;
}

/// What is done once per run, after the load.
pub trait Teardown: Scenario {
    /// Cleans up, also after a load that was stopped or aborted. `data` is what
    /// setup returned.
    ///
    /// # Errors
    ///
    /// A failure makes the run fail; its results are written all the same.
    fn teardown(data: Self::Data) -> Result<(), Failure>;
}

/// The scenario's own summary, in place of the built-in one.
pub trait Summary: Scenario {
    /// Makes texts of the results: JSON in the shape that k6 hands to
    /// `handleSummary`.
    ///
    /// # Errors
    ///
    /// A failure is logged, and the built-in summary is printed instead.
    fn summarize(results: &str) -> Result<Vec<Output>, Failure>;
}

/// A text of a [`Summary`], and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Where it goes.
    pub destination: Destination,
    /// The text itself.
    pub text: String,
}

/// Where a text of a [`Summary`] goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// To the terminal.
    Stdout,
    /// To the terminal's error stream.
    Stderr,
    /// To a file of this name in the results folder: one path segment.
    File(String),
}

/// Makes a component of a [`Scenario`]: `scenario!(Type)`, with the optional
/// exports named after it: `setup`, `teardown`, `summary`.
///
/// Once per crate. Natively it does nothing but check the traits.
#[macro_export]
macro_rules! scenario {
    ($scenario:ty $(, $extra:ident)* $(,)?) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            struct Component;

            ::std::thread_local! {
                static STATE: $crate::glue::Slot<$scenario> =
                    const { $crate::glue::Slot::empty() };
            }

            impl $crate::bindings::exports::vuelo::load::scenario::Guest for Component {
                fn options() -> ::std::string::String {
                    $crate::glue::options::<$scenario>()
                }
                fn start(data: ::std::string::String) -> ::std::result::Result<(), ::std::string::String> {
                    STATE.with(|state| $crate::glue::start(state, &data))
                }
                fn iteration(exec: ::std::string::String) -> ::std::result::Result<(), ::std::string::String> {
                    STATE.with(|state| $crate::glue::iteration(state, &exec))
                }
            }

            $crate::bindings::__export_scenario!(Component with_types_in $crate::bindings);
            $($crate::__optional_export!($extra, $scenario, Component);)*
        };

        #[cfg(not(target_family = "wasm"))]
        const _: () = {
            const fn is_scenario<S: $crate::Scenario>() {}
            is_scenario::<$scenario>();
            $($crate::__optional_export!($extra, $scenario);)*
        };
    };
}

/// One optional export of [`scenario!`](crate::scenario!): the implementation
/// for a component, or (without its name) the check of the trait.
#[doc(hidden)]
#[macro_export]
macro_rules! __optional_export {
    (setup, $scenario:ty, $component:ident) => {
        impl $crate::bindings::setup::exports::vuelo::load::setup::Guest for $component {
            fn setup() -> ::std::result::Result<::std::string::String, ::std::string::String> {
                $crate::glue::setup::<$scenario>()
            }
        }
        $crate::bindings::setup::__export_setup!($component with_types_in $crate::bindings::setup);
    };
    (teardown, $scenario:ty, $component:ident) => {
        impl $crate::bindings::teardown::exports::vuelo::load::teardown::Guest for $component {
            fn teardown(data: ::std::string::String) -> ::std::result::Result<(), ::std::string::String> {
                $crate::glue::teardown::<$scenario>(&data)
            }
        }
        $crate::bindings::teardown::__export_teardown!(
            $component with_types_in $crate::bindings::teardown
        );
    };
    (summary, $scenario:ty, $component:ident) => {
        impl $crate::bindings::summary::exports::vuelo::load::summary::Guest for $component {
            fn summarize(
                results: ::std::string::String,
            ) -> ::std::result::Result<
                ::std::vec::Vec<$crate::bindings::summary::exports::vuelo::load::summary::Output>,
                ::std::string::String,
            > {
                $crate::glue::summarize::<$scenario>(&results)
            }
        }
        $crate::bindings::summary::__export_summary!(
            $component with_types_in $crate::bindings::summary
        );
    };
    (setup, $scenario:ty) => {{
        const fn is_setup<S: $crate::Setup>() {}
        is_setup::<$scenario>();
    }};
    (teardown, $scenario:ty) => {{
        const fn is_teardown<S: $crate::Teardown>() {}
        is_teardown::<$scenario>();
    }};
    (summary, $scenario:ty) => {{
        const fn is_summary<S: $crate::Summary>() {}
        is_summary::<$scenario>();
    }};
}
