//! What a component may import and must export.

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker};

use super::error::ComponentError;
use crate::imports::Context;

/// The version of `vuelo:load` that this host speaks.
pub const CONTRACT_VERSION: &str = "0.1.0";

const PACKAGE: &str = "vuelo:load/";

/// An interface that a scenario may export or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Optional {
    /// `setup`.
    Setup,
    /// `teardown`.
    Teardown,
    /// `summary`.
    Summary,
}

impl Optional {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Setup, Self::Teardown, Self::Summary];

    /// The interface's name in the package.
    #[must_use]
    pub fn interface(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Teardown => "teardown",
            Self::Summary => "summary",
        }
    }
}

/// Checks imports and exports, and finds the optional interfaces.
pub(super) fn check(
    name: &str,
    component: &Component,
    linker: &Linker<Context>,
) -> Result<Vec<Optional>, ComponentError> {
    let engine = component.engine();
    let component_type = component.component_type();
    let exports: Vec<String> = component_type
        .exports(engine)
        .map(|(export, _)| export.to_owned())
        .collect();
    let imports: Vec<String> = component_type
        .imports(engine)
        .map(|(import, _)| import.to_owned())
        .collect();
    for interface in exports.iter().chain(&imports) {
        if let Some(rest) = interface.strip_prefix(PACKAGE)
            && !rest
                .split_once('@')
                .is_some_and(|(_, version)| is_compatible(version))
        {
            return Err(ComponentError::OtherContract {
                name: name.to_owned(),
                interface: interface.clone(),
                contract: CONTRACT_VERSION,
            });
        }
    }
    if let Some(import) = unknown_import(component, linker) {
        return Err(ComponentError::UnknownImport {
            name: name.to_owned(),
            import,
            contract: CONTRACT_VERSION,
        });
    }
    let has = |interface: &str| {
        exports.iter().any(|export| {
            export
                .strip_prefix(PACKAGE)
                .and_then(|rest| rest.split('@').next())
                == Some(interface)
        })
    };
    if !has("scenario") {
        return Err(ComponentError::NoScenario {
            name: name.to_owned(),
            exports,
        });
    }
    Ok(Optional::ALL
        .into_iter()
        .filter(|optional| has(optional.interface()))
        .collect())
}

/// Whether a component built for this version of the contract can run here: the
/// same 0.x, by semver.
fn is_compatible(version: &str) -> bool {
    let series = |version: &str| {
        version
            .rsplit_once('.')
            .map(|(series, _)| series.to_owned())
    };
    series(version) == series(CONTRACT_VERSION)
}

/// Whether the host offers an interface of this name. Which of its functions it
/// offers, and in which form, is found out by linking alone.
#[must_use]
pub fn is_offered(interface: &str) -> bool {
    let (name, version) = interface.split_once('@').unwrap_or((interface, ""));
    match name.strip_prefix(PACKAGE) {
        Some(name) => OFFERED.contains(&name) && is_compatible(version),
        // The preview's patch versions are compatible with each other.
        None => {
            OFFERED_OF_WASI
                .iter()
                .any(|package| name.starts_with(package))
                && version.starts_with("0.2.")
        }
    }
}

/// The interfaces of the contract that guests import.
const OFFERED: [&str; 8] = [
    "types",
    "http",
    "websocket",
    "metrics",
    "checks",
    "flow",
    "config",
    "log",
];

/// The packages of WASI that are linked.
const OFFERED_OF_WASI: [&str; 7] = [
    "wasi:cli/",
    "wasi:clocks/",
    "wasi:filesystem/",
    "wasi:http/",
    "wasi:io/",
    "wasi:random/",
    "wasi:sockets/",
];

/// The first import that the linker does not have: an interface, or a function
/// of an interface that it has in part.
fn unknown_import(component: &Component, linker: &Linker<Context>) -> Option<String> {
    let engine = component.engine();
    let missing = linker.substituted_component_type(component).err()?;
    let text = format!("{missing:#}");
    // The linker's words name the import between back-quotes. Should they
    // change, the whole text still says what is missing.
    let named = component
        .component_type()
        .imports(engine)
        .find(|(import, _)| text.contains(&format!("`{import}`")))
        .map(|(import, item)| match item.ty {
            ComponentItem::ComponentInstance(instance) => instance
                .exports(engine)
                .map(|(function, _)| function)
                .find(|function| text.contains(&format!("`{function}`")))
                .map_or_else(
                    || import.to_owned(),
                    |function| format!("{import}#{function}"),
                ),
            _ => import.to_owned(),
        });
    named.or(Some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_match_by_semver() {
        assert!(is_compatible("0.1.0"));
        assert!(is_compatible("0.1.7"));
        assert!(!is_compatible("0.2.0"));
        assert!(!is_compatible("1.1.0"));
    }
}
