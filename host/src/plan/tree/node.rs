//! What a tree is made of, as serde reads it.

use serde::de::value::{Error, MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

use super::Position;

/// A value, and where it stands.
#[derive(Clone)]
pub(super) struct Node {
    pub(super) at: Position,
    pub(super) kind: Kind,
}

/// A value.
#[derive(Clone)]
pub(super) enum Kind {
    Null,
    Truth(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(String),
    /// TOML's date or time, which no option is.
    Date,
    /// Each with its index: the others keep theirs when one is taken out.
    Array(Vec<(usize, Node)>),
    Object(Vec<Member>),
}

/// A member of an object.
#[derive(Clone)]
pub(super) struct Member {
    pub(super) name: String,
    /// Where the name stands.
    pub(super) at: Position,
    pub(super) node: Node,
}

impl Default for Node {
    fn default() -> Self {
        Self {
            at: Position { line: 1, column: 1 },
            kind: Kind::Object(Vec::new()),
        }
    }
}

impl<'de> Deserializer<'de> for &Node {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.kind {
            Kind::Null => visitor.visit_unit(),
            Kind::Truth(truth) => visitor.visit_bool(*truth),
            Kind::Unsigned(number) => visitor.visit_u64(*number),
            Kind::Signed(number) => visitor.visit_i64(*number),
            Kind::Float(number) => visitor.visit_f64(*number),
            Kind::Text(text) => visitor.visit_str(text),
            Kind::Date => Err(serde::de::Error::invalid_type(
                Unexpected::Other("date or time"),
                &visitor,
            )),
            Kind::Array(items) => {
                visitor.visit_seq(SeqDeserializer::new(items.iter().map(|(_, node)| node)))
            }
            Kind::Object(members) => visitor.visit_map(MapDeserializer::new(
                members
                    .iter()
                    .map(|member| (member.name.as_str(), &member.node)),
            )),
        }
    }

    /// A `null` in JSON is a member that is not there.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.kind {
            Kind::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match &self.kind {
            Kind::Text(text) => {
                let text: serde::de::value::StrDeserializer<'_, Error> =
                    text.as_str().into_deserializer();
                text.deserialize_enum(name, variants, visitor)
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Error> for &Node {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}
