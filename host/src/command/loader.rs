//! From names to components that can be run.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Failure;
use crate::component::{
    self, Artifact, CACHE_VARIABLE, CompileCache, CompileProgress, Scenario, Source,
};
use crate::plan::Component;
use crate::report::{self, Waiting};
use crate::run;

/// How long a compilation takes that would be worth keeping.
const LONG: Duration = Duration::from_secs(2);

/// A component that can be run, and what it says of itself.
pub(super) struct Loaded {
    artifact: Artifact,
    scenario: Arc<Scenario>,
    options: String,
}

impl Loaded {
    /// What a plan is made of.
    pub(super) fn described(&self) -> Component<'_> {
        Component {
            name: &self.artifact.name,
            options: &self.options,
        }
    }

    /// What runs.
    pub(super) fn into_component(self) -> (Artifact, Arc<Scenario>) {
        (self.artifact, self.scenario)
    }
}

/// Finds, verifies and compiles components.
pub(super) struct Loader<'a> {
    folder: &'a Path,
    lock: Option<&'a Path>,
    cache: CompileCache,
    quiet: bool,
    terminal: bool,
}

impl<'a> Loader<'a> {
    /// Searches for a lock file from this folder on, where none is named.
    /// `terminal` says whether standard error is one.
    pub(super) fn new(
        folder: &'a Path,
        lock: Option<&'a Path>,
        quiet: bool,
        terminal: bool,
    ) -> Self {
        Self {
            folder,
            lock,
            cache: CompileCache::open(),
            quiet,
            terminal,
        }
    }

    /// Loads what has these names, and asks each for its options.
    pub(super) fn load(&self, names: &[String]) -> Result<Vec<Loaded>, Failure> {
        let sources = Source::resolve(names, self.lock, self.folder)?;
        sources
            .into_iter()
            .map(|source| self.load_artifact(source.load()?))
            .collect()
    }

    /// Compiles a component, and asks it for its options.
    pub(super) fn load_artifact(&self, artifact: Artifact) -> Result<Loaded, Failure> {
        let scenario = self.compile(&artifact)?;
        let options = run::options(&scenario)?.map_err(|error| Failure::NoOptions {
            name: artifact.name.clone(),
            reason: error.to_string(),
        })?;
        Ok(Loaded {
            artifact,
            scenario: Arc::new(scenario),
            options,
        })
    }

    /// Says what takes long, where somebody looks on.
    pub(super) fn waiting(&self, description: String) -> Waiting {
        Waiting::new(description, self.quiet, self.terminal)
    }

    /// Compiles a component, or takes it from the cache, and says so where that
    /// takes long.
    pub(super) fn compile(&self, artifact: &Artifact) -> Result<Scenario, Failure> {
        let (name, size) = (&artifact.name, artifact.bytes.len() as f64 / 1e6);
        let kept = match &self.cache {
            CompileCache::On(_) => "; it is kept for the next run",
            CompileCache::Off | CompileCache::Unusable(_) => "",
        };
        // Nobody sees how far it is where there is no terminal.
        let shown = self.terminal && !self.quiet;
        let progress = shown.then(|| {
            // What is not understood here is the compiler's to refuse.
            let contents = component::contents(artifact).unwrap_or_default();
            Arc::new(CompileProgress::new(contents.functions))
        });
        let started = Instant::now();
        let description = format!("compiling {name} ({size:.1} MB){kept}");
        let waiting = match progress.clone() {
            Some(progress) => {
                let share = move || progress.share();
                Waiting::with_share(description, share, self.quiet, self.terminal)
            }
            None => self.waiting(description),
        };
        let scenario = Scenario::compile(artifact, &self.cache, progress.as_ref())?;
        drop(waiting);
        let took = started.elapsed();
        if let CompileCache::Unusable(reason) = &self.cache
            && took > LONG
            && !self.quiet
        {
            report::print_error(&format!(
                "  note         compiling took {took:.1?}, and nothing is kept of it: {reason}; \
                 {CACHE_VARIABLE} names another folder\n"
            ));
        }
        Ok(scenario)
    }
}
