//! The metrics of this flow.

use vuelo_sdk::prelude::*;

/// Each request of the widgets' batch.
pub(crate) static WIDGET_DURATION: Trend = Trend::milliseconds("dashboard_widget_duration");
/// From the request to the first `TEXT_MESSAGE_CONTENT`.
pub(crate) static TIME_TO_FIRST_TOKEN: Trend = Trend::milliseconds("agui_time_to_first_token");
/// From the request to the end of the stream.
pub(crate) static RUN_DURATION: Trend = Trend::milliseconds("agui_run_duration");
/// Whether a run of the agent failed.
pub(crate) static AGUI_ERRORS: Rate = Rate::new("agui_errors");

pub(crate) fn declare(options: Options) -> Options {
    options
        .metric(&WIDGET_DURATION)
        .metric(&TIME_TO_FIRST_TOKEN)
        .metric(&RUN_DURATION)
        .metric(&AGUI_ERRORS)
}
