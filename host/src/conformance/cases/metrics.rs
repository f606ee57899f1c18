//! Metrics, checks, and the edges of numbers.

use super::{Case, Expected};
use crate::conformance::ran::Ran;

pub(super) const CASES: &[Case] = &[
    Case::new(
        "metrics",
        "Add 1, and 2.5 with the tag `colour` = `red`, to the counter `things`; set the gauge `level` to 5 and to -3.5; add \
         true, false and false to the rate `share`; 0.25 and a duration of 1.5 ms to the trend `lengths`; 1048576 to the \
         trend `sizes`.",
        &[
            Expected::Value("things", "count", 3.5),
            Expected::Value("things{colour:red}", "count", 2.5),
            Expected::Value("level", "value", -3.5),
            Expected::Value("level", "max", 5.0),
            Expected::Value("share", "passes", 1.0),
            Expected::Value("share", "fails", 2.0),
            Expected::Value("lengths", "min", 0.25),
            Expected::Value("lengths", "max", 1.5),
            Expected::Value("sizes", "sum", 1_048_576.0),
        ],
    )
    .options("thresholds.\"things{colour:red}\" = [{ threshold = \"count>=0\", onNoData = \"pass\" }]"),
    Case::new(
        "f64",
        "Set the gauge `level` with the tag `edge`: `max` to 1.7976931348623157e308, `min` to -1.7976931348623157e308, `tiny` \
         to 5e-324, `third` to 0.1, `whole` to 9007199254740991, `zero` to -0.",
        &[
            Expected::Value("level{edge:max}", "value", f64::MAX),
            Expected::Value("level{edge:min}", "value", f64::MIN),
            Expected::Value("level{edge:tiny}", "value", 5e-324),
            Expected::Value("level{edge:third}", "value", 0.1),
            Expected::Value("level{edge:whole}", "value", 9_007_199_254_740_991.0),
            Expected::Value("level{edge:zero}", "value", 0.0),
        ],
    )
    .options(
        "thresholds.\"level{edge:max}\" = [{ threshold = \"value>0\", onNoData = \"pass\" }]\n\
         thresholds.\"level{edge:min}\" = [{ threshold = \"value<0\", onNoData = \"pass\" }]\n\
         thresholds.\"level{edge:tiny}\" = [{ threshold = \"value>0\", onNoData = \"pass\" }]\n\
         thresholds.\"level{edge:third}\" = [{ threshold = \"value>0\", onNoData = \"pass\" }]\n\
         thresholds.\"level{edge:whole}\" = [{ threshold = \"value>0\", onNoData = \"pass\" }]\n\
         thresholds.\"level{edge:zero}\" = [{ threshold = \"value>=0\", onNoData = \"pass\" }]",
    ),
    Case::new(
        "u64",
        "Add a duration of 9007199254740993 ns (2^53 + 1) to the trend `lengths`. Where numbers are floats, \
         `unsupported: …`.",
        &[Expected::That(is_whole)],
    )
    .where_the_language_can(),
    Case::new(
        "nonsense",
        "Add -1, no number and infinity to the counter `things`: none of them is recorded.",
        &[Expected::Value("metrics_errors", "count", 3.0)],
    ),
    Case::new(
        "undeclared-metric",
        "Make the counter `nobody`, and add 1: the host traps.",
        &[
            Expected::Mentions("nobody"),
            Expected::Value("iteration_traps", "count", 1.0),
        ],
    )
    .failed(1),
    Case::new(
        "wrong-metric",
        "Make the counter `level`, which is declared as a gauge: the host traps.",
        &[
            Expected::Mentions("level"),
            Expected::Value("iteration_traps", "count", 1.0),
        ],
    )
    .failed(1),
    Case::new(
        "checks",
        "Record the check `holds` as true and as false, and `Grüße 🦉` as true with the tag `colour` = `red`.",
        &[
            Expected::Check("", "holds", 1, 1),
            Expected::Check("", "Grüße 🦉", 1, 0),
            Expected::Value("checks{colour:red}", "passes", 1.0),
        ],
    )
    .options("thresholds.\"checks{colour:red}\" = [{ threshold = \"rate>=0\", onNoData = \"pass\" }]"),
];

/// All 64 bits of a duration came.
fn is_whole(ran: &Ran) -> Result<(), String> {
    let series = ran.results["recorded"]["series"].as_array();
    let mut lengths = series
        .into_iter()
        .flatten()
        .filter(|series| series["name"] == "lengths");
    match lengths.next().and_then(|series| series["sum"].as_str()) {
        Some("9007199254740993") => Ok(()),
        other => Err(format!("{other:?} came")),
    }
}
