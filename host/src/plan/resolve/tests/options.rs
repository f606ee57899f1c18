//! Options in layers.

use super::*;

#[test]
fn options_come_from_the_highest_layer_that_has_one() {
    let plan = Setup::with_file(FILE).resolve().plan;
    assert_eq!(plan.setup_timeout, Duration::from_secs(5));
    assert_eq!(plan.tags["team"], "file");
    assert_eq!(plan.tags["environment"], "development");
    assert_eq!(plan.thresholds[1].1[0].expression.to_string(), "rate<0.05");
    assert_eq!(plan.thresholds[0].1.len(), 2);
    let plan = Setup::with_file(FILE)
        .process("VUELO_SETUP_TIMEOUT", "7s")
        .resolve()
        .plan;
    assert_eq!(plan.setup_timeout, Duration::from_secs(7));
}

#[test]
fn the_named_environment_s_profile_replaces_the_component_s_and_asks() {
    let resolved = Setup::with_file(FILE).env("production").resolve();
    let Executor::RampingVus { stages, .. } = &resolved.plan.scenarios[0].executor else {
        panic!()
    };
    assert_eq!(stages, &[stage(60, 5)]);
    assert!(resolved.confirm);
    assert_eq!(resolved.config().values["ENVIRONMENT"], "production");
    let mut demo = Setup::with_file(FILE).env("production");
    demo.flags.demo = Some("http://127.0.0.1:5555".to_owned());
    assert!(!demo.resolve().confirm);
}

#[test]
fn flags_replace_the_staged_profile_as_in_k6() {
    let executor = |fill: fn(&mut Flags)| {
        let mut setup = Setup::default();
        fill(&mut setup.flags);
        setup.resolve().plan.scenarios.remove(0).executor
    };
    let seconds = Duration::from_secs;
    assert_eq!(
        executor(
            |flags| (flags.vus, flags.duration) = (Some(3), Some(TimeSpan(Duration::from_secs(9))))
        ),
        Executor::ConstantVus {
            vus: 3,
            duration: seconds(9)
        }
    );
    assert_eq!(
        executor(|flags| flags.iterations = Some(4)),
        Executor::SharedIterations {
            vus: 1,
            iterations: 4,
            max_duration: seconds(600)
        }
    );
    assert_eq!(
        executor(|flags| flags.stages = vec!["5s:7".parse().unwrap(), "1s:0".parse().unwrap()]),
        Executor::RampingVus {
            start_vus: 1,
            stages: vec![stage(5, 7), stage(1, 0)],
            graceful_ramp_down: seconds(30),
        }
    );
}

#[test]
fn vus_alone_say_where_stages_start_and_are_refused_over_scenarios() {
    let mut setup = Setup::default();
    setup.flags.vus = Some(5);
    let resolved = setup.resolve();
    let Executor::RampingVus { start_vus, .. } = resolved.plan.scenarios[0].executor else {
        panic!()
    };
    assert_eq!(start_vus, 5);
    assert!(
        resolved.notes[0].contains("with a duration added"),
        "{:?}",
        resolved.notes
    );
    let text = setup.error(r#"{"scenarios": {"a": {"executor": "per-vu-iterations"}}}"#);
    assert!(
        text.starts_with("--vus: the 5 VUs have no effect beside `scenarios`"),
        "{text}"
    );
    let both = r#"{"vus": 3, "scenarios": {"a": {"executor": "per-vu-iterations"}}}"#;
    assert_eq!(
        Setup::default().error(both),
        "the options of `a2a`: `vus`: it has no effect beside `scenarios`, each of which says its own; take `vus` away"
    );
    assert!(
        setup.error("{}").starts_with("--vus: it says how many"),
        "{}",
        setup.error("{}")
    );
}

#[test]
fn without_options_one_iteration_runs() {
    let plan = Setup::default().try_resolve("{}").unwrap().plan;
    assert_eq!(plan.scenarios[0].name, "default");
    let expected = Executor::PerVuIterations {
        vus: 1,
        iterations: 1,
        max_duration: Duration::from_secs(600),
    };
    assert_eq!(plan.scenarios[0].executor, expected);
    assert_eq!(plan.http.batch, 20);
    assert!(plan.http.user_agent.starts_with("vuelo/"));
}

#[test]
fn a_variable_that_stands_for_an_option_is_named_in_its_error() {
    let setup = Setup::default().process("VUELO_VUS", "many");
    assert_eq!(
        setup.error(A2A),
        "the environment variable VUELO_VUS: `many` is not a whole number from 0"
    );
    let setup = Setup::default().process("VUELO_STAGES", "5s:7,1s:0");
    let Executor::RampingVus { stages, .. } = setup.resolve().plan.scenarios.remove(0).executor
    else {
        panic!()
    };
    assert_eq!(stages, [stage(5, 7), stage(1, 0)]);
}

#[test]
fn the_environment_is_named_by_flag_or_where_somebody_reads_it_by_the_process() {
    let of = |setup: Setup, options| {
        setup
            .try_resolve(options)
            .map(|resolved| resolved.plan.environment)
    };
    assert_eq!(
        of(Setup::with_file(FILE).env("ENVIRONMENT=staging"), A2A).unwrap(),
        "staging"
    );
    let process = || Setup::with_file(FILE).process("ENVIRONMENT", "staging");
    assert_eq!(of(process(), A2A).unwrap(), "staging");
    assert_eq!(of(process().env("production"), A2A).unwrap(), "production");
    assert_eq!(of(process(), BARE).unwrap(), "development");
    let error = of(Setup::with_file(FILE).env("staging").env("production"), A2A).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("both asked for as the environment"),
        "{error}"
    );
    let text = Setup::default().env("stagin").error(A2A);
    assert!(
        text.starts_with("--env asks for the environment `stagin`"),
        "{text}"
    );
}

#[test]
fn thresholds_are_checked_against_metrics_with_path_and_origin() {
    for (options, text) in [
        (
            r#"{"thresholds": {"http_req_duratoin": "p(95)<1"}}"#,
            "the options of `a2a`: `thresholds.http_req_duratoin`: there is no metric `http_req_duratoin`; did you \
             mean `http_req_duration`?",
        ),
        (
            r#"{"thresholds": {"checks": ["rate>0.9", "p(95)<1"]}}"#,
            "the options of `a2a`: `thresholds.checks[1]`: `p(95)` is nothing that a rate has; it has rate",
        ),
        (
            r#"{"thresholds": {"checks{": "rate>0.9"}}"#,
            "the options of `a2a`: `thresholds.checks{`: `}` was expected\n  checks{\n         ^",
        ),
        (
            r#"{"metrics": {"checks": {"type": "trend"}}}"#,
            "the options of `a2a`: `metrics.checks`: the metric `checks` is a rate",
        ),
        (
            r#"{"vus": 0, "duration": "1s"}"#,
            "the options of `a2a`: `vus`: with 0 VUs nothing would run; ask for 1 or more",
        ),
        (
            r#"{"treshold": 1}"#,
            "the options of `a2a` do not parse: `treshold`: there is no member `treshold`; did you mean `thresholds`?",
        ),
        (
            r#"{"batch": 0}"#,
            "the options of `a2a`: `batch`: with 0 requests",
        ),
        (
            r#"{"setupTimeout": 0}"#,
            "the options of `a2a`: `setupTimeout`: `0s` leaves no time",
        ),
        (
            r#"{"config": {"A B": {}}}"#,
            "the options of `a2a`: `config.A B`: a key is of letters",
        ),
    ] {
        let found = Setup::default().error(options);
        assert!(found.starts_with(text), "{found}\nexpected {text}");
    }
    let file = "[options.thresholds]\nnothing = \"rate<1\"\n";
    let text = Setup::with_file(file).error(A2A);
    assert!(
        text.starts_with(
            "vuelo.toml [options], line 2, column 1: `thresholds.nothing`: there is no metric"
        ),
        "{text}"
    );
}

#[test]
fn an_empty_list_in_a_higher_layer_takes_thresholds_away() {
    let file = "[options.thresholds]\na2a_errors = []\n\"http_req_duration\" = \"p(95)<9\"\n";
    let plan = Setup::with_file(file).resolve().plan;
    assert_eq!(plan.thresholds.len(), 1);
    assert_eq!(plan.thresholds[0].1.len(), 1);
}

#[test]
fn a_variable_of_ours_that_nobody_reads_is_noted_with_the_near_one() {
    let notes = Setup::default()
        .process("VUELO_DURATOIN", "10s")
        .process("VUELO_COLOUR_OF_THE_SKY", "blue")
        .process("VUELO_RENEW", "1")
        .process("VUELO_KEY", "x")
        .process("DURATION", "x")
        .try_resolve(r#"{"config": {"VUELO_KEY": {}}}"#)
        .unwrap()
        .notes;
    assert_eq!(
        notes,
        [
            "the environment variable VUELO_COLOUR_OF_THE_SKY is none that Vuelo reads; it has no effect",
            "the environment variable VUELO_DURATOIN is none that Vuelo reads; did you mean VUELO_DURATION?",
        ]
    );
}
