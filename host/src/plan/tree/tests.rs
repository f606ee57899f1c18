#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::plan::named::Named;
use crate::plan::options::{Options, ReadError};

fn json(text: &str) -> (Options, Vec<String>) {
    let (tree, twice) = Tree::from_json(text).unwrap();
    read(&tree, twice)
}

fn toml(text: &str) -> (Options, Vec<String>) {
    let (tree, twice) = Tree::from_toml(text).unwrap();
    read(&tree, twice)
}

fn read(tree: &Tree, twice: Vec<ReadError>) -> (Options, Vec<String>) {
    let Read {
        value, mistakes, ..
    } = tree.read();
    let all = twice.into_iter().chain(mistakes);
    (value, all.map(|mistake| mistake.to_string()).collect())
}

const WRONG_JSON: &str = r#"{
  "vus": "five",
  "treshold": {},
  "stages": [{"duration": "30s", "target": 1}, {"duration": "soon", "target": 1}, 7, {"duration": "1s"}, {"target": -1, "duration": "1s"}],
  "batch": 5,
  "batch": 6,
  "tags": {"ä": 1, "b": "2"}
}"#;

const WRONG_TOML: &str = "vus = \"five\"
treshold = {}
stages = [{ duration = \"30s\", target = 1 }, { duration = \"soon\", target = 1 }, 7, { duration = \"1s\" }, { target = -1, duration = \"1s\" }]
batch = 5
batch = 6
[tags]
\"ä\" = 2020-01-01
b = \"2\"
";

#[test]
fn every_mistake_of_a_json_text_is_found_with_its_place_and_the_rest_is_read() {
    let (options, mistakes) = json(WRONG_JSON);
    let starts = [
        "line 6, column 3: `batch` stands there twice",
        "line 2, column 3: `vus`: invalid type",
        "line 3, column 3: `treshold`: there is no member `treshold`; did you mean `thresholds`?",
        "line 4, column 49: `stages[1].duration`: `soon` is no duration",
        "line 4, column 83: `stages[2]`: invalid type: integer `7`, expected an object with members",
        "line 4, column 86: `stages[3]`: `target` is missing",
        "line 4, column 107: `stages[4].target`: invalid value: integer `-1`",
        "line 7, column 12: `tags.ä`: invalid type",
    ];
    for start in starts {
        assert!(
            mistakes.iter().any(|text| text.starts_with(start)),
            "{start}\n{mistakes:#?}"
        );
    }
    assert_eq!(mistakes.len(), starts.len(), "{mistakes:#?}");
    assert_eq!(options.stages.unwrap().len(), 1);
    assert_eq!(options.batch, Some(5));
    assert_eq!(options.tags.unwrap().names().collect::<Vec<_>>(), ["b"]);
}

#[test]
fn every_mistake_of_a_toml_text_is_found_with_its_place_and_the_rest_is_read() {
    let (options, mistakes) = toml(WRONG_TOML);
    let starts = [
        "line 5, column 1: `batch` stands there twice",
        "line 1, column 1: `vus`: invalid type",
        "line 2, column 1: `treshold`: there is no member",
        "line 3, column 47: `stages[1].duration`: `soon` is no duration",
        "line 3, column 80: `stages[2]`: invalid type: integer `7`, expected an object with members",
        "line 3, column 83: `stages[3]`: `target` is missing",
        "line 3, column 106: `stages[4].target`: invalid value: integer `-1`",
        "line 7, column 1: `tags.ä`: invalid type: date or time",
    ];
    for start in starts {
        assert!(
            mistakes.iter().any(|text| text.starts_with(start)),
            "{start}\n{mistakes:#?}"
        );
    }
    assert_eq!(mistakes.len(), starts.len(), "{mistakes:#?}");
    assert_eq!(options.stages.unwrap().len(), 1);
    assert_eq!(options.batch, Some(5));
    assert_eq!(options.tags.unwrap().names().collect::<Vec<_>>(), ["b"]);
}

#[test]
fn what_is_no_toml_is_said_where_it_begins() {
    let error = Tree::from_toml("a = \nb = [1,\nc = 'x\n").unwrap_err();
    assert!(
        error.to_string().starts_with("line 1, column 5: "),
        "{error}"
    );
}

#[test]
fn of_two_tables_of_one_name_the_first_counts() {
    let text = "[tags]\na = \"1\"\n\n[tags]\na = \"2\"\nb = \"3\"\n[thresholds]\nchecks = []\n";
    let (options, mistakes) = toml(text);
    assert_eq!(
        mistakes,
        ["line 4, column 2: `tags` stands there twice; take one away"]
    );
    let tags = options.tags.unwrap();
    assert_eq!(tags.iter().collect::<Vec<_>>(), [("a", &"1".to_owned())]);
    assert!(options.thresholds.is_some());
}

#[test]
fn a_path_is_found_though_names_hold_dots_and_brackets() {
    let text = "[options.thresholds]\n\"m{url:http://a.b}\" = [\"rate<1\", \"rate<2\"]\n\"m{a[0].b:c}\" = \"rate<1\"\nm = 'rate<1'\n";
    let (tree, _) = Tree::from_toml(text).unwrap();
    let at = |path: &str| {
        tree.position(path)
            .map(|Position { line, column }| (line, column))
    };
    assert_eq!(at("options.thresholds"), Some((1, 10)));
    assert_eq!(at("options.thresholds.m{url:http://a.b}"), Some((2, 1)));
    assert_eq!(at("options.thresholds.m{url:http://a.b}[1]"), Some((2, 34)));
    assert_eq!(at("options.thresholds.m{a[0].b:c}"), Some((3, 1)));
    assert_eq!(at("options.thresholds.m"), Some((4, 1)));
    // What is not there is pointed at where it is missing.
    assert_eq!(at("options.thresholds.n[3].x"), Some((1, 10)));
    assert_eq!(at("nothing.at.all"), None);
}

#[test]
fn an_item_after_one_that_was_left_out_keeps_its_number_in_the_text() {
    let left_out = ["a.b[0]", "a.b[2]", "a.b[3]", "a.b[4].c[0]"].map(str::to_owned);
    for (path, in_text) in [
        ("a.b[0]", "a.b[1]"),
        ("a.b[1].x", "a.b[4].x"),
        ("a.b[1].c[0]", "a.b[4].c[1]"),
        ("a.b[2].c[0]", "a.b[5].c[0]"),
        ("a.c[0]", "a.c[0]"),
        ("m{x[y]:z}[1]", "m{x[y]:z}[1]"),
        ("a", "a"),
    ] {
        assert_eq!(path_in_text(path, &left_out), in_text, "{path}");
    }
}

#[test]
fn toml_keeps_the_author_s_order() {
    let (options, mistakes) =
        toml("[tags]\nz = \"1\"\na = \"2\"\nm = \"3\"\n[thresholds]\nchecks = []\na = []\n");
    assert!(mistakes.is_empty(), "{mistakes:?}");
    assert_eq!(
        options.tags.unwrap().names().collect::<Vec<_>>(),
        ["z", "a", "m"]
    );
    assert_eq!(
        options.thresholds.unwrap().names().collect::<Vec<_>>(),
        ["checks", "a"]
    );
}

#[test]
fn a_json_text_that_nests_too_deep_is_refused() {
    let deep = "[".repeat(100_000);
    assert!(Tree::from_json(&deep).is_err());
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    assert!(Tree::from_json(&deep).is_err());
}

#[test]
fn what_was_left_out_explains_what_is_missing_and_nothing_else() {
    let unread = |text: &str| Tree::from_json(text).unwrap().0.read::<Options>().mistakes;
    let misspelt =
        unread(r#"{"scenarios": {"a": {"executor": "constant-vus", "duratoin": "1s"}}}"#);
    assert!(misspelt[0].explains("scenarios.a.duration"));
    assert!(misspelt[0].explains("scenarios.a"));
    assert!(misspelt[0].explains("scenarios"));
    assert!(!misspelt[0].explains("scenarios.a.vus"));
    assert!(!misspelt[0].explains("scenarios.b.duration"));
    assert!(!misspelt[0].explains("scen"));
}

/// What [`Tree`] is compared with.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Shape {
    text: Option<String>,
    number: i64,
    float: Option<f64>,
    list: Vec<Option<bool>>,
    below: Named<u64>,
}

proptest! {
    #[test]
    fn what_serde_reads_of_a_json_text_the_tree_reads(
        text in prop::option::of("\\PC{0,12}"),
        number in any::<i64>(),
        float in prop::option::of(-1e12_f64..1e12),
        list in prop::collection::vec(prop::option::of(any::<bool>()), 0..5),
        below in prop::collection::btree_map("\\PC{1,8}", any::<u64>(), 0..5),
        spaces in " {0,3}\n{0,2}",
    ) {
        let value = serde_json::json!({
            "text": text, "number": number, "float": float, "list": list, "below": below,
        });
        let text = format!("{spaces}{value:#}{spaces}");
        let expected: Shape = serde_json::from_str(&text).unwrap();
        let (tree, twice) = Tree::from_json(&text).unwrap();
        let Read { value, mistakes, .. } = tree.read::<Shape>();
        prop_assert!(twice.is_empty() && mistakes.is_empty());
        prop_assert_eq!(value, expected);
    }

    #[test]
    fn no_text_panics_a_reader(text in "[\\[\\]{}\":,a0=.'\n\\\\-]{0,60}|\\PC{0,30}") {
        if let Ok((tree, _)) = Tree::from_json(&text) {
            tree.read::<Options>();
        }
        if let Ok((tree, _)) = Tree::from_toml(&text) {
            tree.read::<Options>();
            tree.position(&text);
        }
    }

    #[test]
    fn one_wrong_member_costs_no_other(place in 0..5_usize) {
        let members = ["\"batch\": 1", "\"rps\": 2", "\"maxSeries\": 3", "\"vus\": 4", "\"userAgent\": \"x\""];
        let mut members = members.map(str::to_owned);
        members[place] = format!("{}x\": -1", members[place].split_once("\":").unwrap().0);
        let (options, mistakes) = json(&format!("{{{}}}", members.join(",\n")));
        prop_assert_eq!(mistakes.len(), 1);
        let start = format!("line {}, column ", place + 1);
        prop_assert!(mistakes[0].starts_with(&start));
        let kept = [options.batch, options.rps, options.max_series, options.vus];
        prop_assert_eq!(
            kept.iter().flatten().count() + usize::from(options.user_agent.is_some()),
            4
        );
    }
}
