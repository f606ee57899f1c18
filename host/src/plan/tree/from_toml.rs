//! A tree of TOML text.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::node::{Kind, Member, Node};
use super::{Position, Tree};
use crate::plan::options::ReadError;

impl Tree {
    /// Reads TOML. The list holds names that stand there twice, of which the
    /// first counts.
    ///
    /// # Errors
    ///
    /// When it is no TOML: the first place that is none. What comes after it is
    /// mostly more of the same mistake.
    pub(in crate::plan) fn from_toml(text: &str) -> Result<(Self, Vec<ReadError>), ReadError> {
        let (table, errors) = DeTable::parse_recoverable(text);
        let (mut twice, mut syntax) = (Vec::new(), Vec::new());
        for error in errors {
            let span = error.span().unwrap_or_default();
            let at = Position::of(text, span.start);
            if error.message() == "duplicate key" {
                let name = text.get(span).unwrap_or_default().to_owned();
                twice.push((at, name));
            } else {
                let reason = error.message().to_owned();
                syntax.push((at, reason));
            }
        }
        syntax.sort_by_key(|(at, _)| *at);
        if let Some((at, reason)) = syntax.into_iter().next() {
            return Err(ReadError::Syntax { at, reason });
        }
        twice.sort_by_key(|(at, _)| *at);
        let bodies: Vec<_> = twice
            .iter()
            .filter_map(|(at, _)| body_of_table(text, *at))
            .collect();
        let is_of_body = |at: Position| bodies.iter().any(|body| body.contains(&at.line));
        twice.retain(|(at, _)| !is_of_body(*at));
        let twice = twice.into_iter();
        let root = Node {
            at: Position::of(text, table.span().start),
            kind: Kind::Object(members(text, table.get_ref(), &is_of_body)),
        };
        let twice = twice.map(|(at, name)| ReadError::twice("", &name, at));
        Ok((Self { root }, twice.collect()))
    }
}

/// The lines of a table of which this is the heading. The parser adds them to
/// the table that has the name already.
fn body_of_table(text: &str, heading: Position) -> Option<Range<usize>> {
    let is_heading = |line: &str| line.trim_start().starts_with('[');
    let mut lines = text.lines().enumerate().skip(heading.line - 1);
    lines.next().filter(|(_, line)| is_heading(line))?;
    let next = lines.find(|(_, line)| is_heading(line));
    Some(heading.line + 1..next.map_or(usize::MAX, |(index, _)| index + 1))
}

/// The members of a table in the order of the text, without those to leave out.
fn members(text: &str, table: &DeTable<'_>, left_out: &dyn Fn(Position) -> bool) -> Vec<Member> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    let members = entries.into_iter().map(|(name, value)| Member {
        name: name.get_ref().to_string(),
        at: Position::of(text, name.span().start),
        node: node(text, value, left_out),
    });
    members.filter(|member| !left_out(member.at)).collect()
}

fn node(text: &str, value: &Spanned<DeValue<'_>>, left_out: &dyn Fn(Position) -> bool) -> Node {
    let kind = match value.get_ref() {
        DeValue::String(text) => Kind::Text(text.to_string()),
        DeValue::Integer(integer) => {
            let (digits, radix) = (integer.as_str(), integer.radix());
            match (
                u64::from_str_radix(digits, radix),
                i64::from_str_radix(digits, radix),
            ) {
                (Ok(number), _) => Kind::Unsigned(number),
                (_, Ok(number)) => Kind::Signed(number),
                // No option is as large: any number that is too large will do.
                _ => Kind::Float(f64::INFINITY),
            }
        }
        DeValue::Float(float) => Kind::Float(float.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(truth) => Kind::Truth(*truth),
        DeValue::Datetime(_) => Kind::Date,
        DeValue::Array(items) => {
            let nodes = items.iter().map(|item| node(text, item, left_out));
            Kind::Array(nodes.enumerate().collect())
        }
        DeValue::Table(table) => Kind::Object(members(text, table, left_out)),
    };
    Node {
        at: Position::of(text, value.span().start),
        kind,
    }
}
