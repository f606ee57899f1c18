//! What components say of themselves.

use super::Component;
use crate::plan::FileComponent;
use crate::plan::error::{Mistakes, PlanError};
use crate::plan::named::Named;
use crate::plan::options::{ConfigKey, Options, ReadError};
use crate::plan::tree::Read;

/// What a component says of itself, read.
pub(super) struct Own<'a> {
    pub(super) name: &'a str,
    pub(super) options: Options,
    pub(super) unread: Vec<ReadError>,
    pub(super) left_out: Vec<String>,
    /// What the plan file calls it, where the run is the file's.
    pub(super) named: Option<&'a FileComponent>,
}

pub(super) fn read<'a>(components: &[Component<'a>], mistakes: &mut Mistakes) -> Vec<Own<'a>> {
    let read = components.iter().map(|component| {
        let Read {
            value,
            mistakes: unread,
            left_out,
        } = Options::read(component.options);
        for error in &unread {
            mistakes.add(PlanError::Options {
                component: component.name.to_owned(),
                error: error.clone(),
            });
        }
        Own {
            name: component.name,
            options: value,
            unread,
            left_out,
            named: None,
        }
    });
    read.collect()
}

impl Own<'_> {
    pub(super) fn keys(&self) -> impl Iterator<Item = (&str, &ConfigKey)> {
        self.options.config.iter().flat_map(Named::iter)
    }
}
