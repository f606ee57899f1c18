//! Options in layers, and where each thing in them was written.

use std::path::{Path, PathBuf};

use crate::plan::error::{Mistakes, PlanError};
use crate::plan::options::{Options, ReadError};
use crate::plan::origin::Origin;
use crate::plan::profile::{Wrong, Wrongs};
use crate::plan::tree::path_in_text;
use crate::plan::{PlanFile, Position};

/// Options from one place.
pub(super) struct Layer {
    pub(super) origin: Origin,
    /// The table of the plan file that it is.
    pub(super) table: Option<String>,
    /// How high it lies. What lies on one level stands side by side.
    pub(super) level: usize,
    pub(super) options: Options,
    /// What of it does not parse, and is left out of the options.
    pub(super) unread: Vec<ReadError>,
    /// The paths of what was left out.
    pub(super) left_out: Vec<String>,
}

impl Layer {
    /// The path in the text of what has this path in the options.
    pub(super) fn path_in_text(&self, path: &str) -> String {
        path_in_text(path, &self.left_out)
    }

    /// Whether what is said of this path follows from what does not parse.
    pub(super) fn explains(&self, path: &str) -> bool {
        self.unread.iter().any(|error| error.explains(path))
    }
}

/// All layers of a plan, the lowest first.
pub(super) struct Layers<'a> {
    pub(super) file: &'a PlanFile,
    pub(super) layers: Vec<Layer>,
}

impl Layers<'_> {
    pub(super) fn iter(&self) -> impl Iterator<Item = &Layer> {
        self.layers.iter()
    }

    /// All of them as one.
    pub(super) fn merged(&self) -> Options {
        let mut options = Options::default();
        for layer in &self.layers {
            options.overlay(layer.options.clone());
        }
        options
    }

    /// The highest layer that something is set in.
    pub(super) fn last(&self, set: impl Fn(&Options) -> bool) -> Option<&Layer> {
        self.layers.iter().rev().find(|layer| set(&layer.options))
    }

    /// The layer that says when iterations start.
    pub(super) fn profile(&self) -> Option<&Layer> {
        self.last(Options::has_profile)
            .or_else(|| self.last(|options| options.vus.is_some()))
            .or(self.layers.first())
    }

    /// The layer that an option comes from.
    fn of(&self, path: &str) -> Option<&Layer> {
        let layer = match path.split(['.', '[']).next().unwrap_or_default() {
            "vus" => self.last(|options| options.vus.is_some()),
            "tags" => self.last(|options| options.tags.is_some()),
            "setupTimeout" => self.last(|options| options.setup_timeout.is_some()),
            "teardownTimeout" => self.last(|options| options.teardown_timeout.is_some()),
            "userAgent" => self.last(|options| options.user_agent.is_some()),
            "httpVersion" => self.last(|options| options.http_version.is_some()),
            "batch" => self.last(|options| options.batch.is_some()),
            "connectTimeout" => self.last(|options| options.connect_timeout.is_some()),
            "maxBodySize" => self.last(|options| options.max_body_size.is_some()),
            "tlsVersion" => self.last(|options| options.tls_version.is_some()),
            "maxSeries" => self.last(|options| options.max_series.is_some()),
            "executionSegment" => self.last(|options| options.execution_segment.is_some()),
            "executionSegmentSequence" => {
                self.last(|options| options.execution_segment_sequence.is_some())
            }
            _ => None,
        };
        layer.or_else(|| self.profile())
    }

    /// Where in the plan file a path of a layer stands.
    pub(super) fn position(&self, layer: &Layer, path: &str) -> Option<Position> {
        self.file.position(layer.table.as_deref()?, path)
    }

    /// Adds what is wrong, in the words of where it was written: a flag has no
    /// path. What follows from something that does not parse is left out.
    pub(super) fn add_wrongs(&self, wrongs: Wrongs, mistakes: &mut Mistakes) {
        for wrong in wrongs.0 {
            if let Some(layer) = self.of(&wrong.path) {
                self.add_wrong(layer, wrong, mistakes);
            }
        }
    }

    /// Adds what is wrong in a layer, unless it follows from something there
    /// that does not parse.
    pub(super) fn say(
        &self,
        layer: &Layer,
        path: &str,
        reason: impl Into<String>,
        mistakes: &mut Mistakes,
    ) {
        let path = layer.path_in_text(path);
        if layer.explains(&path) {
            return;
        }
        let (origin, reason) = (layer.origin.clone(), reason.into());
        mistakes.add(match origin {
            Origin::Flag(_) | Origin::Process(_) => PlanError::Setting { origin, reason },
            _ => PlanError::Option {
                origin,
                at: self.position(layer, &path),
                path,
                reason,
            },
        });
    }

    /// A file that a layer names: from the plan file's folder where it stands in
    /// the plan file, and else from where the command runs.
    pub(super) fn file_of(&self, layer: &Layer, path: &Path) -> PathBuf {
        let folder = layer
            .table
            .as_ref()
            .and_then(|_| self.file.path()?.parent());
        match folder {
            Some(folder) => folder.join(path),
            None => path.to_owned(),
        }
    }

    /// Adds what is wrong in one layer.
    pub(super) fn add_wrongs_of(&self, layer: &Layer, wrongs: Wrongs, mistakes: &mut Mistakes) {
        for wrong in wrongs.0 {
            self.add_wrong(layer, wrong, mistakes);
        }
    }

    fn add_wrong(&self, layer: &Layer, wrong: Wrong, mistakes: &mut Mistakes) {
        self.say(layer, &wrong.path, wrong.reason, mistakes);
    }

    /// A number of VUs over a profile that stands in a lower layer. As in k6 it
    /// is where stages start; over `scenarios` k6 passes it over, and here it is
    /// refused.
    pub(super) fn check_vus(&self, notes: &mut Vec<String>, mistakes: &mut Mistakes) {
        let place =
            |set: fn(&Options) -> bool| self.layers.iter().rposition(|layer| set(&layer.options));
        let (Some(vus), Some(profile)) = (
            place(|options| options.vus.is_some()),
            place(Options::has_profile),
        ) else {
            return;
        };
        let count = self.layers[vus].options.vus.unwrap_or(1);
        let (origin, below) = (&self.layers[vus].origin, &self.layers[profile]);
        if vus == profile && below.options.scenarios.is_some() {
            let reason =
                "it has no effect beside `scenarios`, each of which says its own; take `vus` away";
            self.add_wrong(below, Wrong::new("vus", reason), mistakes);
        } else if vus > profile && below.options.scenarios.is_some() {
            mistakes.add(PlanError::Setting {
                origin: origin.clone(),
                reason: format!(
                    "the {count} VUs have no effect beside `scenarios` in {}, each of which says its own; add a \
                     duration or iterations to replace them",
                    below.origin
                ),
            });
        } else if vus > profile && below.options.stages.is_some() {
            notes.push(format!(
                "{origin}: the stages of {} start with {count} VUs and go on to their own targets; with a duration \
                 added, {count} VUs run throughout",
                below.origin
            ));
        }
    }

    /// Refuses a profile that no component is named in, where there are several.
    pub(super) fn check_together(&self, file: &str, mistakes: &mut Mistakes) {
        let Some(profile) = self.last(Options::has_profile) else {
            mistakes.add(PlanError::NoComponents(file.to_owned()));
            return;
        };
        if profile.options.scenarios.is_none() {
            mistakes.add(PlanError::Setting {
                origin: profile.origin.clone(),
                reason: format!(
                    "it would replace the scenarios of {file}, which run several components, and says of none what \
                     it runs; name the component to run it alone, or leave it out"
                ),
            });
        }
    }
}
