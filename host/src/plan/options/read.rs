//! What is wrong with a text, in words that say where and what to do.

use std::fmt;

use thiserror::Error;

use super::k6;
use crate::plan::near::nearest;
use crate::plan::tree::Position;

/// Why a text, or a part of it, does not parse.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReadError {
    /// It is not JSON (or TOML) at all.
    #[error("{at}: {reason}")]
    Syntax {
        /// Where.
        at: Position,
        /// What is wrong there.
        reason: String,
    },
    /// A member of it is wrong.
    #[error("{}{reason}", Place(path, *at))]
    Member {
        /// Where: `scenarios.buying.stages[0].target`. Empty for the whole.
        path: String,
        /// Where in the text, in the case that somebody has it before their
        /// eyes.
        at: Option<Position>,
        /// What is wrong with it.
        reason: String,
        /// The name that was probably meant, where a name is unknown.
        near: Option<String>,
    },
}

struct Place<'a>(&'a str, Option<Position>);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(at) = self.1 {
            write!(f, "{at}: ")?;
        }
        if !self.0.is_empty() {
            write!(f, "`{}`: ", self.0)?;
        }
        Ok(())
    }
}

impl ReadError {
    /// A member that a deserializer refuses with this message.
    pub(in crate::plan) fn member(path: &str, at: Option<Position>, message: &str) -> Self {
        let (reason, near) = reason(message);
        Self::Member {
            path: path.to_owned(),
            at,
            reason,
            near,
        }
    }

    /// A name that an object has already.
    pub(in crate::plan) fn twice(path: &str, name: &str, at: Position) -> Self {
        Self::Member {
            path: path.to_owned(),
            at: Some(at),
            reason: format!("`{name}` stands there twice; take one away"),
            near: None,
        }
    }

    /// The same without the place in the text. A component's options are one
    /// line more often than not, and nobody sees them but through the component:
    /// the path says more.
    pub(super) fn without_place(self) -> Self {
        match self {
            Self::Member {
                path, reason, near, ..
            } => Self::Member {
                path,
                at: None,
                reason,
                near,
            },
            syntax @ Self::Syntax { .. } => syntax,
        }
    }

    /// Where in the text, where that is known.
    pub(in crate::plan) fn position(&self) -> Option<Position> {
        match self {
            Self::Syntax { at, .. } => Some(*at),
            Self::Member { at, .. } => *at,
        }
    }

    /// Whether what is said of this path follows from this mistake: the member
    /// was left out for being wrong, or stands there misspelt.
    pub(in crate::plan) fn explains(&self, path: &str) -> bool {
        let Self::Member {
            path: wrong, near, ..
        } = self
        else {
            return false;
        };
        let is_at_or_above = |above: &str| {
            wrong
                .strip_prefix(above)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        let meant = near.as_ref().map(|near| match wrong.rsplit_once('.') {
            Some((parent, _)) => format!("{parent}.{near}"),
            None => near.clone(),
        });
        is_at_or_above(path) || meant.as_deref() == Some(path)
    }

    /// The same mistake below a member of another object: `None` where it
    /// stands elsewhere.
    pub(in crate::plan) fn below(&self, member: &str) -> Option<Self> {
        let Self::Member {
            path,
            at,
            reason,
            near,
        } = self
        else {
            return None;
        };
        let rest = path.strip_prefix(member)?.strip_prefix('.')?;
        Some(Self::Member {
            path: rest.to_owned(),
            at: *at,
            reason: reason.clone(),
            near: near.clone(),
        })
    }
}

/// The reason in our words, and the name that was probably meant. serde's own
/// texts of an unknown member (`unknown field`) and of a number out of range
/// name Rust's types and no way out.
fn reason(message: &str) -> (String, Option<String>) {
    if let Some(rest) = message.strip_prefix("unknown field `") {
        let mut quoted = rest.split('`');
        let name = quoted.next().unwrap_or_default();
        // What is left alternates between known names and what separates them.
        let known: Vec<_> = quoted.skip(1).step_by(2).collect();
        return unknown_member(name, &known);
    }
    if let Some(rest) = message.strip_prefix("unknown variant `") {
        let mut quoted = rest.split('`');
        let name = quoted.next().unwrap_or_default();
        let known: Vec<_> = quoted.skip(1).step_by(2).collect();
        let list = known.join(", ");
        let text = match nearest(name, known.iter().copied()) {
            Some(near) => format!("`{name}` is none of {list}; did you mean `{near}`?"),
            None => format!("`{name}` is none of {list}"),
        };
        return (text, None);
    }
    if let Some(rest) = message.strip_prefix("missing field `") {
        let name = rest.trim_end_matches('`');
        return (format!("`{name}` is missing; add it"), None);
    }
    for (number, words) in [
        ("u32", "a whole number from 0 to 4294967295"),
        ("u64", "a whole number from 0"),
        ("usize", "a whole number from 0"),
    ] {
        if let Some(start) = message.strip_suffix(&format!("expected {number}")) {
            return (format!("{start}expected {words}"), None);
        }
    }
    if let Some((start, _)) = message.split_once("expected struct ") {
        return (format!("{start}expected an object with members"), None);
    }
    (message.to_owned(), None)
}

fn unknown_member(name: &str, known: &[&str]) -> (String, Option<String>) {
    if let Some(text) = k6::unsupported_member(name, known) {
        return (text, None);
    }
    match nearest(name, known.iter().copied()) {
        Some(near) => (
            format!("there is no member `{name}`; did you mean `{near}`?"),
            Some(near.to_owned()),
        ),
        None => (
            format!(
                "there is no member `{name}`; there are {}",
                known.join(", ")
            ),
            None,
        ),
    }
}
