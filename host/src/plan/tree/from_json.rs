//! A tree of JSON text.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::node::{Kind, Member, Node};
use super::{Position, Tree};
use crate::plan::options::ReadError;

impl Tree {
    /// Reads JSON. The list holds names that stand there twice, of which the
    /// first counts.
    ///
    /// # Errors
    ///
    /// When it is no JSON.
    pub(in crate::plan) fn from_json(text: &str) -> Result<(Self, Vec<ReadError>), ReadError> {
        let syntax = |error: serde_json::Error| {
            let message = error.to_string();
            let place = format!(" at line {} column {}", error.line(), error.column());
            ReadError::Syntax {
                at: Position {
                    line: error.line(),
                    column: error.column(),
                },
                reason: message.strip_suffix(&place).unwrap_or(&message).to_owned(),
            }
        };
        // It finds all that is no JSON, too deep a nesting among it.
        serde_json::from_str::<serde_json::Value>(text).map_err(syntax)?;
        let whole: &RawValue = serde_json::from_str(text).map_err(syntax)?;
        let mut walk = Walk {
            text,
            twice: Vec::new(),
        };
        let root = walk.node(whole, "").map_err(syntax)?;
        Ok((Self { root }, walk.twice))
    }
}

struct Walk<'a> {
    text: &'a str,
    twice: Vec<ReadError>,
}

impl<'a> Walk<'a> {
    /// Where a part of the text stands: it is a part by its address, too.
    fn position(&self, raw: &'a RawValue) -> Position {
        let byte = raw.get().as_ptr().addr() - self.text.as_ptr().addr();
        Position::of(self.text, byte)
    }

    fn node(&mut self, raw: &'a RawValue, path: &str) -> Result<Node, serde_json::Error> {
        let text = raw.get();
        let kind = match text.as_bytes().first() {
            Some(b'{') => Kind::Object(self.members(serde_json::from_str(text)?, path)?),
            Some(b'[') => {
                let Items(items) = serde_json::from_str(text)?;
                let nodes = items.into_iter().enumerate().map(|(index, raw)| {
                    let node = self.node(raw, &format!("{path}[{index}]"))?;
                    Ok((index, node))
                });
                Kind::Array(nodes.collect::<Result<_, serde_json::Error>>()?)
            }
            Some(b'"') => Kind::Text(serde_json::from_str(text)?),
            Some(b't' | b'f') => Kind::Truth(serde_json::from_str(text)?),
            Some(b'n') => Kind::Null,
            _ => {
                let number: serde_json::Number = serde_json::from_str(text)?;
                match (number.as_u64(), number.as_i64(), number.as_f64()) {
                    (Some(number), ..) => Kind::Unsigned(number),
                    (_, Some(number), _) => Kind::Signed(number),
                    (.., number) => Kind::Float(number.unwrap_or(f64::INFINITY)),
                }
            }
        };
        let at = self.position(raw);
        Ok(Node { at, kind })
    }

    fn members(
        &mut self,
        Members(raw): Members<'a>,
        path: &str,
    ) -> Result<Vec<Member>, serde_json::Error> {
        let mut members: Vec<Member> = Vec::with_capacity(raw.len());
        for (raw_name, raw) in raw {
            let name: String = serde_json::from_str(raw_name.get())?;
            let at = self.position(raw_name);
            if members.iter().any(|member| member.name == name) {
                self.twice.push(ReadError::twice(path, &name, at));
                continue;
            }
            let below = match path {
                "" => name.clone(),
                path => format!("{path}.{name}"),
            };
            let node = self.node(raw, &below)?;
            members.push(Member { name, at, node });
        }
        Ok(members)
    }
}

/// The members of an object, unread.
struct Members<'a>(Vec<(&'a RawValue, &'a RawValue)>);

/// The items of an array, unread.
struct Items<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Vec<(&'de RawValue, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }

        deserializer.deserialize_map(Collect).map(Self)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Items<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Vec<&'de RawValue>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element()? {
                    items.push(item);
                }
                Ok(items)
            }
        }

        deserializer.deserialize_seq(Collect).map(Self)
    }
}
