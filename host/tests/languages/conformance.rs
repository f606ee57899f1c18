//! The test plan for guests, held by each language. What comes of it is the
//! second half of `docs/guest-conformance.md`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use serde_json::Value;
use vuelo::conformance::{CASES, document};

use super::projects::{built, built_with_starlingmonkey, vuelo};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/guest-conformance.md");

/// What a column is, and how its component comes to be.
type Column = (&'static str, fn() -> PathBuf);

const COLUMNS: [Column; 6] = [
    ("Rust", || built("conformance/rust")),
    ("C", || built("conformance/c")),
    ("Go", || built("conformance/go")),
    ("Python", || built("conformance/python")),
    ("JavaScript", || built("conformance/javascript")),
    ("JavaScript, StarlingMonkey", built_with_starlingmonkey),
];

/// By case: what was found, and why.
type Findings = BTreeMap<String, (String, String)>;

fn examined(component: &PathBuf) -> Findings {
    let output = vuelo()
        .args(["conformance", "--json"])
        .arg(component)
        .env(
            "VUELO_CACHE_DIR",
            concat!(env!("CARGO_TARGET_TMPDIR"), "/cache"),
        )
        .output()
        .unwrap();
    let rows: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| {
        panic!("{}", String::from_utf8_lossy(&output.stderr));
    });
    let rows = rows.as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    rows.map(|row| {
        let details = row["details"].as_array().unwrap().iter().map(text);
        let details = details.collect::<Vec<_>>().join("; ");
        (text(&row["case"]), (text(&row["finding"]), details))
    })
    .collect()
}

#[test]
fn every_language_holds_what_the_page_says() {
    let columns: Vec<(&str, Findings)> = COLUMNS
        .iter()
        .map(|(name, component)| (*name, examined(&component())))
        .collect();
    let failures: Vec<String> = columns
        .iter()
        .flat_map(|(name, findings)| {
            findings
                .iter()
                .filter(|(_, (finding, _))| finding == "fails")
                .map(move |(case, (_, why))| format!("{name}, {case}: {why}"))
        })
        .collect();
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
    let page = document::plan() + &table(&columns);
    if std::env::var_os("VUELO_RENEW").is_some() {
        std::fs::write(PAGE, page).unwrap();
    } else {
        let committed = std::fs::read_to_string(PAGE).unwrap_or_default();
        assert_eq!(committed, page, "the page is another: make languages-renew");
    }
}

/// What came of it, a column for each language.
fn table(columns: &[(&str, Findings)]) -> String {
    let mut text = "\n# What the project's own languages hold\n\n\
                    Made by a test. ✓ holds, – is not in the language.\n\n| case |"
        .to_owned();
    for (name, _) in columns {
        write!(text, " {name} |").unwrap();
    }
    text += "\n|---|";
    text += &":-:|".repeat(columns.len());
    text += "\n";
    let mut notes = String::new();
    for case in CASES.iter().flat_map(|(_, cases)| *cases) {
        write!(text, "| `{}` |", case.name).unwrap();
        for (name, findings) in columns {
            let (finding, why) = &findings[case.name];
            let mark = match finding.as_str() {
                "holds" => "✓",
                _ => {
                    writeln!(notes, "- `{}`, {name}: {why}", case.name).unwrap();
                    "–"
                }
            };
            write!(text, " {mark} |").unwrap();
        }
        text += "\n";
    }
    if !notes.is_empty() {
        text += "\n";
        text += &notes;
    }
    text
}
