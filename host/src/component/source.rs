//! What a name on the command line stands for.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

use super::digest::Digest;
use super::embedded;
use super::error::ComponentError;
use super::lock::Lock;

/// The names on a command line, resolved to places.
#[derive(Debug, Clone)]
pub enum Source {
    /// A file of the user's, not pinned.
    File(PathBuf),
    /// An artifact of a lock file.
    Locked {
        /// Its name there.
        name: String,
        /// The lock file.
        lock: Lock,
    },
    /// An artifact in this binary.
    Embedded {
        /// Its name.
        name: String,
        /// The lock in this binary.
        lock: Lock,
    },
}

/// A component's bytes, verified where they are pinned.
#[derive(Debug, Clone)]
pub struct Artifact {
    /// The artifact's name, or the file's without `.wasm`.
    pub name: String,
    /// The component.
    pub bytes: Cow<'static, [u8]>,
    /// What the bytes hash to.
    pub digest: Digest,
    /// Where they came from.
    pub origin: Origin,
}

impl Artifact {
    /// A file that nothing pins, and its bytes.
    #[must_use]
    pub fn of_file(path: &Path, bytes: Vec<u8>) -> Self {
        let name = path.file_stem().unwrap_or(path.as_os_str());
        Self {
            name: name.to_string_lossy().into_owned(),
            digest: Digest::of(&bytes),
            bytes: bytes.into(),
            origin: Origin::Unpinned(path.to_owned()),
        }
    }
}

/// Where a component came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A file that nothing pins.
    Unpinned(PathBuf),
    /// A lock file.
    Locked(PathBuf),
    /// This binary.
    Embedded,
}

impl Origin {
    /// Whether a digest was there to verify the bytes with.
    #[must_use]
    pub fn is_pinned(&self) -> bool {
        !matches!(self, Self::Unpinned(_))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unpinned(path) => write!(f, "{} (unpinned)", path.display()),
            Self::Locked(path) => write!(f, "pinned by {}", path.display()),
            Self::Embedded => f.write_str("built in"),
        }
    }
}

/// All artifacts there are, one after another.
const ALL: &str = "all";

impl Source {
    /// Resolves the names of a command line, in their order. `lock` is the lock
    /// file that was asked for; `folder` is where the search for one starts
    /// otherwise.
    ///
    /// # Errors
    ///
    /// When a lock file cannot be read, or names nothing of that name.
    pub fn resolve(
        names: &[String],
        lock: Option<&Path>,
        folder: &Path,
    ) -> Result<Vec<Self>, ComponentError> {
        let found = lock.map(Path::to_owned).or_else(|| Lock::nearest(folder));
        let in_binary = || Lock::parse(Path::new("the artifacts in this binary"), embedded::LOCK);
        // Read only when a name needs it: a path has nothing to do with a lock
        // file that happens to be broken.
        let mut opened: Option<(Lock, bool)> = None;
        let mut sources = Vec::new();
        for name in names {
            if is_path(name) {
                sources.push(Self::File(PathBuf::from(name)));
                continue;
            }
            let (lock, embedded) = match &mut opened {
                Some(opened) => opened,
                none => none.insert(match &found {
                    Some(path) => (Lock::read(path)?, false),
                    None => (in_binary()?, true),
                }),
            };
            let named = |name: &str| {
                let (name, lock) = (name.to_owned(), lock.clone());
                if *embedded {
                    Self::Embedded { name, lock }
                } else {
                    Self::Locked { name, lock }
                }
            };
            if name == ALL && lock.artifact(ALL).is_none() {
                sources.extend(lock.names().map(named));
            } else if lock.artifact(name).is_some() {
                sources.push(named(name));
            } else {
                return Err(unknown(name, lock));
            }
        }
        Ok(sources)
    }

    /// Reads the bytes, and verifies them where they are pinned.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or its digest is not the pinned one.
    pub fn load(&self) -> Result<Artifact, ComponentError> {
        match self {
            Self::File(path) => Ok(Artifact::of_file(path, read(path)?)),
            Self::Locked { name, lock } => {
                let locked = lock.artifact(name).ok_or_else(|| unknown(name, lock))?;
                let folder = lock.path().parent().unwrap_or(Path::new("."));
                let bytes = read(&folder.join(&locked.file))?;
                let origin = Origin::Locked(lock.path().to_owned());
                verified(name, bytes.into(), locked.digest, origin)
            }
            Self::Embedded { name, lock } => {
                let locked = lock.artifact(name).ok_or_else(|| unknown(name, lock))?;
                let file = locked.file.to_string_lossy();
                let bytes = embedded::bytes(&file).ok_or_else(|| unknown(name, lock))?;
                verified(name, bytes.into(), locked.digest, Origin::Embedded)
            }
        }
    }
}

fn is_path(name: &str) -> bool {
    name.contains(['/', '\\']) || name.ends_with(".wasm")
}

fn read(path: &Path) -> Result<Vec<u8>, ComponentError> {
    std::fs::read(path).map_err(|error| ComponentError::Unreadable {
        path: path.to_owned(),
        error,
    })
}

fn verified(
    name: &str,
    bytes: Cow<'static, [u8]>,
    pinned: Digest,
    origin: Origin,
) -> Result<Artifact, ComponentError> {
    let found = Digest::of(&bytes);
    if found != pinned {
        let place = match &origin {
            Origin::Locked(path) | Origin::Unpinned(path) => format!("`{}`", path.display()),
            Origin::Embedded => "this binary".to_owned(),
        };
        return Err(ComponentError::WrongDigest {
            name: name.to_owned(),
            place,
            pinned,
            found,
        });
    }
    Ok(Artifact {
        name: name.to_owned(),
        bytes,
        digest: found,
        origin,
    })
}

fn unknown(name: &str, lock: &Lock) -> ComponentError {
    let known: Vec<String> = lock.names().map(str::to_owned).collect();
    let near = known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .filter(|(distance, known)| *distance <= known.len() / 2)
        .min()
        .map(|(_, known)| known.clone());
    ComponentError::UnknownName {
        name: name.to_owned(),
        place: lock.path().display().to_string(),
        near,
        known,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn folder_with(lock: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("vuelo.lock"), lock).unwrap();
        std::fs::write(folder.path().join("shop.wasm"), b"not what was pinned").unwrap();
        folder
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn an_artifact_that_differs_from_its_pin_is_refused_with_both_digests() {
        let pinned = Digest::of(b"what was pinned");
        let lock =
            format!("version = 1\n[artifacts.shop]\nfile = \"shop.wasm\"\ndigest = \"{pinned}\"\n");
        let folder = folder_with(&lock);
        let sources = Source::resolve(&names(&["shop"]), None, folder.path()).unwrap();
        let text = sources[0].load().unwrap_err().to_string();
        assert!(text.contains(&pinned.to_string()), "{text}");
        assert!(
            text.contains(&Digest::of(b"not what was pinned").to_string()),
            "{text}"
        );
    }

    #[test]
    fn a_name_that_is_nearly_right_is_suggested() {
        let folder = tempfile::tempdir().unwrap();
        let error = Source::resolve(&names(&["dashbord"]), None, folder.path()).unwrap_err();
        assert!(
            error.to_string().contains("did you mean `dashboard`?"),
            "{error}"
        );
        assert!(error.is_usage());
    }

    #[test]
    fn all_is_every_artifact_of_the_lock_in_alphabetical_order() {
        let folder = tempfile::tempdir().unwrap();
        let sources = Source::resolve(&names(&["all"]), None, folder.path()).unwrap();
        let loaded: Vec<_> = sources
            .iter()
            .map(|source| source.load().unwrap().name)
            .collect();
        assert_eq!(loaded, ["a2a", "ccr", "dashboard"]);
    }

    #[test]
    fn a_path_is_unpinned_even_beside_a_lock_file() {
        let folder = folder_with("version = 1");
        let path = folder
            .path()
            .join("shop.wasm")
            .to_string_lossy()
            .into_owned();
        let sources = Source::resolve(&[path], None, folder.path()).unwrap();
        let artifact = sources[0].load().unwrap();
        assert_eq!(artifact.name, "shop");
        assert!(!artifact.origin.is_pinned());
    }
}
