//! The JSON Schema of the options, for authors in any language.

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use serde_json::Value;

use super::Options;

/// The schema, made of the types in this room. It is committed as
/// `wit/options.schema.json`, beside the contract.
#[must_use]
pub fn json_schema() -> Schema {
    let mut schema = SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<Options>();
    schema.insert("title".to_owned(), "Options of a Vuelo scenario".into());
    RecursiveTransform(unwrap_description).transform(&mut schema);
    schema
}

/// Takes the line breaks of the source out of a description; those between
/// paragraphs stay.
fn unwrap_description(schema: &mut Schema) {
    if let Some(Value::String(description)) = schema.get_mut("description") {
        let paragraphs: Vec<_> = description
            .split("\n\n")
            .map(|paragraph| paragraph.replace('\n', " "))
            .collect();
        *description = paragraphs.join("\n\n");
    }
}
