//! Compiled components, kept from one run to the next.
//!
//! Compiling takes a Rust scenario a tenth of a second and a Python one ten: the
//! machine code is kept in the user's cache folder. The engine's own cache does
//! the keeping: its key is the digest of the component's bytes with the engine's
//! version and settings, a file is written beside its place and renamed, so that
//! two runs can start at once, and the least used files go when there are too
//! many.
//!
//! What lies there is machine code that will be run. So the folder must be the
//! user's own, and nobody else's to write in; a file that somebody hands over is
//! never taken for one.

use std::fmt;
use std::fs::{DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use wasmtime::{Cache, CacheConfig};

/// The variable that names the folder in place of the user's cache folder; an
/// empty value turns the cache off.
pub const CACHE_VARIABLE: &str = "VUELO_CACHE_DIR";

/// How much the cache may take: some fifteen Python scenarios.
const MOST_BYTES: u64 = 512 * 1024 * 1024;

/// For its owner alone.
const OWN: u32 = 0o700;
/// What others may do with a folder.
const OTHERS: u32 = 0o077;

/// Where compiled components are kept, or why they are not.
#[derive(Debug, Clone)]
pub enum CompileCache {
    /// They are kept.
    On(Cache),
    /// Nobody wants them kept.
    Off,
    /// They cannot be kept, for this reason.
    Unusable(String),
}

impl CompileCache {
    /// The cache that the environment asks for: `VUELO_CACHE_DIR`, or `vuelo` in
    /// the user's cache folder. It is made where it is not there.
    #[must_use]
    pub fn open() -> Self {
        match std::env::var_os(CACHE_VARIABLE) {
            Some(folder) if folder.is_empty() => Self::Off,
            Some(folder) => Self::at(&PathBuf::from(folder)),
            None => match dirs::cache_dir() {
                Some(folder) => Self::at(&folder.join("vuelo")),
                None => Self::Unusable("there is no home folder".to_owned()),
            },
        }
    }

    /// The cache in a folder.
    #[must_use]
    pub fn at(folder: &Path) -> Self {
        let cache = own_folder(folder).and_then(|folder| {
            let mut config = CacheConfig::new();
            config
                .with_directory(folder)
                .with_files_total_size_soft_limit(MOST_BYTES);
            Cache::new(config).map_err(|error| Unusable::Engine(format!("{error:#}")))
        });
        match cache {
            Ok(cache) => Self::On(cache),
            Err(reason) => Self::Unusable(format!("{}: {reason}", folder.display())),
        }
    }

    /// For the engine's settings.
    pub(super) fn of_engine(&self) -> Option<Cache> {
        match self {
            Self::On(cache) => Some(cache.clone()),
            Self::Off | Self::Unusable(_) => None,
        }
    }

    /// How many components came out of it so far.
    #[must_use]
    pub fn hits(&self) -> usize {
        self.of_engine().map_or(0, |cache| cache.cache_hits())
    }
}

/// Why a folder is not one to keep machine code in.
enum Unusable {
    System(io::Error),
    NoFolder,
    NotOwn,
    OpenToOthers(u32),
    Engine(String),
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System(error) => error.fmt(f),
            Self::NoFolder => f.write_str("it is no folder"),
            Self::NotOwn => f.write_str("it belongs to somebody else"),
            Self::OpenToOthers(mode) => write!(
                f,
                "others can get at it (mode {mode:04o}), and could put their code there: remove it, \
                 and it is made anew"
            ),
            Self::Engine(reason) => f.write_str(reason),
        }
    }
}

/// The folder, made where it is not there, with all links in its path resolved.
/// Only when nobody else can write there, and nobody could before.
fn own_folder(folder: &Path) -> Result<PathBuf, Unusable> {
    if !folder.try_exists().map_err(Unusable::System)? {
        make(folder).map_err(Unusable::System)?;
    }
    let folder = folder.canonicalize().map_err(Unusable::System)?;
    let found = folder.metadata().map_err(Unusable::System)?;
    if !found.is_dir() {
        return Err(Unusable::NoFolder);
    }
    if found.uid() != rustix::process::geteuid().as_raw() {
        return Err(Unusable::NotOwn);
    }
    match found.mode() & 0o7777 {
        mode if mode & OTHERS != 0 => Err(Unusable::OpenToOthers(mode)),
        _ => Ok(folder),
    }
}

fn make(folder: &Path) -> io::Result<()> {
    if let Some(parent) = folder.parent() {
        std::fs::create_dir_all(parent)?;
    }
    match DirBuilder::new().mode(OWN).create(folder) {
        // Another run made it in between: whether it is a good one is looked at
        // next.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        Err(_) => Ok(()),
        // The process may mask bits of the owner, too.
        Ok(()) => std::fs::set_permissions(folder, Permissions::from_mode(OWN)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn mode(folder: &Path) -> u32 {
        folder.metadata().unwrap().mode() & 0o7777
    }

    #[test]
    fn the_folder_is_made_for_its_owner_alone() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("deep/down/vuelo");
        assert!(matches!(CompileCache::at(&folder), CompileCache::On(_)));
        assert_eq!(mode(&folder), 0o700);
        assert!(
            matches!(CompileCache::at(&folder), CompileCache::On(_)),
            "and found again"
        );
    }

    #[test]
    fn a_folder_that_others_can_write_in_is_not_used() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("vuelo");
        std::fs::create_dir(&folder).unwrap();
        std::fs::set_permissions(&folder, Permissions::from_mode(0o775)).unwrap();
        let CompileCache::Unusable(reason) = CompileCache::at(&folder) else {
            panic!("it was used")
        };
        assert!(reason.contains("mode 0775"), "{reason}");
        assert_eq!(mode(&folder), 0o775, "and nothing was changed");
    }

    #[test]
    fn a_file_in_its_place_is_no_cache() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("vuelo");
        std::fs::write(&file, "").unwrap();
        let CompileCache::Unusable(reason) = CompileCache::at(&file) else {
            panic!("it was used")
        };
        assert!(reason.ends_with("it is no folder"), "{reason}");
    }
}
