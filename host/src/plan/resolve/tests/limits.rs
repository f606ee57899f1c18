//! What bounds a run.

use super::*;

#[test]
fn unverified_tls_is_for_development_alone() {
    assert!(
        Setup::with_file(FILE)
            .resolve()
            .plan
            .http
            .insecure_skip_tls_verify
    );
    let options = r#"{"insecureSkipTLSVerify": true, "metrics": {"a2a_errors": {"type": "rate"}}}"#;
    assert!(Setup::default().try_resolve(options).is_ok());
    let text = Setup::with_file(FILE).env("staging").error(options);
    assert!(
        text.starts_with("the options of `a2a`: `insecureSkipTLSVerify` is allowed in"),
        "{text}"
    );
    let file = "[environments.staging]\ninsecureSkipTLSVerify = true\n";
    let text = Setup::with_file(file).env("staging").error("{}");
    assert!(
        text.starts_with("vuelo.toml [environments.staging.options]: "),
        "{text}"
    );
}

#[test]
fn production_is_limited_unless_somebody_says_otherwise() {
    let rps = |setup: Setup| {
        let resolved = setup.env("production").resolve();
        (
            resolved.plan.rps.map(std::num::NonZeroU32::get),
            resolved.rps_by_default,
        )
    };
    assert_eq!(rps(Setup::with_file(FILE)), (Some(20), true));
    let file = FILE.replace(
        "[environments.production.options]",
        "[environments.production.options]\nrps = 7",
    );
    assert_eq!(rps(Setup::with_file(&file)), (Some(7), false));
    let process = || Setup::with_file(&file).process("VUELO_RPS", "9");
    assert_eq!(rps(process()), (Some(9), false));
    let flag = |rps| {
        let mut setup = process();
        setup.flags.rps = Some(rps);
        setup
    };
    assert_eq!(rps(flag(11)), (Some(11), false));
    assert_eq!(rps(flag(0)), (None, false));
    let resolved = Setup::with_file(FILE).env("staging").resolve();
    assert_eq!((resolved.plan.rps, resolved.rps_by_default), (None, false));
    let text = Setup::with_file(FILE).env("production").resolve().text(&[]);
    assert!(
        text.contains(
            "at most 20 a second, the default in production; `rps` or --rps says another"
        ),
        "{text}"
    );
}

#[test]
fn a_rate_beyond_the_limit_is_noted() {
    let options = |rate: u64| {
        format!(
            r#"{{"rps": 10, "scenarios": {{"fast": {{"executor": "constant-arrival-rate", "rate": {rate},
            "timeUnit": "1m", "duration": "1m", "preAllocatedVUs": 1}}}}}}"#
        )
    };
    let notes = |rate| Setup::default().try_resolve(&options(rate)).unwrap().notes;
    assert_eq!(notes(600), Vec::<String>::new());
    assert!(notes(601)[0].contains("the scenario `fast` starts more iterations"));
}

#[test]
fn series_and_the_part_of_the_load_come_from_options_variables_and_flags() {
    let plan = Setup::default().resolve().plan;
    assert_eq!(plan.max_series, 100_000);
    assert!(plan.part.is_whole());
    let setup =
        Setup::with_file("[options]\nmaxSeries = 9\nexecutionSegmentSequence = \"0,1/4,1\"\n")
            .process("VUELO_EXECUTION_SEGMENT", "25%");
    let error = setup.error("{}");
    assert!(
        error.starts_with(
            "the environment variable VUELO_EXECUTION_SEGMENT: the parts of a run need one seed"
        ),
        "{error}"
    );
    assert!(error.contains("--seed"), "{error}");
    let mut setup = setup;
    setup.flags.seed = Some(5);
    let plan = setup.try_resolve("{}").unwrap().plan;
    assert_eq!(plan.max_series, 9);
    assert_eq!(plan.part.to_string(), "0:1/4 of 0,1/4,1");
    setup.flags.execution_segment = Some("1/2:1".parse().unwrap());
    assert_eq!(
        setup.error("{}"),
        "--execution-segment: the segment 1/2:1 is none of the sequence 0,1/4,1; name one that lies between two \
         neighbours of it"
    );
}

proptest::proptest! {
    #[test]
    fn of_five_layers_the_highest_that_says_something_counts(
        said in proptest::collection::vec(proptest::option::of(0..50_u32), 5),
    ) {
        let line = |value: Option<u32>| value.map_or_else(String::new, |rps| format!("rps = {rps}"));
        let component = said[0].map_or_else(|| "{}".to_owned(), |rps| format!("{{\"rps\": {rps}}}"));
        let file = format!(
            "[options]\n{}\n[components.a2a.options]\n{}\n[environments.staging.options]\n{}\n",
            line(said[1]), line(said[2]), line(said[3]),
        );
        let mut setup = Setup::with_file(&file).env("staging");
        setup.flags.rps = said[4];
        let highest = said.iter().rev().find_map(|rps| *rps).unwrap_or(0);
        let plan = setup.try_resolve(&component).unwrap().plan;
        proptest::prop_assert_eq!(plan.rps.map_or(0, std::num::NonZeroU32::get), highest);
    }
}
