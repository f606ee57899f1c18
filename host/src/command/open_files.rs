//! How many files a process may have open.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Raises the limit as far as everybody may: connections are files, and shells allow a
/// process 1,024 of them, for the sake of programs that know no more.
pub(super) fn allow_open_files() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Where the system has another limit beside this one, that of before stays.
    let _ = setrlimit(Resource::Nofile, limit);
}
