#![allow(clippy::unwrap_used)]

use super::*;

fn parse(text: &str) -> Result<PlanFile, PlanErrors> {
    parse_as("vuelo.toml", text)
}

/// A file without mistakes, or all of them.
fn parse_as(name: &str, text: &str) -> Result<PlanFile, PlanErrors> {
    let file = PlanFile::parse(Path::new(name), text)?;
    if file.mistakes.is_empty() {
        return Ok(file);
    }
    Err(PlanErrors::of(file.mistakes))
}

fn error_of(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

const WHOLE: &str = r#"
[config]
WORKSPACE_ID = "w"

[options]
setupTimeout = "10s"

[components.a2a.config]
A2A_DIALECT = "1.0"
[components.a2a.options]
thresholds.a2a_errors = ["rate<0.05"]

[environments.production]
BASE_URL = "https://agents.example.com"
confirm = true
[environments.production.options]
stages = [{ duration = "1m", target = 5 }]
"#;

#[test]
fn layers_come_lowest_first_with_the_table_they_stand_in() {
    let file = parse(WHOLE).unwrap();
    let tables = |component, environment| -> Vec<String> {
        file.options(&[component], environment)
            .iter()
            .map(|layer| layer.origin.to_string())
            .collect()
    };
    assert_eq!(
        tables("a2a", "production"),
        [
            "vuelo.toml [options]",
            "vuelo.toml [components.a2a.options]",
            "vuelo.toml [environments.production.options]"
        ]
    );
    assert_eq!(tables("ccr", "development"), ["vuelo.toml [options]"]);
    let values = file.values("a2a", "production");
    assert_eq!(
        values[2].content.get("BASE_URL").unwrap().0,
        "https://agents.example.com"
    );
    assert!(file.asks("production"));
    assert!(!file.asks("development"));
    assert_eq!(file.environments(), ["development", "production"]);
}

#[test]
fn a_mistake_is_named_with_its_line_and_path() {
    assert_eq!(
        error_of("[options]\nvus = 1\ntreshold = 5\n"),
        "the plan file vuelo.toml: line 3, column 1: `options.treshold`: there is no member `treshold`; did you mean \
         `thresholds`?"
    );
    assert_eq!(
        error_of("[environment.staging]\n"),
        "the plan file vuelo.toml: line 1, column 2: `environment`: there is no member `environment`; did you mean \
         `environments`?"
    );
    assert!(
        error_of("[options]\nvus = \n").starts_with("the plan file vuelo.toml: line 2, column 7: ")
    );
    let text = error_of("[options]\nthresholds.checks = [\"rate>0\", \"rte>0\"]\n");
    assert!(
        text.contains("line 2, column 32: `options.thresholds.checks[1]`: one of count"),
        "{text}"
    );
    let text = parse_as("p.json", "{\n\"options\": {\"vus\": -1}}")
        .unwrap_err()
        .to_string();
    assert!(
        text.starts_with("the plan file p.json: line 2, column 13: `options.vus`: "),
        "{text}"
    );
}

#[test]
fn an_error_shows_no_value_of_a_configuration_key() {
    let text = error_of("[environments.staging]\nAUTH_TOKEN = 123456\n");
    assert!(
        text.contains("line 2, column 1: `environments.staging.AUTH_TOKEN`: "),
        "{text}"
    );
    assert!(!text.contains("123456"), "{text}");
    let file = parse("[config]\nAUTH_TOKEN = \"hush\"\n").unwrap();
    assert!(!format!("{file:?}").contains("hush"));
}

#[test]
fn a_file_declares_neither_keys_nor_metrics() {
    let text = error_of("[options.metrics.x]\ntype = \"rate\"\n");
    assert!(text.contains("only a component declares"), "{text}");
    let text = error_of("[config]\nENVIRONMENT = \"x\"\n");
    assert!(text.contains("--env"), "{text}");
}

#[test]
fn an_unknown_environment_comes_with_the_near_one() {
    let file = parse(WHOLE).unwrap();
    let flag = || Origin::Flag("--env".to_owned());
    let text = file.require("prodution", flag()).unwrap_err().to_string();
    assert!(text.contains("did you mean `production`?"), "{text}");
    let text = PlanFile::built_in()
        .require("staging", flag())
        .unwrap_err()
        .to_string();
    assert!(
        text.contains("no vuelo.toml was found") && text.contains("it has development"),
        "{text}"
    );
    file.require("development", flag()).unwrap();
}

#[test]
fn the_nearest_file_upwards_is_found_and_the_project_s_own_counts() {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("a/b");
    std::fs::create_dir_all(&below).unwrap();
    let own = folder.path().join("a/scenarios-wasm");
    std::fs::create_dir_all(&own).unwrap();
    std::fs::write(own.join("vuelo.toml"), "").unwrap();
    std::fs::write(folder.path().join("vuelo.toml"), "").unwrap();
    let found = PlanFile::find(None, &below).unwrap();
    assert_eq!(found.path(), Some(own.join("vuelo.toml").as_path()));
    std::fs::write(below.join("vuelo.toml"), "").unwrap();
    let found = PlanFile::find(None, &below).unwrap();
    assert_eq!(found.path(), Some(below.join("vuelo.toml").as_path()));
    let missing = PlanFile::find(Some(Path::new("none.toml")), &below).unwrap_err();
    assert!(
        missing.to_string().contains("none.toml cannot be read"),
        "{missing}"
    );
}

#[test]
fn the_project_s_own_plan_file_parses_and_production_asks() {
    let file =
        PlanFile::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios-wasm/vuelo.toml"))
            .unwrap();
    for environment in ["development", "staging", "production"] {
        assert!(file.environments().contains(&environment), "{environment}");
    }
    assert!(file.asks("production") && !file.asks("staging"));
}

/// The page that describes plan files.
fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/plan-file.md");
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn the_examples_of_the_page_are_plan_files() {
    let page = page();
    let examples: Vec<_> = page
        .split("```toml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert_eq!(examples.len(), 2);
    for example in &examples {
        parse(example).unwrap();
    }
    let components = parse(examples[1])
        .unwrap()
        .components(
            &crate::plan::ProcessEnvironment::default(),
            &crate::plan::Flags::default(),
        )
        .unwrap();
    let sources: Vec<_> = components
        .iter()
        .map(|component| component.source.as_str())
        .collect();
    assert_eq!(sources, ["a2a", "shop/dashboard.wasm"]);
}

#[test]
fn the_page_names_every_option_every_member_of_scenarios_and_every_variable() {
    let page = page();
    let schema = crate::plan::options::json_schema();
    let schema = schema.as_value();
    let mut names: Vec<String> = ["/properties", "/$defs/ScenarioOptions/properties"]
        .iter()
        .flat_map(|place| schema.pointer(place).unwrap().as_object().unwrap().keys())
        .cloned()
        .collect();
    names.extend(crate::plan::process::names().map(str::to_owned));
    let kinds = crate::plan::options::ExecutorKind::ALL;
    names.extend(kinds.map(|kind| kind.name().to_owned()));
    names.retain(|name| name != "executor");
    assert!(names.len() > 60, "{names:?}");
    for name in names {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}
