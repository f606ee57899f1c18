//! k6's execution segments, as they are written in the options.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer};

use crate::plan::{ExecutionSegment, ExecutionSegmentSequence};

/// Which part of the whole load: `0:1/4`.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentOption(pub ExecutionSegment);

/// Into which parts the whole load is divided: `0,1/4,1/2,1`.
#[derive(Debug, Clone, PartialEq)]
pub struct SequenceOption(pub ExecutionSegmentSequence);

impl<'de> Deserialize<'de> for SegmentOption {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for SequenceOption {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(de::Error::custom)
    }
}

impl JsonSchema for SegmentOption {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "ExecutionSegment".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "examples": ["0:1/4", "25%", "1/4"] })
    }
}

impl JsonSchema for SequenceOption {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "ExecutionSegmentSequence".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "examples": ["0,1/4,1/2,1"] })
    }
}
