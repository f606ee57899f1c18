//! What a guest does wrong, and what its language does about it.

use std::time::{Duration, SystemTime};

use super::{Case, Expected};
use crate::conformance::ran::Ran;

pub(super) const CASES: &[Case] = &[
    Case::new(
        "trap",
        "Two iterations. The virtual user's first stops by the language's hardest means that is no exit. The second says \
         `instance=new`, and `data=` the length of `padding` in the data that it was started with.",
        &[
            Expected::Says("instance", &["new"]),
            Expected::Says("data", &["1048576"]),
            Expected::Value("iteration_traps", "count", 1.0),
        ],
    )
    .iterations(2)
    .failed(1),
    Case::new(
        "exception",
        "Call a function named `throws_deliberately` (in the language's spelling) that throws, raises or panics with the \
         message `this was thrown`. The iteration fails or traps with that message, and with the function's name.",
        &[
            Expected::Mentions("this was thrown"),
            Expected::That(names_the_function),
        ],
    )
    .failed(1),
    Case::new(
        "exit",
        "Two iterations. The first exits the process with the status 3 (of which WASI 0.2 hands on that it is not 0). The second \
         says `instance=new`.",
        &[
            Expected::Mentions("it called exit with status"),
            Expected::Says("instance", &["new"]),
        ],
    )
    .iterations(2)
    .failed(1)
    .where_the_language_can(),
    Case::new(
        "memory",
        "Two iterations. The first takes memory, a MiB at a time, until it is refused (at 256 MiB), and fails or traps. The \
         second says `after=true`.",
        &[
            Expected::Says("after", &["true"]),
            Expected::That(took_memory),
        ],
    )
    .iterations(2)
    .failed(1),
    Case::new(
        "endless",
        "Compute without end, and without a call of the host. It is cut off.",
        &[
            Expected::Value("iterations_interrupted", "count", 1.0),
            Expected::That(was_cut_off_in_time),
        ],
    )
    .exit(95),
    Case::new(
        "overflow",
        "Two iterations. The first calls itself without end, and fails or traps. The second says `after=true`.",
        &[
            Expected::Says("after", &["true"]),
            Expected::That(says_what_overflowed),
        ],
    )
    .iterations(2)
    .failed(1)
    .where_the_language_can(),
    Case::new(
        "deep",
        "Call a function that calls itself, 400 deep (and is not turned into a loop); say `depth=` how deep it came.",
        &[Expected::Says("depth", &["400"])],
    ),
    Case::new(
        "print",
        "Print `hello` to standard output, and to standard error where there is one.",
        &[],
    )
    .where_the_language_can(),
    Case::new(
        "clock",
        "Say `clock=` the Unix time in seconds by the language's own clock, `monotonic=` whether its monotonic clock has \
         moved by 15 ms or more in a sleep of 20 ms.",
        &[
            Expected::That(tells_the_time),
            Expected::Says("monotonic", &["true"]),
        ],
    ),
];

fn names_the_function(ran: &Ran) -> Result<(), String> {
    let named = ran.lines.iter().any(|line| {
        let plain: String = line.text.to_lowercase().replace('_', "");
        plain.contains("throwsdeliberately")
    });
    named
        .then_some(())
        .ok_or_else(|| format!("no line names the function{}", ran.last_words()))
}

/// Most of what is there was taken before it was refused.
fn took_memory(ran: &Ran) -> Result<(), String> {
    const MOST: f64 = (200_u64 << 20) as f64;
    match ran.value("vu_memory", "max") {
        Some(taken) if taken >= MOST => Ok(()),
        taken => Err(format!("it took {taken:?} bytes{}", ran.last_words())),
    }
}

fn says_what_overflowed(ran: &Ran) -> Result<(), String> {
    let said = ran.lines.iter().any(|line| {
        let text = line.text.to_lowercase();
        text.contains("stack") || text.contains("recursion")
    });
    said.then_some(())
        .ok_or_else(|| format!("no line tells of a stack{}", ran.last_words()))
}

fn was_cut_off_in_time(ran: &Ran) -> Result<(), String> {
    if ran.took < Duration::from_secs(30) {
        Ok(())
    } else {
        Err(format!("it took {:.1?}", ran.took))
    }
}

fn tells_the_time(ran: &Ran) -> Result<(), String> {
    let now = SystemTime::UNIX_EPOCH
        .elapsed()
        .map_or(0, |since| since.as_secs());
    match ran.said("clock").as_slice() {
        [said]
            if said
                .parse::<u64>()
                .is_ok_and(|said| said.abs_diff(now) <= 60) =>
        {
            Ok(())
        }
        said => Err(format!("it is {now}, and it said {said:?}")),
    }
}
