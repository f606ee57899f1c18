//! The components that a plan file's own scenarios run.

use std::path::Path;

use super::PlanFile;
use crate::plan::error::{PlanError, PlanErrors};
use crate::plan::file::ENVIRONMENT_KEY;
use crate::plan::flags::Flags;
use crate::plan::options::Options;
use crate::plan::process::ProcessEnvironment;

/// A component that a plan file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileComponent {
    /// What it would be called on the command line: an artifact's name, or the
    /// path of a `.wasm` file, from where the command runs.
    pub source: String,
}

impl PlanFile {
    /// The components of the scenarios that a run of this file has, each once,
    /// in the order of the scenarios. What they are to be resolved with is
    /// [`resolve_together`](crate::plan::resolve_together).
    ///
    /// # Errors
    ///
    /// When the file has mistakes, or no scenario with a component.
    pub fn components(
        &self,
        process: &ProcessEnvironment,
        flags: &Flags,
    ) -> Result<Vec<FileComponent>, PlanErrors> {
        let mut components = Vec::new();
        let scenarios = self.running_options(process, flags).scenarios.as_ref();
        for (_, scenario) in scenarios.iter().flat_map(|named| named.iter()) {
            if let Some(written) = &scenario.component {
                let component = self.component(written);
                if !components.contains(&component) {
                    components.push(component);
                }
            }
        }
        if !components.is_empty() {
            return Ok(components);
        }
        if self.mistakes.is_empty() {
            return Err(PlanError::NoComponents(self.name()).into());
        }
        Err(PlanErrors::of(self.mistakes.clone()))
    }

    /// The options that say when iterations start: the named environment's,
    /// where they do.
    fn running_options(&self, process: &ProcessEnvironment, flags: &Flags) -> &Options {
        let by_key = flags.assignments().into_iter();
        let named = flags
            .environments()
            .chain(
                by_key
                    .filter(|assignment| assignment.key == ENVIRONMENT_KEY)
                    .map(|assignment| assignment.value),
            )
            .last();
        // A variable that cannot be read is said when the plan is resolved.
        let named = named.or_else(|| process.get(ENVIRONMENT_KEY).ok().flatten());
        named
            .and_then(|name| self.profile_of(name))
            .unwrap_or(&self.document.options)
    }

    /// The options of an environment that say when iterations start.
    fn profile_of(&self, environment: &str) -> Option<&Options> {
        let environment = self.document.environments.get(environment)?;
        let options = &environment.options;
        options.has_profile().then_some(options)
    }

    /// Whether an environment says itself when iterations start, and of which
    /// components.
    pub(in crate::plan) fn has_profile_of(&self, environment: &str) -> bool {
        self.profile_of(environment).is_some()
    }

    /// A component as a scenario of this file names it: a path is one from the
    /// file's folder.
    pub(in crate::plan) fn component(&self, written: &str) -> FileComponent {
        let folder = self.path.as_deref().and_then(Path::parent);
        let source = match folder {
            Some(folder) if is_path(written) && folder != Path::new("") => {
                folder.join(written).to_string_lossy().into_owned()
            }
            _ => written.to_owned(),
        };
        FileComponent { source }
    }
}

/// The command line's rule of what is a path and no name.
fn is_path(name: &str) -> bool {
    name.contains(['/', '\\']) || name.ends_with(".wasm")
}

impl FileComponent {
    /// Whether this is the component of a run by that name, of an artifact or
    /// of a file without `.wasm`.
    pub(in crate::plan) fn is_named(&self, name: &str) -> bool {
        if !is_path(&self.source) {
            return self.source == name;
        }
        Path::new(&self.source)
            .file_stem()
            .is_some_and(|stem| stem == name)
    }
}
