//! Several components in one plan.

use std::path::Path;

use super::*;
use crate::plan::Executor;

const A2A: &str = r#"{
    "stages": [{"duration": "30s", "target": 20}],
    "thresholds": {"http_req_duration": ["p(95)<500", "p(99)<1000"], "errors": "rate<0.01"},
    "tags": {"team": "agents", "of": "component"},
    "config": {"BASE_URL": {"kind": "url", "default": "http://a"}, "TOKEN": {"secret": true, "default": "hush-a"}},
    "metrics": {"errors": {"type": "rate"}}
}"#;

const DASHBOARD: &str = r#"{
    "vus": 3, "duration": "1m", "setupTimeout": "9s",
    "thresholds": {"http_req_duration": ["p(95)<500", "p(90)<300"]},
    "tags": {"team": "web"},
    "config": {"BASE_URL": {"kind": "url", "default": "http://d"}, "WEB_URL": {"kind": "url"},
        "TOKEN": {"secret": true, "default": "hush-d"}},
    "metrics": {"errors": {"type": "rate"}, "widgets": {"type": "trend", "unit": "ms"}}
}"#;

const FILE: &str = r#"
[config]
WEB_URL = "http://web"

[options.scenarios.agents]
component = "a2a"
executor = "constant-vus"
vus = 2
duration = "1m"
tags = { of = "scenario" }

[options.scenarios.pages]
component = "shop/dashboard.wasm"
executor = "constant-arrival-rate"
rate = 5
duration = "30s"
preAllocatedVUs = 3
startTime = "30s"
exec = "browse"
env = { BASE_URL = "http://other/" }

[options.scenarios.cards]
component = "a2a"
executor = "per-vu-iterations"

[components.dashboard.options]
duration = "5s"
tags = { team = "shop" }
"#;

fn flags() -> Flags {
    Flags {
        seed: Some(1),
        ..Flags::default()
    }
}

fn together(file: &str, a2a: &str, dashboard: &str, flags: &Flags) -> Result<Resolved, PlanErrors> {
    together_in(&ProcessEnvironment::default(), file, a2a, dashboard, flags)
}

fn together_in(
    process: &ProcessEnvironment,
    file: &str,
    a2a: &str,
    dashboard: &str,
    flags: &Flags,
) -> Result<Resolved, PlanErrors> {
    let file = PlanFile::parse(Path::new("plans/mixed.toml"), file).unwrap();
    let named = file.components(process, flags)?;
    let components: Vec<_> = named
        .iter()
        .map(|named| {
            let (name, options) = match named.source.as_str() {
                "a2a" => ("a2a", a2a),
                "plans/shop/dashboard.wasm" => ("dashboard", dashboard),
                other => panic!("{other}"),
            };
            Part {
                named,
                component: Component { name, options },
            }
        })
        .collect();
    resolve_together(&components, &file, process, flags)
}

fn errors(file: &str, a2a: &str, dashboard: &str, flags: &Flags) -> Vec<String> {
    let errors = together(file, a2a, dashboard, flags).unwrap_err();
    errors.iter().map(ToString::to_string).collect()
}

#[test]
fn a_file_s_scenarios_run_components_side_by_side() {
    let plan = together(FILE, A2A, DASHBOARD, &flags()).unwrap().plan;
    assert_eq!(plan.name, "mixed");
    let names: Vec<_> = plan
        .components
        .iter()
        .map(|component| component.name.as_str())
        .collect();
    assert_eq!(names, ["a2a", "dashboard"]);
    let scenarios: Vec<_> = plan
        .scenarios
        .iter()
        .map(|scenario| {
            (
                scenario.name.as_str(),
                scenario.component,
                scenario.exec.as_str(),
            )
        })
        .collect();
    assert_eq!(
        scenarios,
        [
            ("agents", 0, "default"),
            ("pages", 1, "browse"),
            ("cards", 0, "default")
        ]
    );
    assert!(matches!(
        plan.scenarios[0].executor,
        Executor::ConstantVus { vus: 2, .. }
    ));
    assert_eq!(plan.most_vus(), 6);
}

#[test]
fn each_component_has_its_own_values_and_secrets_and_its_scenarios_its_tags() {
    let plan = together(FILE, A2A, DASHBOARD, &flags()).unwrap().plan;
    let [a2a, dashboard] = plan.components.as_slice() else {
        panic!()
    };
    assert_eq!(a2a.config.values["BASE_URL"], "http://a");
    assert!(!a2a.config.values.contains_key("WEB_URL"));
    assert_eq!(dashboard.config.values["BASE_URL"], "http://d");
    assert_eq!(dashboard.config.values["WEB_URL"], "http://web");
    assert_eq!(plan.masked("hush-a and hush-d"), "*** and ***");
    assert_eq!(plan.scenarios[1].env["BASE_URL"], "http://other");
    assert_eq!(plan.scenarios[0].tags["team"], "agents");
    assert_eq!(plan.scenarios[0].tags["of"], "scenario");
    assert_eq!(plan.scenarios[2].tags["of"], "component");
    assert_eq!(plan.scenarios[1].tags["team"], "shop");
    assert_eq!(plan.tags.keys().collect::<Vec<_>>(), ["environment"]);
}

#[test]
fn thresholds_of_components_add_up_and_the_file_s_replace_them() {
    let texts = |file: &str| -> Vec<String> {
        let plan = together(file, A2A, DASHBOARD, &flags()).unwrap().plan;
        let thresholds = plan.thresholds.iter().flat_map(|(selector, thresholds)| {
            thresholds
                .iter()
                .map(move |threshold| format!("{selector} {}", threshold.expression))
        });
        thresholds.collect()
    };
    assert_eq!(
        texts(FILE),
        [
            "http_req_duration p(95)<500",
            "http_req_duration p(99)<1000",
            "http_req_duration p(90)<300",
            "errors rate<0.01"
        ]
    );
    let replaced = format!("{FILE}\n[options.thresholds]\nhttp_req_duration = \"max<9\"\n");
    assert_eq!(
        texts(&replaced),
        ["http_req_duration max<9", "errors rate<0.01"]
    );
}

#[test]
fn a_metric_is_one_metric_where_both_declare_it_alike_and_a_mistake_where_not() {
    let plan = together(FILE, A2A, DASHBOARD, &flags()).unwrap().plan;
    assert_eq!(
        plan.metrics.keys().collect::<Vec<_>>(),
        ["errors", "widgets"]
    );
    let other = DASHBOARD.replace(
        r#""errors": {"type": "rate"}"#,
        r#""errors": {"type": "counter"}"#,
    );
    assert_eq!(
        errors(FILE, A2A, &other, &flags()),
        [
            "the options of `dashboard`: `metrics.errors`: the metric `errors` is a rate of unit `none` already and \
             cannot be a counter of unit `none` too"
        ]
    );
}

#[test]
fn what_a_run_has_once_two_components_must_not_say_differently() {
    let plan = together(FILE, A2A, DASHBOARD, &flags()).unwrap().plan;
    assert_eq!(plan.setup_timeout, Duration::from_secs(9));
    let a2a = A2A.replacen('{', r#"{"setupTimeout": "8s", "#, 1);
    assert_eq!(
        errors(FILE, &a2a, DASHBOARD, &flags()),
        [
            "`a2a` and `dashboard` say different things of `setupTimeout`, which a run has once; say it in the plan \
             file's [options]"
        ]
    );
    let settled = format!("[options]\nsetupTimeout = \"7s\"\n{FILE}");
    let plan = together(&settled, &a2a, DASHBOARD, &flags()).unwrap().plan;
    assert_eq!(plan.setup_timeout, Duration::from_secs(7));
}

#[test]
fn a_scenario_that_names_no_component_or_a_profile_that_cannot_is_refused() {
    let nameless = FILE.replacen("component = \"a2a\"\n", "", 1);
    assert_eq!(
        errors(&nameless, A2A, DASHBOARD, &flags()),
        [
            "plans/mixed.toml [options], line 5, column 20: `scenarios.agents.component`: nothing says which component \
             it runs; name one, as the file's other scenarios do"
        ]
    );
    let short = Flags {
        duration: Some("5s".parse().unwrap()),
        ..flags()
    };
    let found = errors(FILE, A2A, DASHBOARD, &short);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("--duration: it would replace the scenarios of plans/mixed.toml"),
        "{found:?}"
    );
}

#[test]
fn a_file_without_components_says_what_to_add() {
    let text = errors("[options]\nvus = 1\n", A2A, DASHBOARD, &flags());
    assert!(
        text[0].starts_with("no component is named, and no scenario of plans/mixed.toml names one"),
        "{text:?}"
    );
    let text = errors(
        "[options.scenarios.a]\ncomponent = 5\n",
        A2A,
        DASHBOARD,
        &flags(),
    );
    assert!(
        text[0].contains("`options.scenarios.a.component`: "),
        "{text:?}"
    );
}

#[test]
fn the_named_environment_s_scenarios_replace_the_file_s() {
    let file = format!(
        "{FILE}\n[environments.night.options.scenarios.only]\ncomponent = \"a2a\"\nexecutor = \"per-vu-iterations\"\n"
    );
    let night = Flags {
        env: vec![Unshown("night".to_owned())],
        ..flags()
    };
    let plan = together(&file, A2A, DASHBOARD, &night).unwrap().plan;
    assert_eq!(plan.components.len(), 1);
    assert_eq!(plan.scenarios[0].name, "only");
}

/// An environment with scenarios of its own, of which the file has none.
const NIGHT: &str = "\n[environments.night.options.scenarios.only]\ncomponent = \"a2a\"\n\
                     executor = \"per-vu-iterations\"\n";

#[test]
fn the_process_environment_names_the_environment_whose_scenarios_run() {
    let process: ProcessEnvironment = [("ENVIRONMENT", "night")].into_iter().collect();
    let declaring = A2A.replace("\"config\": {", "\"config\": {\"ENVIRONMENT\": {},");
    for a2a in [A2A, &declaring] {
        for file in [NIGHT.to_owned(), format!("{FILE}{NIGHT}")] {
            let plan = together_in(&process, &file, a2a, DASHBOARD, &flags()).unwrap();
            let plan = plan.plan;
            assert_eq!(plan.environment, "night");
            assert_eq!(plan.components.len(), 1);
            assert_eq!(plan.scenarios[0].name, "only");
        }
    }
    let other: ProcessEnvironment = [("ENVIRONMENT", "elsewhere")].into_iter().collect();
    let plan = together_in(&other, FILE, A2A, DASHBOARD, &flags())
        .unwrap()
        .plan;
    assert_eq!(plan.environment, "development", "nobody reads it");
}

#[test]
fn a_scenario_called_default_names_its_component_like_any_other() {
    let file = format!("{FILE}\n[options.scenarios.default]\nexecutor = \"per-vu-iterations\"\n");
    let text = errors(&file, A2A, DASHBOARD, &flags());
    assert_eq!(text.len(), 1, "{text:?}");
    assert!(
        text[0].contains("`scenarios.default.component`: nothing says which component"),
        "{text:?}"
    );
}

#[test]
fn a_wrong_tag_is_told_of_who_wrote_it() {
    let a2a = A2A.replace("\"tags\": {", "\"tags\": {\" \": \"x\", ");
    let text = errors(FILE, &a2a, DASHBOARD, &flags());
    assert_eq!(
        text,
        ["the options of `a2a`: `tags`: a tag has no name; name it"]
    );
    let file = FILE.replace("tags = { team = \"shop\" }", "tags = { \"\" = \"shop\" }");
    let text = errors(&file, A2A, DASHBOARD, &flags());
    assert_eq!(text.len(), 1, "{text:?}");
    assert!(
        text[0].contains("[components.dashboard.options], line 28, column 1: `tags`"),
        "{text:?}"
    );
}

#[test]
fn a_run_of_one_component_takes_its_own_scenarios_alone() {
    let resolve_one = |file: &str, options: &str| {
        let file = PlanFile::parse(Path::new("vuelo.toml"), file).unwrap();
        let component = Component {
            name: "a2a",
            options,
        };
        resolve(
            &[component],
            &file,
            &ProcessEnvironment::default(),
            &flags(),
        )
    };
    let own = "[options.scenarios.x]\ncomponent = \"a2a\"\nexecutor = \"per-vu-iterations\"\n";
    let plan = resolve_one(own, A2A).unwrap().remove(0).plan;
    assert_eq!(plan.scenarios[0].component, 0);
    let text = resolve_one(&own.replace("a2a", "ccr"), A2A)
        .unwrap_err()
        .to_string();
    assert!(
        text.starts_with("vuelo.toml [options], line 2, column 1: `scenarios.x.component`: it runs `ccr`, and this run is of `a2a`"),
        "{text}"
    );
    let options = r#"{"scenarios": {"x": {"executor": "per-vu-iterations", "component": "a2a"}}}"#;
    let text = resolve_one("", options).unwrap_err().to_string();
    assert!(text.contains("only a plan file says"), "{text}");
}

#[test]
fn two_components_of_one_name_cannot_be_told_apart() {
    let file = "[options.scenarios.a]\ncomponent = \"x/shop.wasm\"\nexecutor = \"per-vu-iterations\"\n\
                [options.scenarios.b]\ncomponent = \"y/shop.wasm\"\nexecutor = \"per-vu-iterations\"\n";
    let file = PlanFile::parse(Path::new("p.toml"), file).unwrap();
    let named = file
        .components(&ProcessEnvironment::default(), &flags())
        .unwrap();
    let component = Component {
        name: "shop",
        options: "{}",
    };
    let parts: Vec<_> = named
        .iter()
        .map(|named| Part { named, component })
        .collect();
    let text = resolve_together(&parts, &file, &ProcessEnvironment::default(), &flags())
        .unwrap_err()
        .to_string();
    assert!(
        text.starts_with("x/shop.wasm and y/shop.wasm are both called `shop`"),
        "{text}"
    );
}
