//! Where a setting was written.

use std::fmt;
use std::path::PathBuf;

/// Where a setting was written, for errors and for `--dry-run`. The later ones
/// lie over the earlier ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// In the options of this component.
    Component(String),
    /// In a table of a plan file.
    File {
        /// The file.
        path: PathBuf,
        /// The table, as it is headed: `[environments.staging]`.
        table: String,
    },
    /// In a variable of the process environment.
    Process(String),
    /// In a file that a flag names.
    SecretFile(PathBuf),
    /// On the command line, by this flag.
    Flag(String),
    /// It is the name of the environment in use.
    EnvironmentName,
    /// It is the embedded target of `--demo`.
    Demo,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Component(name) => write!(f, "the options of `{name}`"),
            Self::File { path, table } => write!(f, "{} {table}", path.display()),
            Self::Process(variable) => write!(f, "the environment variable {variable}"),
            Self::SecretFile(path) => write!(f, "the file {}", path.display()),
            Self::Flag(flag) => f.write_str(flag),
            Self::EnvironmentName => f.write_str("the environment's name"),
            Self::Demo => f.write_str("--demo"),
        }
    }
}
