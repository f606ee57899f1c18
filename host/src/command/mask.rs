//! Secrets in the results file.

use serde_json::{Map, Value};

use crate::plan::Plan;

/// Where numbers and buckets stand as text, which a secret of a few digits would
/// damage without being in it; `*` is each item of a list. They are known by
/// their place: what a target or a scenario says can have any name.
const NUMBERS: [&[&str]; 20] = [
    &["run", "seed"],
    &["run", "plan", "seed"],
    &["recorded", "series", "*", "sum"],
    &["recorded", "series", "*", "outside"],
    &["recorded", "series", "*", "min"],
    &["recorded", "series", "*", "max"],
    &["recorded", "series", "*", "last"],
    &["recorded", "series", "*", "at"],
    &["recorded", "series", "*", "buckets"],
    &["recorded", "endpoints", "*", "duration", "sum"],
    &["recorded", "endpoints", "*", "duration", "min"],
    &["recorded", "endpoints", "*", "duration", "max"],
    &["recorded", "endpoints", "*", "duration", "buckets"],
    &["recorded", "windows", "series", "*", "seconds", "*", "sum"],
    &[
        "recorded", "windows", "series", "*", "seconds", "*", "outside",
    ],
    &["recorded", "windows", "series", "*", "seconds", "*", "min"],
    &["recorded", "windows", "series", "*", "seconds", "*", "max"],
    &["recorded", "windows", "series", "*", "seconds", "*", "last"],
    &["recorded", "windows", "series", "*", "seconds", "*", "at"],
    &[
        "recorded", "windows", "series", "*", "seconds", "*", "buckets",
    ],
];

/// Where what setup returned stands: its names and numbers are the scenario's,
/// too, and not only its texts.
const SETUP_DATA: &str = "setup_data";

/// Masks secrets in every text of the results: a server that echoes one gets it
/// into tags, checks, and what setup found.
pub(super) fn mask(results: &mut Value, plan: &Plan) {
    mask_results(results, &|text| plan.masked(text));
}

fn mask_results(results: &mut Value, masked: &dyn Fn(&str) -> String) {
    let Value::Object(members) = results else {
        return;
    };
    for (name, member) in members {
        if name == SETUP_DATA {
            mask_wholly(member, masked);
        } else {
            mask_texts(member, &mut vec![name.clone()], masked);
        }
    }
}

/// Masks texts; `at` is the path of the value.
fn mask_texts(value: &mut Value, at: &mut Vec<String>, masked: &dyn Fn(&str) -> String) {
    match value {
        Value::String(text) if !NUMBERS.iter().any(|path| at.as_slice() == *path) => {
            *text = masked(text);
        }
        Value::Array(items) => {
            at.push("*".to_owned());
            items
                .iter_mut()
                .for_each(|item| mask_texts(item, at, masked));
            at.pop();
        }
        Value::Object(members) => {
            for (name, member) in members {
                at.push(name.clone());
                mask_texts(member, at, masked);
                at.pop();
            }
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Masks names and numbers, too; a number with a secret in it becomes a text.
fn mask_wholly(value: &mut Value, masked: &dyn Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = masked(text),
        Value::Number(number) => {
            let text = number.to_string();
            let without = masked(&text);
            if without != text {
                *value = Value::String(without);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| mask_wholly(item, masked)),
        Value::Object(members) => {
            let renamed = |(name, mut member): (String, Value)| {
                mask_wholly(&mut member, masked);
                (masked(&name), member)
            };
            *members = std::mem::take(members)
                .into_iter()
                .map(renamed)
                .collect::<Map<_, _>>();
        }
        Value::Null | Value::Bool(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Without the secrets `hush-hush` and `4711`.
    fn masked(mut results: Value) -> Value {
        mask_results(&mut results, &|text| {
            text.replace("hush-hush", "***").replace("4711", "***")
        });
        results
    }

    #[test]
    fn a_secret_is_masked_whatever_the_name_of_the_member_that_it_stands_in() {
        for name in [
            "buckets", "seed", "sum", "min", "max", "last", "at", "value",
        ] {
            for secret in ["hush-hush", "4711"] {
                let tags = json!({ name: secret });
                let results = masked(json!({
                    "setup_data": { name: secret, "deeper": [{ name: [secret] }] },
                    "endpoints": [{ "tags": tags }],
                    "recorded": {
                        "endpoints": [{ "tags": tags, "duration": { "buckets": null } }],
                        "windows": { "series": [{ "name": format!("m{{{name}:{secret}}}") }] },
                    },
                    "run": { "plan": { "tags": tags, "config": { name: { "value": secret } } } },
                }));
                let text = results.to_string();
                assert!(!text.contains(secret), "{text}");
            }
        }
    }

    #[test]
    fn names_and_numbers_that_setup_returned_are_masked_and_others_kept() {
        assert_eq!(
            masked(json!({ "setup_data": { "hush-hush": 4711, "users": 12 } })),
            json!({ "setup_data": { "***": "***", "users": 12 } })
        );
    }

    #[test]
    fn numbers_that_are_written_as_text_are_left_alone() {
        let trend = json!({ "sum": "14711", "outside": "4711", "min": "4711", "max": "4711", "buckets": "AA4711" });
        let gauge = json!({ "last": "4711", "at": "4711", "min": "-4711.5", "max": "4711e9" });
        let results = json!({
            "recorded": {
                "series": [trend, gauge],
                "endpoints": [{ "duration": { "sum": "14711", "min": "4711", "max": "4711", "buckets": "AA4711" } }],
                "windows": { "series": [{ "seconds": [trend, gauge] }] },
            },
            "run": { "seed": "4711", "plan": { "seed": "4711" } },
        });
        assert_eq!(masked(results.clone()), results);
    }
}
