//! What bad input gets: an error that names the thing and the way out.

use crate::harness::Folder;

fn wasm(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap()
}

#[test]
fn what_is_no_component_is_refused_and_told_what_it_is() {
    let folder = Folder::new()
        .with("text.wasm", "hello")
        .with("core.wasm", wasm("(module)"));
    folder
        .vuelo(&["run", "text.wasm"])
        .ends_with(94)
        .says("is not a WebAssembly component");
    folder
        .vuelo(&["run", "core.wasm"])
        .ends_with(94)
        .says("wasm32-wasip2");
    folder
        .vuelo(&["inspect", "core.wasm"])
        .ends_with(94)
        .says("core module");
}

#[test]
fn an_import_that_the_host_does_not_offer_is_named() {
    let component = wasm(
        "(component
            (import \"acme:database/query@1.0.0\" (instance (export \"run\" (func))))
        )",
    );
    let folder = Folder::new().with("db.wasm", component);
    folder
        .vuelo(&["run", "db.wasm"])
        .ends_with(94)
        .says("acme:database/query@1.0.0");
    folder
        .vuelo(&["inspect", "db.wasm"])
        .ends_with(0)
        .says("acme:database/query@1.0.0");
}

#[test]
fn a_component_for_another_version_of_the_contract_is_told_so() {
    let component = wasm(
        "(component
            (import \"vuelo:load/flow@0.9.0\" (instance (export \"random\" (func (result f64)))))
        )",
    );
    let folder = Folder::new().with("old.wasm", component);
    let ran = folder.vuelo(&["run", "old.wasm"]).ends_with(94);
    ran.says("vuelo:load/flow@0.9.0").says("0.1.0");
}

#[test]
fn a_component_that_is_no_scenario_is_told_what_a_scenario_exports() {
    let folder = Folder::new().with("empty.wasm", wasm("(component)"));
    folder
        .vuelo(&["run", "empty.wasm"])
        .ends_with(94)
        .says("vuelo:load/scenario");
}

#[test]
fn a_name_that_is_nearly_right_is_suggested() {
    let ran = Folder::new().vuelo(&["run", "dashbord"]).ends_with(104);
    ran.says("did you mean `dashboard`?");
}

#[test]
fn options_that_do_not_parse_are_named_by_their_place() {
    let plan = "[components.a2a.options.scenarios.x]\nexecutor = \"ramping-vus\"\nstages = [{ duration = \"soon\", target = 1 }]\n";
    let folder = Folder::new().with("vuelo.toml", plan);
    let ran = folder.vuelo(&["run", "a2a", "--dry-run"]).ends_with(104);
    ran.says("vuelo.toml").says("soon");
}

#[test]
fn a_threshold_on_an_unknown_metric_is_refused_before_the_load() {
    let plan = "[options.thresholds]\na2a_eror = [\"rate<0.01\"]\n";
    let folder = Folder::new().with("vuelo.toml", plan);
    let ran = folder.vuelo(&["run", "a2a", "--demo"]).ends_with(104);
    ran.says("a2a_eror").says("did you mean `a2a_errors`?");
}

#[test]
fn a_threshold_that_does_not_parse_points_at_the_character() {
    let plan = "[options.thresholds]\nhttp_req_duration = [\"p(95)<\"]\n";
    let folder = Folder::new().with("vuelo.toml", plan);
    folder
        .vuelo(&["run", "a2a", "--dry-run"])
        .ends_with(104)
        .says("a number was expected")
        .says("^");
}

#[test]
fn a_bad_url_is_refused_before_the_load() {
    let ran = Folder::new()
        .vuelo(&["run", "a2a", "--base-url", "agents:7777"])
        .ends_with(104);
    ran.says("BASE_URL");
}

#[test]
fn an_environment_that_is_not_there_is_named() {
    let ran = Folder::new()
        .vuelo(&["run", "a2a", "--env", "staging"])
        .ends_with(104);
    ran.says("staging").says("vuelo.toml");
}

#[test]
fn an_undeclared_key_is_refused() {
    let ran = Folder::new().vuelo(&["run", "a2a", "-e", "BASE_URI=http://x", "--dry-run"]);
    ran.ends_with(104).says("BASE_URI").says("BASE_URL");
}

#[test]
fn an_unwritable_results_folder_is_told_before_the_load() {
    let folder = Folder::new().with("results", "a file where the folder should be");
    let ran = folder
        .vuelo(&["run", "a2a", "--demo", "-i", "1"])
        .ends_with(104);
    ran.says("`results`").says("--results");
}

#[test]
fn an_environment_that_asks_is_not_loaded_without_a_yes() {
    let plan = "[environments.production]\nconfirm = true\nBASE_URL = \"http://127.0.0.1:1\"\n";
    let folder = Folder::new().with("vuelo.toml", plan);
    let ran = folder
        .vuelo(&["run", "a2a", "--env", "production", "-i", "1"])
        .ends_with(104);
    ran.says("--yes");
    folder
        .vuelo(&["run", "a2a", "--env", "production", "-i", "1", "--yes"])
        .ends_with(107);
}

#[test]
fn an_executor_of_k6_that_is_not_here_yet_says_so() {
    let plan = "[components.a2a.options.scenarios.x]\nexecutor = \"externally-controlled\"\n";
    let folder = Folder::new().with("vuelo.toml", plan);
    let ran = folder.vuelo(&["run", "a2a", "--dry-run"]).ends_with(104);
    ran.says("externally-controlled");
}

#[test]
fn everything_that_is_wrong_is_said_at_once_a_paragraph_each() {
    let plan = "[options]\nbatch = 0\n[options.scenarios.x]\nexecutor = \"ramping-vu\"\n[options.scenarios.y]\n\
                executor = \"constant-arrival-rate\"\nrate = 5\nduration = \"1m\"\npreAllocatedVUs = 9\nmaxVUs = 5\n";
    let folder = Folder::new().with("vuelo.toml", plan);
    let ran = folder.vuelo(&["run", "a2a", "--dry-run"]).ends_with(104);
    ran.says("3 mistakes\n\n")
        .says("line 2, column 1: `batch`")
        .says("line 4, column 1: `options.scenarios.x.executor`")
        .says("line 10, column 1: `scenarios.y.maxVUs`");
}

/// The same file as in the tests of the plan, which hold each error against it.
const EVERY_MISTAKE: &str = include_str!("../../src/plan/resolve/tests/every_mistake.toml");

#[test]
fn a_plan_with_every_kind_of_mistake_gets_one_error_for_each() {
    let folder = Folder::new().with_guest().with("vuelo.toml", EVERY_MISTAKE);
    let mut ran = folder
        .vuelo(&["run", "./guest.wasm", "--dry-run"])
        .ends_with(104)
        .says("18 mistakes\n\n")
        .does_not_say("hush");
    for mistake in [
        "line 8, column 1: `options.scenarios.unknown.executor`: there is no executor `ramping-vu`",
        "line 12, column 11: `options.scenarios.stageless.stages[0]`: `duration` is missing",
        "line 19, column 1: `scenarios.few.maxVUs`: at most 5 VUs are fewer than the 10",
        "line 23, column 1: `options.scenarios.negative.rate`: invalid value: integer `-5`",
        "line 27, column 20: `few` stands there twice",
    ] {
        ran = ran.says(mistake);
    }
}

#[test]
fn a_command_line_that_contradicts_itself_is_told_what_about() {
    let folder = Folder::new();
    let run = |arguments: &[&str]| {
        let all = [&["run", "a2a", "--dry-run"], arguments].concat();
        folder.vuelo(&all).ends_with(104)
    };
    run(&["-i", "5", "-s", "30s:5"]).says("`iterations` stands beside `stages`");
    run(&["-d", "5s", "-s", "30s:5"]).says("`duration` stands beside `stages`");
    run(&["--execution-segment", "0:1/2"]).says("give each of them the same --seed");
    run(&[
        "--execution-segment",
        "0:1/3",
        "--execution-segment-sequence",
        "0,1/2,1",
    ])
    .says("none of the sequence 0,1/2,1");
}

#[test]
fn a_component_named_twice_and_a_duration_without_a_unit_are_refused() {
    let folder = Folder::new();
    folder
        .vuelo(&["run", "a2a", "a2a", "--dry-run"])
        .ends_with(104)
        .says("`a2a` is named twice");
    folder
        .vuelo(&["run", "a2a", "-d", "10", "--dry-run"])
        .ends_with(104)
        .says("`10s`");
}

#[test]
fn how_the_embedded_target_behaves_wants_an_embedded_target() {
    let ran = Folder::new().vuelo(&["run", "a2a", "--latency", "5ms", "--dry-run"]);
    ran.ends_with(104).says("add --demo");
}

#[test]
fn a_key_of_the_plan_file_that_is_nearly_right_is_noticed() {
    let plan = "[environments.staging]\nBASE_UL = \"http://x\"\n";
    let folder = Folder::new().with("vuelo.toml", plan);
    let ran = folder
        .vuelo(&["run", "a2a", "--env", "staging", "--dry-run"])
        .ends_with(0);
    ran.says("`BASE_UL`; did you mean `BASE_URL`?");
}
