//! What a component is made of, read from its bytes alone: what it imports and
//! exports, and who made it.

use serde::Serialize;
use wasmparser::{BinaryReaderError, KnownCustom, Parser, Payload, ProducersSectionReader};

use super::contract::{CONTRACT_VERSION, is_offered};
use super::error::ComponentError;
use super::scenario::must_be_component;
use super::source::Artifact;

/// What a component is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// The interfaces and functions that it imports.
    pub imports: Vec<String>,
    /// The interfaces and functions that it exports.
    pub exports: Vec<String>,
    /// The languages that it says to be written in.
    pub languages: Vec<Producer>,
    /// The tools that it says to be made by.
    pub tools: Vec<Producer>,
    /// How many linear memories its modules have.
    pub memories: u32,
    /// How many functions it has to be compiled.
    pub functions: u64,
}

/// Who made a component, by its own word: a section `producers`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Producer {
    /// Its name.
    pub name: String,
    /// Its version; empty where none is told.
    pub version: String,
}

/// Reads what a component is made of. It is not validated.
///
/// # Errors
///
/// When it is no component, or not to be read to its end.
pub fn contents(artifact: &Artifact) -> Result<Contents, ComponentError> {
    must_be_component(&artifact.name, &artifact.bytes)?;
    let broken = |reason: String| ComponentError::NotAComponent {
        name: artifact.name.clone(),
        reason,
    };
    let mut contents = Contents::default();
    let mut whole = Contents::default();
    // How deep inside: names of the outermost component are the ones that count.
    let mut depth = 0_u32;
    for part in Parser::new(0).parse_all(&artifact.bytes) {
        match part.map_err(|error| broken(error.to_string()))? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::CodeSectionStart { count, .. } => contents.functions += u64::from(count),
            Payload::MemorySection(memories) => {
                contents.memories = contents.memories.saturating_add(memories.count())
            }
            Payload::ComponentImportSection(imports) if depth == 0 => {
                for import in imports {
                    let import = import.map_err(|error| broken(error.to_string()))?;
                    contents.imports.push(import.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(exports) if depth == 0 => {
                for export in exports {
                    let export = export.map_err(|error| broken(error.to_string()))?;
                    contents.exports.push(export.name.name.to_owned());
                }
            }
            Payload::CustomSection(section) => {
                // What the whole says goes before what its parts say.
                if let KnownCustom::Producers(fields) = section.as_known() {
                    // Who made it is a help: what is there in no good order is
                    // left out, and no reason to refuse it.
                    let of = if depth == 0 {
                        &mut whole
                    } else {
                        &mut contents
                    };
                    let _ = of.add_producers(fields);
                }
            }
            _ => {}
        }
    }
    if !whole.languages.is_empty() {
        contents.languages = whole.languages;
    }
    contents.tools.append(&mut whole.tools);
    for producers in [&mut contents.languages, &mut contents.tools] {
        producers.sort();
        producers.dedup();
    }
    Ok(contents)
}

impl Contents {
    /// Whether a run would take it, as far as names tell.
    ///
    /// # Errors
    ///
    /// When it exports no scenario, or imports what the host does not offer.
    pub fn must_be_scenario(&self, name: &str) -> Result<(), ComponentError> {
        if let Some(import) = self.imports.iter().find(|import| !is_offered(import)) {
            return Err(ComponentError::UnknownImport {
                name: name.to_owned(),
                import: import.clone(),
                contract: CONTRACT_VERSION,
            });
        }
        let is_scenario = |export: &String| export.starts_with("vuelo:load/scenario@");
        if !self.exports.iter().any(is_scenario) {
            return Err(ComponentError::NoScenario {
                name: name.to_owned(),
                exports: self.exports.clone(),
            });
        }
        Ok(())
    }

    fn add_producers(
        &mut self,
        fields: ProducersSectionReader<'_>,
    ) -> Result<(), BinaryReaderError> {
        for field in fields {
            let field = field?;
            let producers = match field.name {
                "language" => &mut self.languages,
                _ => &mut self.tools,
            };
            for value in field.values {
                let value = value?;
                producers.push(Producer {
                    name: value.name.to_owned(),
                    version: value.version.to_owned(),
                });
            }
        }
        Ok(())
    }
}
