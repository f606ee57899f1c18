#![allow(clippy::unwrap_used)]

use std::path::Path;

use super::*;
use crate::plan::config::Shown;
use crate::plan::flags::Unshown;
use crate::plan::{Executor, Stage};

const A2A: &str = r#"{
    "stages": [{"duration": "30s", "target": 20}, {"duration": "30s", "target": 0}],
    "thresholds": {"http_req_duration": ["p(95)<500", "p(99)<1000"], "a2a_errors": "rate<0.01"},
    "tags": {"team": "a"},
    "config": {
        "BASE_URL": {"kind": "url", "default": "http://localhost:7777", "description": "the server"},
        "WEB_URL": {"kind": "url", "default": "http://localhost:3000/"},
        "AUTH_TOKEN": {"secret": true, "default": "test-token"},
        "WORKSPACE_ID": {"default": "w"},
        "ENVIRONMENT": {"default": "nowhere"}
    },
    "metrics": {"a2a_errors": {"type": "rate"}}
}"#;

/// Nothing but the metric that the plan file has a threshold on.
const BARE: &str = r#"{"metrics": {"a2a_errors": {"type": "rate"}}}"#;

const FILE: &str = r#"
[config]
BASE_URL = "http://file"
WORKSPACE_ID = "file"
[options]
setupTimeout = "5s"
[options.tags]
team = "file"
[components.a2a.config]
WORKSPACE_ID = "file-a2a"
[components.a2a.options.thresholds]
a2a_errors = "rate<0.05"
[environments.staging]
BASE_URL = "https://staging.example.com/"
[environments.production]
BASE_URL = "https://example.com"
confirm = true
[environments.production.options]
stages = [{ duration = "1m", target = 5 }]
[environments.development]
insecureSkipTLSVerify = true
"#;

/// A run under construction.
#[derive(Default)]
struct Setup {
    file: PlanFile,
    process: Vec<(&'static str, &'static str)>,
    flags: Flags,
}

impl Setup {
    fn with_file(text: &str) -> Self {
        Self {
            file: PlanFile::parse(Path::new("vuelo.toml"), text).unwrap(),
            ..Self::default()
        }
    }

    fn process(mut self, name: &'static str, value: &'static str) -> Self {
        self.process.push((name, value));
        self
    }

    fn env(mut self, text: &str) -> Self {
        self.flags.env.push(Unshown(text.to_owned()));
        self
    }

    fn secret(mut self, text: &str) -> Self {
        self.flags.secrets.push(Unshown(text.to_owned()));
        self
    }

    fn try_resolve(&self, options: &str) -> Result<Resolved, PlanError> {
        let process = self.process.iter().copied().collect();
        let component = Component {
            name: "a2a",
            options,
        };
        resolve(&[component], &self.file, &process, &self.flags).map(|mut all| all.remove(0))
    }

    fn resolve(&self) -> Resolved {
        self.try_resolve(A2A).unwrap()
    }

    fn error(&self, options: &str) -> String {
        self.try_resolve(options).unwrap_err().to_string()
    }
}

fn stage(seconds: u64, target: u32) -> Stage {
    Stage {
        duration: Duration::from_secs(seconds),
        target,
    }
}

#[test]
fn values_come_from_the_highest_layer_that_has_one() {
    let base_url = |setup: Setup| {
        let resolved = setup.resolve();
        let entry = resolved
            .config
            .iter()
            .find(|entry| entry.key == "BASE_URL")
            .unwrap();
        let origin = entry.origin.as_ref().unwrap().to_string();
        (resolved.plan.config.values["BASE_URL"].clone(), origin)
    };
    let pair = |value: &str, origin: &str| (value.to_owned(), origin.to_owned());
    assert_eq!(
        base_url(Setup::default()),
        pair("http://localhost:7777", "the options of `a2a`")
    );
    assert_eq!(
        base_url(Setup::with_file(FILE)),
        pair("http://file", "vuelo.toml [config]")
    );
    let staging = || Setup::with_file(FILE).env("staging");
    assert_eq!(
        base_url(staging()),
        pair(
            "https://staging.example.com",
            "vuelo.toml [environments.staging]"
        )
    );
    let process = || staging().process("BASE_URL", "http://process");
    assert_eq!(
        base_url(process()),
        pair("http://process", "the environment variable BASE_URL")
    );
    assert_eq!(
        base_url(process().env("BASE_URL=http://flag:1/")),
        pair("http://flag:1", "-e")
    );
    let mut flagged = process().env("BASE_URL=http://e");
    flagged.flags.base_url = Some(Unshown("http://own-flag".to_owned()));
    assert_eq!(base_url(flagged), pair("http://own-flag", "--base-url"));
    let mut demo = process();
    demo.flags.demo = Some("http://127.0.0.1:5555".to_owned());
    assert_eq!(base_url(demo), pair("http://127.0.0.1:5555", "--demo"));
    assert_eq!(
        Setup::with_file(FILE).resolve().plan.config.values["WORKSPACE_ID"],
        "file-a2a"
    );
}

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
    assert_eq!(resolved.plan.config.values["ENVIRONMENT"], "production");
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
fn a_secret_comes_from_the_process_or_a_file_and_never_from_the_command_line() {
    let token = |setup: &Setup| {
        setup.resolve().plan.config.secrets["AUTH_TOKEN"]
            .expose()
            .to_owned()
    };
    assert_eq!(token(&Setup::default()), "test-token");
    let process = || Setup::default().process("AUTH_TOKEN", "from-process");
    assert_eq!(token(&process()), "from-process");
    assert_eq!(token(&process().secret("AUTH_TOKEN")), "from-process");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, "from-file\n").unwrap();
    assert_eq!(
        token(&process().secret(&format!("AUTH_TOKEN=@{}", path.display()))),
        "from-file"
    );

    for setup in [
        Setup::default().env("AUTH_TOKEN=hush-hush"),
        Setup::default().secret("AUTH_TOKEN=hush-hush"),
        Setup::default().secret("AUTH_TOKEN"),
        Setup::default().secret("WORKSPACE_ID"),
        Setup::default().secret("AUTH_TOKN=@x"),
        Setup::default().secret("AUTH_TOKEN=@/nowhere/at/all"),
        Setup::default().env("AUTH_TOKN=hush-hush"),
        Setup::default().env("BASE_URL=hush-hush"),
        Setup::default().env("BASE_URL=http://me:hush-hush@host"),
        Setup::default().process("AUTH_TOKEN", "hush-hush\nx"),
    ] {
        let error = setup.try_resolve(A2A).unwrap_err();
        let shown = format!("{error}\n{error:?}\n{:?}", setup.flags);
        assert!(!shown.contains("hush"), "{shown}");
    }
    let resolved = process().resolve();
    let shown = format!("{resolved:?}\n{}\n{}", resolved.text(""), resolved.json());
    assert!(!shown.contains("from-process"), "{shown}");
    assert!(shown.contains("***"));
}

#[test]
fn a_flag_for_a_key_that_nothing_declares_is_refused_with_the_near_one() {
    let text = Setup::default().env("BASE_URI=http://x").error(A2A);
    assert_eq!(
        text,
        "-e sets the configuration key `BASE_URI`, which nothing in this run declares; did you mean `BASE_URL`?"
    );
    let mut setup = Setup::default();
    setup.flags.ccr_url = Some(Unshown("http://x".to_owned()));
    assert!(
        setup.error(A2A).starts_with("--ccr-url sets"),
        "{}",
        setup.error(A2A)
    );
    // Of several components one is enough.
    let ccr = r#"{"config": {"CCR_URL": {"kind": "url"}}}"#;
    let components = [
        Component {
            name: "a2a",
            options: A2A,
        },
        Component {
            name: "ccr",
            options: ccr,
        },
    ];
    let process = ProcessEnvironment::default();
    let all = resolve(&components, &PlanFile::built_in(), &process, &setup.flags).unwrap();
    assert_eq!(all[1].plan.config.values["CCR_URL"], "http://x");
    assert!(!all[0].plan.config.values.contains_key("CCR_URL"));
    assert_eq!(all[0].plan.seed, all[1].plan.seed);
}

#[test]
fn an_empty_value_is_none_and_an_empty_variable_is_not_set() {
    let resolved = Setup::default().env("WEB_URL=").resolve();
    assert!(!resolved.plan.config.values.contains_key("WEB_URL"));
    assert_eq!(resolved.config[1].value, Shown::Absent);
    let resolved = Setup::default().process("WEB_URL", "").resolve();
    assert_eq!(
        resolved.plan.config.values["WEB_URL"],
        "http://localhost:3000"
    );
}

#[test]
fn a_required_key_without_a_value_names_the_flag() {
    let options = r#"{"config": {"BASE_URL": {"kind": "url", "required": true, "description": "the server"}}}"#;
    assert_eq!(
        Setup::default().error(options),
        "`BASE_URL` (the server) has no value; set it with --base-url, the environment variable BASE_URL, or in the \
         plan file"
    );
}

#[test]
fn a_url_must_be_one() {
    for (url, reason) in [
        ("localhost:7777", "neither http:// nor https://"),
        ("ftp://x", "neither http:// nor https://"),
        ("http://", "empty host"),
        ("just text", "relative URL without a base"),
        ("http://x/?a=b", "`?` or `#`"),
    ] {
        let text = Setup::default().env(&format!("BASE_URL={url}")).error(A2A);
        assert!(
            text.starts_with("-e sets `BASE_URL` to what is no usable URL")
                && text.contains(reason),
            "{text}"
        );
    }
}

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
    assert!(matches!(error, PlanError::TwoEnvironments(..)), "{error}");
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
        text.starts_with("vuelo.toml [options]: `thresholds.nothing`: there is no metric"),
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
