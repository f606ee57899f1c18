//! Groups, tags, numbers, draws, think times, lines.

use super::{Case, Expected};
use crate::conformance::examination::{SCENARIO, SEED};
use crate::conformance::ran::Ran;
use crate::imports::{Draws, Level};

pub(super) const CASES: &[Case] = &[
    Case::new(
        "exec",
        "Say `exec=` the word that the iteration was called with.",
        &[Expected::Says("exec", &["exec"])],
    ),
    Case::new(
        "groups",
        "Begin the group `outer`, record the check `in outer`, begin `inner`, record `in inner`, end both; begin `left-open`, \
         record `in left-open`, and leave it open.",
        &[
            Expected::Check("::outer", "in outer", 1, 0),
            Expected::Check("::outer::inner", "in inner", 1, 0),
            Expected::Check("::left-open", "in left-open", 1, 0),
            Expected::Value("group_duration", "count", 3.0),
        ],
    ),
    Case::new(
        "tags",
        "Two iterations; `start` sets the tag `lasting` = `from start`. The first sets `passing` = `1`, adds 1 to the counter \
         `things`, removes the tag, adds 1, and sets `passing` = `2`. The second adds 1.",
        &[
            Expected::Value("things{lasting:from start}", "count", 3.0),
            Expected::Value("things{passing:1}", "count", 1.0),
            Expected::Value("things", "count", 3.0),
            Expected::That(the_second_tag_ended_with_its_iteration),
        ],
    )
    .iterations(2)
    .options(
        "thresholds.\"things{lasting:from start}\" = [{ threshold = \"count>=0\", onNoData = \"pass\" }]\n\
         thresholds.\"things{passing:1}\" = [{ threshold = \"count>=0\", onNoData = \"pass\" }]\n\
         thresholds.\"things{passing:2}\" = [{ threshold = \"count>=0\", onNoData = \"pass\" }]",
    ),
    Case::new(
        "numbers",
        "Three iterations: say `numbers=` the virtual user, its iteration, the scenario's iteration and the scenario's name, \
         joined by commas.",
        &[Expected::Says(
            "numbers",
            &["1,0,0,case", "1,1,1,case", "1,2,2,case"],
        )],
    )
    .iterations(3),
    Case::new(
        "random",
        "Set the gauge `level` to three draws, with the tag `draw` = `1`, `2`, `3`.",
        &[Expected::That(are_the_draws_of_the_seed)],
    )
    .options(
        "thresholds.\"level{draw:1}\" = [{ threshold = \"value>=0\", onNoData = \"pass\" }]\n\
         thresholds.\"level{draw:2}\" = [{ threshold = \"value>=0\", onNoData = \"pass\" }]\n\
         thresholds.\"level{draw:3}\" = [{ threshold = \"value>=0\", onNoData = \"pass\" }]",
    ),
    Case::new(
        "sleep",
        "Sleep 30 ms, between 20 and 40 ms, between 10 and 5 ms (which is 10), and 0.",
        &[Expected::That(slept)],
    ),
    Case::new(
        "log",
        "Write `debug: Grüße 世界 🦉` at the level debug, and likewise at info, warn and error.",
        &[
            Expected::Line(Level::Debug, "debug: Grüße 世界 🦉"),
            Expected::Line(Level::Info, "info: Grüße 世界 🦉"),
            Expected::Line(Level::Warn, "warn: Grüße 世界 🦉"),
            Expected::Line(Level::Error, "error: Grüße 世界 🦉"),
        ],
    ),
    Case::new(
        "strings",
        "Say `empty=` and nothing; say `nul=` and `a`, U+0000, `b`; say `long=` and `ü` 65,536 times.",
        &[
            Expected::Says("empty", &[""]),
            Expected::Says("nul", &["a\0b"]),
            Expected::That(came_at_full_length),
        ],
    ),
];

fn the_second_tag_ended_with_its_iteration(ran: &Ran) -> Result<(), String> {
    match ran.value("things{passing:2}", "count") {
        None | Some(0.0) => Ok(()),
        Some(count) => Err(format!("it marks {count} of the next iteration")),
    }
}

fn are_the_draws_of_the_seed(ran: &Ran) -> Result<(), String> {
    let mut draws = Draws::new(SEED, SCENARIO, 0);
    for draw in 1..=3 {
        let (expected, metric) = (draws.fraction(), format!("level{{draw:{draw}}}"));
        let found = ran.value(&metric, "value");
        if found != Some(expected) {
            return Err(format!(
                "draw {draw} should be {expected}, and is {found:?}"
            ));
        }
    }
    Ok(())
}

fn slept(ran: &Ran) -> Result<(), String> {
    let drawn = 20.0 + 20.0 * Draws::new(SEED, SCENARIO, 0).fraction();
    let least = 30.0 + drawn + 10.0;
    match ran.value("iteration_duration", "max") {
        Some(took) if (least..least + 1_000.0).contains(&took) => Ok(()),
        took => Err(format!("drawn were {least:.1} ms, and it took {took:?}")),
    }
}

fn came_at_full_length(ran: &Ran) -> Result<(), String> {
    let said = ran.said("long");
    let whole = said.len() == 1 && said[0].len() == 2 * 65_536 && said[0].chars().all(|c| c == 'ü');
    whole
        .then_some(())
        .ok_or_else(|| format!("{} bytes came", said.first().map_or(0, |text| text.len())))
}
