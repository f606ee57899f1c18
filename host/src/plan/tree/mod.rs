//! A text as it was written, TOML or JSON, with the place of everything in it.
//!
//! Both notations become one [`Tree`], so that one reader serves both, and so
//! that what is found wrong later, when layers lie over each other, can still be
//! pointed at.
//!
//! - [`Tree::from_json`], [`Tree::from_toml`]: of a text
//! - [`Tree::read`]: into a type, with every mistake there is

use std::fmt;

mod from_json;
mod from_toml;
mod node;
mod read;

use node::{Kind, Node};
pub(super) use read::{Read, path_in_text};

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

impl Position {
    /// The place of a byte of a text.
    pub(super) fn of(text: &str, byte: usize) -> Self {
        let before = &text[..text.floor_char_boundary(byte)];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// A text that was read: what stands where. Its `Debug` does not show values,
/// which can be secrets.
#[derive(Clone, Default)]
pub(super) struct Tree {
    root: Node,
}

impl Tree {
    /// Where the member of a path stands: `scenarios.a.stages[0].target`. Where
    /// there is none, the nearest one above it that is there; `None` where not
    /// even the first name is.
    ///
    /// Names can hold dots and brackets themselves (`thresholds.m{url:a.b}`), so
    /// that at each step the longest name that fits is taken.
    pub(super) fn position(&self, path: &str) -> Option<Position> {
        let (mut node, mut rest, mut found) = (&self.root, path, None);
        while !rest.is_empty() {
            let step = match &node.kind {
                Kind::Object(members) => members
                    .iter()
                    .filter_map(|member| {
                        let after = rest.strip_prefix(member.name.as_str())?;
                        let ends = after.is_empty() || after.starts_with(['.', '[']);
                        ends.then_some((member.name.len(), member.at, &member.node, after))
                    })
                    .max_by_key(|(length, ..)| *length)
                    .map(|(_, at, node, after)| (at, node, after)),
                Kind::Array(items) => rest.strip_prefix('[').and_then(|rest| {
                    let (index, after) = rest.split_once(']')?;
                    let (_, node) = items.iter().find(|(at, _)| index.parse() == Ok(*at))?;
                    Some((node.at, node, after))
                }),
                _ => None,
            };
            let Some((at, below, after)) = step else {
                break;
            };
            (node, found) = (below, Some(at));
            rest = after.strip_prefix('.').unwrap_or(after);
        }
        found
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tree(…)")
    }
}

#[cfg(test)]
mod tests;
