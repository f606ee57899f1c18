//! How iterations and runs end by the guest's own will.

use super::{Case, Expected};

pub(super) const CASES: &[Case] = &[
    Case::new(
        "error",
        "The iteration returns the error `this one fails: Grüße`.",
        &[
            Expected::Mentions("iteration failed: this one fails: Grüße"),
            Expected::Value("iterations", "count", 1.0),
        ],
    )
    .failed(1),
    Case::new(
        "abort",
        "Abort the run for the reason `enough: Grüße`; then say `after=abort`, which does not come.",
        &[
            Expected::Reason("enough: Grüße"),
            Expected::Silent("after"),
        ],
    )
    .exit(108),
    Case::new(
        "mark-failed",
        "Mark the run as failed for the reason `not good: Grüße`; then say `after=true`.",
        &[
            Expected::Reason("not good: Grüße"),
            Expected::Says("after", &["true"]),
        ],
    )
    .exit(110),
];
