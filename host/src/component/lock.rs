//! `vuelo.lock`: artifacts by name, each pinned by its digest.
//!
//! ```toml
//! version = 1
//!
//! [artifacts.a2a]
//! file = "a2a.wasm"
//! digest = "sha256:…"
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml_edit::{DocumentMut, Item, Table, value};

use super::digest::Digest;
use super::error::ComponentError;

/// The folder below a project's root in which its own lock file stands.
const PROJECT_FOLDER: &str = "scenarios-wasm";

/// A lock file that was read.
#[derive(Debug, Clone)]
pub struct Lock {
    path: PathBuf,
    artifacts: BTreeMap<String, LockedArtifact>,
}

/// An artifact that a lock file names.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedArtifact {
    /// The component's file, from the lock file's folder.
    pub file: PathBuf,
    /// What its bytes must hash to.
    pub digest: Digest,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    #[serde(default)]
    artifacts: BTreeMap<String, LockedArtifact>,
}

impl Lock {
    /// The name of a lock file.
    pub const FILE_NAME: &str = "vuelo.lock";

    /// The text of a lock file with a component pinned in it beside what is there,
    /// comments included; a new one where there is none. The component is to be in
    /// the lock file's folder or below it.
    ///
    /// # Errors
    ///
    /// When there is a lock file that cannot be read or does not parse.
    pub fn pinning(
        path: &Path,
        name: &str,
        component: &Path,
        digest: Digest,
    ) -> Result<String, ComponentError> {
        let text = match path.exists() {
            // What does not parse is not to be lost.
            true => Self::read(path).and_then(|_| read(path))?,
            false => "# Artifacts by name, each pinned by its digest.\nversion = 1\n".to_owned(),
        };
        let bad = |error: toml_edit::TomlError| ComponentError::BadLock {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        let mut document: DocumentMut = text.parse().map_err(bad)?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let file = component.strip_prefix(folder).unwrap_or(component);
        let mut artifact = Table::new();
        artifact["file"] = value(file.to_string_lossy().into_owned());
        artifact["digest"] = value(digest.to_string());
        let artifacts = document.entry("artifacts").or_insert_with(|| {
            let mut artifacts = Table::new();
            artifacts.set_implicit(true);
            Item::Table(artifacts)
        });
        artifacts[name] = Item::Table(artifact);
        Ok(document.to_string())
    }

    /// Reads a lock file.
    ///
    /// # Errors
    ///
    /// When it cannot be read or does not parse.
    pub fn read(path: &Path) -> Result<Self, ComponentError> {
        Self::parse(path, &read(path)?)
    }

    /// Reads the text of a lock file.
    ///
    /// # Errors
    ///
    /// When it does not parse, or is of a later version than 1.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ComponentError> {
        let bad = |reason: String| ComponentError::BadLock {
            path: path.to_owned(),
            reason,
        };
        let document: Document = toml::from_str(text).map_err(|error| bad(error.to_string()))?;
        if document.version != 1 {
            return Err(bad(format!(
                "it is of version {}, and this host reads version 1",
                document.version
            )));
        }
        Ok(Self {
            path: path.to_owned(),
            artifacts: document.artifacts,
        })
    }

    /// Finds the nearest lock file: in a folder or one above it, or in the
    /// `scenarios-wasm` of either.
    #[must_use]
    pub fn nearest(folder: &Path) -> Option<PathBuf> {
        folder.ancestors().find_map(|folder| {
            [
                folder.join(Self::FILE_NAME),
                folder.join(PROJECT_FOLDER).join(Self::FILE_NAME),
            ]
            .into_iter()
            .find(|path| path.is_file())
        })
    }

    /// Where it was read from.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The artifact of a name.
    #[must_use]
    pub fn artifact(&self, name: &str) -> Option<&LockedArtifact> {
        self.artifacts.get(name)
    }

    /// The names of its artifacts, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.artifacts.keys().map(String::as_str)
    }
}

fn read(path: &Path) -> Result<String, ComponentError> {
    std::fs::read_to_string(path).map_err(|error| ComponentError::Unreadable {
        path: path.to_owned(),
        error,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pinned_is_found_again_beside_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vuelo.lock");
        let own = "# by hand\nversion = 1\n[artifacts.\"my.shop\"]\nfile = \"a b.wasm\"\n";
        let digest = Digest::of(b"mine");
        std::fs::write(&path, format!("{own}digest = \"{digest}\"\n")).unwrap();
        for (name, bytes) in [("shop", "one"), ("till", "two"), ("shop", "three")] {
            let component = folder.path().join(format!("{name}.wasm"));
            let digest = Digest::of(bytes.as_bytes());
            let text = Lock::pinning(&path, name, &component, digest).unwrap();
            std::fs::write(&path, text).unwrap();
        }
        let lock = Lock::read(&path).unwrap();
        assert_eq!(
            lock.names().collect::<Vec<_>>(),
            ["my.shop", "shop", "till"]
        );
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("# by hand"), "{text}");
        let shop = lock.artifact("shop").unwrap();
        assert_eq!(shop.file, Path::new("shop.wasm"));
        assert_eq!(shop.digest, Digest::of(b"three"));
    }

    #[test]
    fn the_nearest_lock_file_upwards_counts_and_scenarios_wasm_beside_it() {
        let root = tempfile::tempdir().unwrap();
        let deep = root.path().join("a/b");
        std::fs::create_dir_all(&deep).unwrap();
        std::fs::create_dir(root.path().join("scenarios-wasm")).unwrap();
        let of_project = root.path().join("scenarios-wasm/vuelo.lock");
        std::fs::write(&of_project, "version = 1").unwrap();
        assert_eq!(Lock::nearest(&deep), Some(of_project));
        let nearer = root.path().join("a/vuelo.lock");
        std::fs::write(&nearer, "version = 1").unwrap();
        assert_eq!(Lock::nearest(&deep), Some(nearer));
    }

    #[test]
    fn a_lock_file_of_a_later_version_is_refused() {
        let error = Lock::parse(Path::new("vuelo.lock"), "version = 2").unwrap_err();
        assert!(error.to_string().contains("version 2"), "{error}");
    }

    #[test]
    fn a_lock_file_with_a_mistake_names_the_line() {
        let text = "version = 1\n[artifacts.a2a]\nfile = \"a2a.wasm\"\ndigest = \"md5:1\"\n";
        let error = Lock::parse(Path::new("vuelo.lock"), text).unwrap_err();
        assert!(error.to_string().contains("line 4"), "{error}");
    }
}
