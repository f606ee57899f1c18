//! The exports, as `vuelo_sdk::scenario!` writes them, but for the options: the
//! plan's say things for which the SDK's builder has no words, and those that it
//! says of itself are left out there.

use vuelo_sdk::bindings::{self, exports::vuelo::load::scenario};
use vuelo_sdk::glue;

use crate::{Guest, OPTIONS};

struct Component;

thread_local! {
    static STATE: glue::Slot<Guest> = const { glue::Slot::empty() };
}

impl scenario::Guest for Component {
    fn options() -> String {
        OPTIONS.to_owned()
    }

    fn start(data: String) -> Result<(), String> {
        STATE.with(|state| glue::start(state, &data))
    }

    fn iteration(exec: String) -> Result<(), String> {
        STATE.with(|state| glue::iteration(state, &exec))
    }
}

bindings::__export_scenario!(Component with_types_in bindings);
vuelo_sdk::__optional_export!(setup, Guest, Component);
vuelo_sdk::__optional_export!(teardown, Guest, Component);
vuelo_sdk::__optional_export!(summary, Guest, Component);
