//! What must be true for a run to pass, as it is written in the options.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::metrics::{Expression, OnNoData, Threshold};
use crate::plan::duration::TimeSpan;

/// The thresholds of one metric.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Thresholds(pub Vec<ThresholdOptions>);

/// One threshold: its condition alone, or with what is to happen.
#[derive(Debug, Clone, PartialEq)]
pub struct ThresholdOptions {
    /// The condition.
    pub expression: Expression,
    /// Whether the run ends when it is not true.
    pub abort_on_fail: bool,
    /// How long the run goes on before that.
    pub delay_abort_eval: TimeSpan,
    /// What it says where there are no samples.
    pub on_no_data: NoData,
    /// The last so much of the time is judged, at every moment; all of it
    /// where there is none.
    pub window: Option<Window>,
}

/// A sliding window: a second or more, since samples come together once a
/// second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window(pub TimeSpan);

impl<'de> Deserialize<'de> for Window {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let span = TimeSpan::deserialize(deserializer)?;
        if span.0 < Duration::from_secs(1) {
            return Err(de::Error::custom(format_args!(
                "a window of {span} is shorter than a second, and samples come together once a second; write \
                 a longer one, such as `30s`"
            )));
        }
        Ok(Self(span))
    }
}

impl JsonSchema for Window {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Window".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<TimeSpan>()
    }
}

/// What a threshold says where there are no samples.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum NoData {
    /// It fails: what was to be judged did not happen.
    #[default]
    Fail,
    /// It passes: what was to be judged is optional.
    Pass,
}

/// A threshold with what is to happen.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "ThresholdWithSettings")]
struct Written {
    /// The condition, such as `p(95)<500`.
    threshold: Condition,

    /// Ends the run when it is not true.
    #[serde(default)]
    abort_on_fail: bool,

    /// For how long after the start of the load it does not end the run; `0s`
    /// unless set.
    delay_abort_eval: Option<TimeSpan>,

    /// Ours: what it says where there are no samples. A counter always has
    /// some: without samples it is 0.
    #[serde(default)]
    on_no_data: NoData,

    /// Ours: a sliding window of a second or more. The condition must be true
    /// of the last so much of the time at every moment, so that a long run
    /// cannot hide a bad minute.
    window: Option<Window>,
}

/// The text of a condition, read.
struct Condition(Expression);

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map(Self)
            .map_err(de::Error::custom)
    }
}

impl JsonSchema for Condition {
    fn schema_name() -> Cow<'static, str> {
        "Condition".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A condition in k6's grammar: what of the metric, how it compares, and \
                a number in the metric's unit. A counter has `count` and `rate` (per second), a \
                gauge `value`, a rate `rate`, a trend `avg`, `min`, `max`, `med`, `p(N)` and \
                `count`.",
            "type": "string",
            "examples": ["p(95)<500", "rate<0.01", "count>=100"],
            "pattern": r"^\s*(count|rate|value|avg|min|max|med|p\s*\(\s*[0-9.]+\s*\))\s*(<=|>=|<|>|===|==|!=)\s*[-+]?[0-9.]+([eE][-+]?[0-9]+)?\s*$"
        })
    }
}

impl From<Expression> for ThresholdOptions {
    fn from(expression: Expression) -> Self {
        Self {
            expression,
            abort_on_fail: false,
            delay_abort_eval: TimeSpan::default(),
            on_no_data: NoData::Fail,
            window: None,
        }
    }
}

impl From<&ThresholdOptions> for Threshold {
    fn from(written: &ThresholdOptions) -> Self {
        Self {
            expression: written.expression.clone(),
            abort_on_fail: written.abort_on_fail,
            delay_abort_eval: written.delay_abort_eval.0,
            on_no_data: match written.on_no_data {
                NoData::Fail => OnNoData::Fail,
                NoData::Pass => OnNoData::Pass,
            },
            window: written.window.map(|window| window.0.0),
        }
    }
}

impl<'de> Deserialize<'de> for ThresholdOptions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = ThresholdOptions;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a threshold such as \"p(95)<500\", or an object with `threshold`")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<ThresholdOptions, E> {
                text.parse::<Expression>()
                    .map(ThresholdOptions::from)
                    .map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ThresholdOptions, A::Error> {
                let written = Written::deserialize(MapAccessDeserializer::new(map))?;
                Ok(ThresholdOptions {
                    expression: written.threshold.0,
                    abort_on_fail: written.abort_on_fail,
                    delay_abort_eval: written.delay_abort_eval.unwrap_or_default(),
                    on_no_data: written.on_no_data,
                    window: written.window,
                })
            }
        }

        deserializer.deserialize_any(Read)
    }
}

impl<'de> Deserialize<'de> for Thresholds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = Thresholds;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a threshold such as \"p(95)<500\", or a list of thresholds")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Thresholds, E> {
                let expression: Expression = text.parse().map_err(E::custom)?;
                Ok(Thresholds(vec![expression.into()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Thresholds, A::Error> {
                let mut thresholds = Vec::new();
                while let Some(threshold) = list.next_element()? {
                    thresholds.push(threshold);
                }
                Ok(Thresholds(thresholds))
            }
        }

        deserializer.deserialize_any(Read)
    }
}

impl JsonSchema for ThresholdOptions {
    fn schema_name() -> Cow<'static, str> {
        "Threshold".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A threshold: its condition alone, or with what is to happen.",
            "anyOf": [
                generator.subschema_for::<Condition>(),
                generator.subschema_for::<Written>(),
            ]
        })
    }
}

impl JsonSchema for Thresholds {
    fn schema_name() -> Cow<'static, str> {
        "Thresholds".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The thresholds of one metric: one condition, or a list.",
            "anyOf": [
                generator.subschema_for::<Condition>(),
                { "type": "array", "items": generator.subschema_for::<ThresholdOptions>() },
            ]
        })
    }
}
