//! Why there is no plan. All of it is bad configuration or usage: exit code 104.

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

use super::options::ReadError;
use super::origin::Origin;
use super::tree::Position;
use crate::metrics::MetricsError;

/// Why there is no plan: everything that was found wrong, each once. There is at
/// least one. Its text is a paragraph for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanErrors(Vec<PlanError>);

impl PlanErrors {
    /// Of a list that is not empty.
    pub(super) fn of(errors: Vec<PlanError>) -> Self {
        debug_assert!(!errors.is_empty());
        Self(errors)
    }

    /// What is wrong, one after another.
    pub fn iter(&self) -> impl Iterator<Item = &PlanError> {
        self.0.iter()
    }
}

impl From<PlanError> for PlanErrors {
    fn from(error: PlanError) -> Self {
        Self(vec![error])
    }
}

impl fmt::Display for PlanErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [only] = self.0.as_slice() {
            return only.fmt(f);
        }
        write!(f, "the plan has {} mistakes", self.0.len())?;
        for error in &self.0 {
            write!(f, "\n\n{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for PlanErrors {}

/// What was found wrong so far. Who finds something adds it and goes on with
/// what is right.
#[derive(Debug, Default)]
pub(super) struct Mistakes(Vec<PlanError>);

impl Mistakes {
    /// Adds one, unless it is there: what components share is looked at for
    /// each.
    pub(super) fn add(&mut self, error: PlanError) {
        if !self.0.contains(&error) {
            self.0.push(error);
        }
    }

    /// The value, where there is one.
    pub(super) fn right<T>(&mut self, result: Result<T, PlanError>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }

    /// What came out, unless something is wrong.
    pub(super) fn unless_any<T>(mut self, value: T) -> Result<T, PlanErrors> {
        if self.0.is_empty() {
            return Ok(value);
        }
        // In the plan file's order, after what does not stand in it.
        self.0.sort_by_key(PlanError::position);
        Err(PlanErrors(self.0))
    }
}

/// Why there is no plan. No text here holds the value of a secret, nor any
/// value given to a configuration key: what was meant for one key can be
/// another's secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PlanError {
    /// A component's options do not parse.
    #[error("the options of `{component}` do not parse: {error}")]
    Options {
        /// The component.
        component: String,
        /// What is wrong.
        error: ReadError,
    },
    /// An option parses and makes no sense.
    #[error("{origin}{}: `{path}`: {reason}", place(*.at))]
    Option {
        /// Where it was written.
        origin: Origin,
        /// Where in it.
        path: String,
        /// Where in the text, of a plan file.
        at: Option<Position>,
        /// What is wrong, and what to write instead.
        reason: String,
    },
    /// A variable or flag that stands for an option has no such value.
    #[error("{origin}: {reason}")]
    Setting {
        /// Where it was written.
        origin: Origin,
        /// What is wrong, and what to write instead.
        reason: String,
    },
    /// A plan file cannot be read.
    #[error("the plan file {path} cannot be read: {reason}", path = .path.display())]
    FileUnreadable {
        /// The file.
        path: PathBuf,
        /// The system's word.
        reason: String,
    },
    /// A plan file does not parse.
    #[error("the plan file {path}: {error}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: ReadError,
    },
    /// There is no such environment.
    #[error(
        "{origin} asks for the environment `{name}`, which {file} does not have; {}\n  an environment is a table `[environments.{name}]` of vuelo.toml with lines such as `BASE_URL = \"https://…\"`",
        suggestion(.near.as_deref(), .known, "--env", "it has")
    )]
    UnknownEnvironment {
        /// Who asks for it.
        origin: Origin,
        /// Its name.
        name: String,
        /// Which plan file was asked.
        file: String,
        /// The name that was probably meant.
        near: Option<String>,
        /// The names there are.
        known: Vec<String>,
    },
    /// Two flags name different environments.
    #[error("`{0}` and `{1}` are both asked for as the environment; name one, with --env")]
    TwoEnvironments(String, String),
    /// TLS is to be unverified where that is not allowed.
    #[error(
        "{origin}: `insecureSkipTLSVerify` is allowed in the environment `development` alone, and this is \
         `{environment}`; trust the certificate's authority instead (`tlsCaFiles`, --ca-file), or set it to false"
    )]
    InsecureTls {
        /// Where it was written.
        origin: Origin,
        /// The environment in use.
        environment: String,
    },
    /// A threshold names a metric that does not exist or a condition that the
    /// metric does not have.
    #[error("{origin}{}: `{path}`: {error}", place(*.at))]
    Metrics {
        /// Where it was written.
        origin: Origin,
        /// Where in it.
        path: String,
        /// Where in the text, of a plan file.
        at: Option<Position>,
        /// What is wrong.
        error: MetricsError,
    },
    /// A flag sets a key that no component of the run declares.
    #[error(
        "{flag} sets the configuration key `{key}`, which nothing in this run declares; {}",
        suggestion(.near.as_deref(), .known, "-e", "declared are")
    )]
    UndeclaredKey {
        /// The flag.
        flag: String,
        /// The key.
        key: String,
        /// The key that was probably meant.
        near: Option<String>,
        /// The keys that are declared.
        known: Vec<String>,
    },
    /// A flag would show a secret to everybody who lists processes.
    #[error(
        "`{key}` is a secret, and a command line can be read by others; set the environment variable {key}, or \
         use --secret {key}=@FILE"
    )]
    SecretOnCommandLine {
        /// The key.
        key: String,
    },
    /// `--secret` names a key that is no secret.
    #[error("--secret {key}: the key is not declared as a secret; set it with -e {key}=VALUE")]
    NotASecret {
        /// The key.
        key: String,
    },
    /// `--secret` names a variable that is not set.
    #[error(
        "--secret {key}: the environment variable {key} is not set, or empty; set it, or use --secret {key}=@FILE"
    )]
    SecretNotSet {
        /// The key.
        key: String,
    },
    /// A file with a secret cannot be used.
    #[error("--secret {key}: the file {path} {reason}", path = .path.display())]
    SecretFile {
        /// The key.
        key: String,
        /// The file.
        path: PathBuf,
        /// What is the matter with it.
        reason: String,
    },
    /// A secret cannot fill a header.
    #[error(
        "{origin} gives the secret `{key}` a line break or another control character, which no header takes; \
         write it in one line"
    )]
    SecretNotAHeader {
        /// Where it was written.
        origin: Origin,
        /// The key.
        key: String,
    },
    /// A required key has no value.
    #[error(
        "`{key}`{} has no value; set it with {flag}, the environment variable {key}, or in the plan file",
        .description.as_ref().map_or_else(String::new, |text| format!(" ({text})"))
    )]
    MissingKey {
        /// The key.
        key: String,
        /// What it is for.
        description: Option<String>,
        /// The flag that sets it.
        flag: String,
    },
    /// A key of kind `url` has another value.
    #[error(
        "{origin} sets `{key}` to what is no usable URL: {reason}; write it as https://host:port/path"
    )]
    BadUrl {
        /// Where it was written.
        origin: Origin,
        /// The key.
        key: String,
        /// What is wrong.
        reason: String,
    },
    /// A component would run twice.
    #[error("`{0}` is named twice, and would run twice, one run after the other; name it once")]
    NamedTwice(String),
    /// `all` stands beside another name.
    #[error("`all` is every artifact already, `{0}` among them; leave one of the two out")]
    BesideAll(String),
    /// Nothing says what is to be run.
    #[error(
        "no component is named, and no scenario of {0} names one; add a name, as in `vuelo run a2a`, or \
         `component = \"a2a\"` to each of the file's scenarios"
    )]
    NoComponents(String),
    /// Two components of one run have one name.
    #[error(
        "{0} and {1} are both called `{2}`, and one run cannot tell them apart; rename one of the files"
    )]
    OneName(String, String, String),
    /// Components of one run want different things of which there is one.
    #[error(
        "`{one}` and `{other}` say different things of `{member}`, which a run has once; say it in the plan \
         file's [options]"
    )]
    Disagreement {
        /// The option.
        member: &'static str,
        /// A component.
        one: String,
        /// Another one.
        other: String,
    },
    /// A variable is no text.
    #[error("the environment variable {0} is not UTF-8 text; set it again")]
    NotText(String),
}

impl PlanError {
    /// Where in the plan file it stands.
    fn position(&self) -> Option<Position> {
        match self {
            Self::Option { at, .. } | Self::Metrics { at, .. } => *at,
            Self::File { error, .. } => error.position(),
            _ => None,
        }
    }
}

fn place(at: Option<Position>) -> String {
    at.map_or_else(String::new, |at| format!(", {at}"))
}

/// "did you mean" where there is a near name, all names otherwise.
fn suggestion(near: Option<&str>, known: &[String], flag: &str, has: &str) -> String {
    match near {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => format!("leave {flag} out"),
        None => format!("{has} {}", known.join(", ")),
    }
}
