//! Reading a tree into a type, with every mistake there is.

use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

use super::node::{Kind, Node};
use super::{Position, Tree};
use crate::plan::options::ReadError;

/// What a text was read into.
pub(in crate::plan) struct Read<T> {
    /// All that is right of it.
    pub(in crate::plan) value: T,
    /// All that is wrong. It is left out of the value.
    pub(in crate::plan) mistakes: Vec<ReadError>,
    /// The paths of what was left out, items of arrays among them.
    pub(in crate::plan) left_out: Vec<String>,
}

/// The path in the text of what has this path in the value: items that were left
/// out count in the text and not in the value.
pub(in crate::plan) fn path_in_text(path: &str, left_out: &[String]) -> String {
    let mut written = String::with_capacity(path.len());
    for part in path.split_inclusive(']') {
        let index = part
            .strip_suffix(']')
            .and_then(|part| part.rsplit_once('['))
            .and_then(|(before, index)| Some((before, index.parse::<usize>().ok()?)));
        let Some((before, mut index)) = index else {
            written.push_str(part);
            continue;
        };
        written.push_str(before);
        let mut at = 0;
        while at <= index {
            if left_out.contains(&format!("{written}[{at}]")) {
                index += 1;
            }
            at += 1;
        }
        written.push_str(&format!("[{index}]"));
    }
    written
}

/// More mistakes than these help nobody.
const MOST: usize = 100;

impl Tree {
    /// Reads it. What is wrong is taken out, and the rest is read again, until
    /// nothing is wrong: serde itself stops at the first mistake.
    pub(in crate::plan) fn read<T: DeserializeOwned + Default>(&self) -> Read<T> {
        let mut rest = self.clone();
        let (mut mistakes, mut removed) = (Vec::new(), Vec::new());
        loop {
            let error = match serde_path_to_error::deserialize(&rest.root) {
                Ok(value) => {
                    return Read {
                        value,
                        mistakes,
                        left_out: removed
                            .iter()
                            .map(|steps: &Vec<Step>| written(steps))
                            .collect(),
                    };
                }
                Err(error) => error,
            };
            let mut steps: Vec<Step> = error.path().iter().filter_map(Step::of).collect();
            // The indices are those of what is left.
            let (at, original) = rest.locate(&mut steps);
            let message = error.inner().to_string();
            let missing = missing_field(&message);
            // What was taken out for being wrong is not missing.
            let follows = missing.is_some_and(|name| {
                let mut path = original.clone();
                path.push(Step::Name(name.to_owned()));
                removed.contains(&path)
            });
            if !follows {
                mistakes.push(ReadError::member(&written(&original), Some(at), &message));
            }
            if steps.is_empty() || mistakes.len() >= MOST {
                return Read {
                    value: T::default(),
                    mistakes,
                    left_out: Vec::new(),
                };
            }
            rest.root.remove(&steps);
            removed.push(original);
        }
    }

    /// Where the steps lead, and the same steps with the indices of the text.
    /// Steps that lead nowhere are cut off.
    fn locate(&self, steps: &mut Vec<Step>) -> (Position, Vec<Step>) {
        let (mut node, mut at) = (&self.root, self.root.at);
        let mut original = Vec::new();
        for step in steps.iter() {
            match (step, &node.kind) {
                (Step::Name(name), Kind::Object(members)) => {
                    let Some(member) = members.iter().find(|member| member.name == *name) else {
                        break;
                    };
                    (node, at) = (&member.node, member.at);
                    original.push(step.clone());
                }
                (Step::Index(index), Kind::Array(items)) => {
                    let Some((index, below)) = items.get(*index) else {
                        break;
                    };
                    (node, at) = (below, below.at);
                    original.push(Step::Index(*index));
                }
                _ => break,
            }
        }
        steps.truncate(original.len());
        // A value that is wrong is pointed at itself; a name that is wrong, at
        // the name. Which of them it is, only the text of the error knows, and
        // the name stands before the value in either case.
        (at, original)
    }
}

impl Node {
    fn remove(&mut self, steps: &[Step]) {
        let Some((step, below)) = steps.split_first() else {
            return;
        };
        match (step, &mut self.kind) {
            (Step::Name(name), Kind::Object(members)) => {
                let Some(place) = members.iter().position(|member| member.name == *name) else {
                    return;
                };
                if below.is_empty() {
                    members.remove(place);
                } else {
                    members[place].node.remove(below);
                }
            }
            (Step::Index(index), Kind::Array(items)) => {
                if below.is_empty() {
                    items.remove(*index);
                } else {
                    items[*index].1.remove(below);
                }
            }
            _ => {}
        }
    }
}

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
}

impl Step {
    fn of(segment: &Segment) -> Option<Self> {
        match segment {
            Segment::Map { key } => Some(Self::Name(key.clone())),
            Segment::Seq { index } => Some(Self::Index(*index)),
            Segment::Enum { .. } | Segment::Unknown => None,
        }
    }
}

fn written(steps: &[Step]) -> String {
    let mut path = String::new();
    for step in steps {
        match step {
            Step::Name(name) if path.is_empty() => path.push_str(name),
            Step::Name(name) => path.push_str(&format!(".{name}")),
            Step::Index(index) => path.push_str(&format!("[{index}]")),
        }
    }
    path
}

fn missing_field(message: &str) -> Option<&str> {
    let rest = message.strip_prefix("missing field `")?;
    Some(rest.trim_end_matches('`'))
}
