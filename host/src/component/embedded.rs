//! The artifacts inside this binary, so that it runs the project's own scenarios
//! in an empty folder.

/// The lock file that pins them.
pub(super) const LOCK: &str = include_str!("../../../scenarios-wasm/vuelo.lock");

/// The bytes of an artifact, by its file name in the lock.
pub(super) fn bytes(file: &str) -> Option<&'static [u8]> {
    match file {
        "a2a.wasm" => Some(include_bytes!("../../../scenarios-wasm/a2a.wasm")),
        "dashboard.wasm" => Some(include_bytes!("../../../scenarios-wasm/dashboard.wasm")),
        "ccr.wasm" => Some(include_bytes!("../../../scenarios-wasm/ccr.wasm")),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::component::{Digest, Lock};

    #[test]
    fn every_artifact_of_the_embedded_lock_is_inside_and_has_its_digest() {
        let lock = Lock::parse(Path::new("vuelo.lock"), LOCK).unwrap();
        assert_eq!(
            lock.names().collect::<Vec<_>>(),
            ["a2a", "ccr", "dashboard"]
        );
        for name in lock.names() {
            let artifact = lock.artifact(name).unwrap();
            let bytes = bytes(artifact.file.to_str().unwrap()).unwrap();
            assert_eq!(Digest::of(bytes), artifact.digest, "{name}");
        }
    }
}
