//! Groups and checks as the tree that k6 hands out.

use md5::{Digest, Md5};
use serde_json::{Value, json};

use crate::metrics::{CheckRow, Summary};

/// How the children of a group are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// As lists, as `handleSummary` gets them.
    Lists,
    /// By name, as `--summary-export` writes them.
    ByName,
}

/// The root group.
pub(super) fn root(summary: &Summary, shape: Shape) -> Value {
    let mut paths: Vec<&str> = summary.groups.iter().map(String::as_str).collect();
    paths.extend(summary.checks.iter().map(|check| check.group.as_str()));
    group("", "", &paths, &summary.checks, shape)
}

fn group(path: &str, name: &str, paths: &[&str], checks: &[CheckRow], shape: Shape) -> Value {
    let prefix = format!("{path}::");
    let mut children: Vec<&str> = paths
        .iter()
        .filter_map(|known| known.strip_prefix(&prefix)?.split("::").next())
        .collect();
    children.sort_unstable();
    children.dedup();
    let groups = children.into_iter().map(|child| {
        let path = format!("{prefix}{child}");
        (child.to_owned(), group(&path, child, paths, checks, shape))
    });
    let checks_here = checks
        .iter()
        .filter(|check| check.group == path)
        .map(|check| {
            let path = format!("{prefix}{}", check.name);
            let value = json!({
                "name": check.name,
                "path": path,
                "id": id(&path),
                "passes": check.passes,
                "fails": check.fails,
            });
            (check.name.clone(), value)
        });
    json!({
        "name": name,
        "path": path,
        "id": id(path),
        "groups": children_as(shape, groups),
        "checks": children_as(shape, checks_here),
    })
}

fn children_as(shape: Shape, children: impl Iterator<Item = (String, Value)>) -> Value {
    match shape {
        Shape::Lists => children.map(|(_, value)| value).collect(),
        Shape::ByName => Value::Object(children.collect()),
    }
}

/// k6's ids: the MD5 digest of the path.
fn id(path: &str) -> String {
    Md5::digest(path)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn groups_nest_by_their_paths_and_have_the_ids_of_k6() {
        let check = |group: &str| CheckRow {
            group: group.to_owned(),
            name: "ok".to_owned(),
            passes: 2,
            fails: 1,
        };
        let summary = Summary {
            groups: vec!["::a".to_owned()],
            checks: vec![check(""), check("::a::b")],
            ..Summary::default()
        };
        let root = root(&summary, Shape::Lists);
        assert_eq!(root["id"], "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(root["checks"][0]["path"], "::ok");
        assert_eq!(root["groups"][0]["path"], "::a");
        let inner = &root["groups"][0]["groups"][0];
        assert_eq!(
            (inner["name"].as_str(), inner["path"].as_str()),
            (Some("b"), Some("::a::b"))
        );
        assert_eq!(inner["checks"][0]["fails"], 1);
    }
}
