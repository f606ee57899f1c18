//! What k6 knows and this version does not: refused by name, since an option
//! that is passed over would make a run look like one that it is not.

/// k6's options that this version does not have, with what to do instead where
/// there is something.
const OPTIONS: &[(&str, &str)] = &[
    ("cloud", ""),
    ("compatibilityMode", ""),
    ("ext", ""),
    ("httpDebug", ""),
    ("linger", ""),
    (
        "minIterationDuration",
        "`pacing` of a scenario starts an iteration every so often",
    ),
    ("noSetup", ""),
    ("noSummary", "the command line has `--quiet`"),
    ("noTeardown", ""),
    (
        "noThresholds",
        "an empty list in the plan file takes a metric's thresholds away",
    ),
    ("noUsageReport", "nothing is reported to anybody"),
    ("paused", ""),
    ("summaryTimeUnit", ""),
    (
        "summaryTrendStats",
        "every trend has avg, min, max, med and the percentiles 50 to 99.9",
    ),
    ("systemTags", ""),
    (
        "throw",
        "a scenario is told of a failed request by its error",
    ),
    (
        "tlsCipherSuites",
        "of TLS 1.2 and 1.3 it speaks the suites that are safe, and `tlsVersion` picks between the two",
    ),
    ("vusMax", "VUs need no reserve; leave it out"),
];

/// The members of k6's `scenarios` that this version does not have.
const SCENARIO_MEMBERS: &[(&str, &str)] = &[("options", "")];

/// k6's executors that this version does not have.
const EXECUTORS: &[&str] = &["externally-controlled"];

/// What to say of a member that is k6's and not ours; `None` where it is
/// nobody's. `siblings` are the members that can stand where it stands.
pub(super) fn unsupported_member(name: &str, siblings: &[&str]) -> Option<String> {
    let theirs = if siblings.contains(&"scenarios") {
        OPTIONS
    } else if siblings.contains(&"executor") {
        SCENARIO_MEMBERS
    } else {
        return None;
    };
    let (_, instead) = theirs.iter().find(|(known, _)| *known == name)?;
    let mut text = format!("`{name}` is k6's, and this version of Vuelo does not have it");
    if !instead.is_empty() {
        text.push_str("; ");
        text.push_str(instead);
    }
    Some(text)
}

/// What to say of a name that is no executor of ours.
pub(super) fn unknown_executor(name: &str, known: &[&str]) -> String {
    let list = known.join(", ");
    if EXECUTORS.contains(&name) {
        return format!(
            "the executor `{name}` is k6's, and this version of Vuelo does not have it; it has {list}"
        );
    }
    match crate::plan::near::nearest(name, known.iter().copied()) {
        Some(near) => format!("there is no executor `{name}`; did you mean `{near}`?"),
        None => format!("there is no executor `{name}`; there are {list}"),
    }
}
