//! The cache without which each run would compile an interpreter anew.

use std::path::Path;
use std::time::Instant;

use super::harness::{Folder, Ran};
use super::projects::built;

/// What takes a second to be compiled.
fn javascript() -> Vec<u8> {
    std::fs::read(built("conformance/javascript")).unwrap()
}

/// A command with a cache folder of its own.
fn inspected(folder: &Folder, cache: &Path) -> (Ran, std::time::Duration) {
    let started = Instant::now();
    let output = folder
        .command(&["inspect", "./guest.wasm"])
        .env("VUELO_CACHE_DIR", cache)
        .output()
        .unwrap();
    (Ran::new(output).ends_with(0), started.elapsed())
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files = Vec::new();
    for entry in entries {
        if entry.path().is_dir() {
            files.extend(self::files(&entry.path()));
        } else {
            files.push(entry.path());
        }
    }
    files
}

/// The kept machine code: not the cache's own notes beside it.
fn kept(cache: &Path) -> Vec<std::path::PathBuf> {
    let mut files = files(cache);
    files.retain(|file| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        !name.starts_with('.') && !name.ends_with(".stats")
    });
    files
}

#[test]
fn a_component_is_compiled_once_and_taken_from_the_cache_afterwards() {
    let home = tempfile::tempdir().unwrap();
    let cache = home.path().join("cache");
    let folder = Folder::new().with("guest.wasm", javascript());
    let (_, first) = inspected(&folder, &cache);
    let before = kept(&cache);
    assert_eq!(before.len(), 1, "{before:?}");
    let written = before[0].metadata().unwrap().modified().unwrap();
    let (_, second) = inspected(&folder, &cache);
    let after = kept(&cache);
    assert_eq!(after, before);
    assert_eq!(
        after[0].metadata().unwrap().modified().unwrap(),
        written,
        "it was read, and not written again: {first:?}, then {second:?}"
    );
}

#[test]
fn a_damaged_file_in_the_cache_is_compiled_anew() {
    let home = tempfile::tempdir().unwrap();
    let cache = home.path().join("cache");
    let folder = Folder::new().with_guest();
    inspected(&folder, &cache);
    let file = &kept(&cache)[0];
    let whole = std::fs::read(file).unwrap();
    std::fs::write(file, &whole[..whole.len() / 2]).unwrap();
    inspected(&folder, &cache)
        .0
        .says("vuelo:load/scenario@0.1.0");
    assert_eq!(std::fs::read(file).unwrap(), whole);
}

#[test]
fn two_runs_that_start_at_once_share_a_cache() {
    let home = tempfile::tempdir().unwrap();
    let cache = home.path().join("cache");
    let folder = Folder::new().with("guest.wasm", javascript());
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| inspected(&folder, &cache));
        }
    });
    assert_eq!(kept(&cache).len(), 1);
}

#[test]
fn a_cache_that_others_could_write_to_is_left_alone() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let cache = home.path().join("cache");
    std::fs::create_dir(&cache).unwrap();
    std::fs::set_permissions(&cache, std::fs::Permissions::from_mode(0o777)).unwrap();
    let folder = Folder::new().with_guest();
    inspected(&folder, &cache).0.says("vuelo:load/scenario");
    assert!(files(&cache).is_empty());
}
