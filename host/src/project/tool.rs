//! A program of somebody else's, found and run.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::error::ProjectError;
use super::language::Language;

/// A program that was found.
#[derive(Debug, Clone)]
pub(super) struct Tool {
    name: String,
    program: PathBuf,
}

impl Tool {
    /// Looks for a program in these places, and then on the search path.
    ///
    /// # Errors
    ///
    /// Where it is not there: with the command that installs it.
    pub(super) fn find(
        language: Language,
        name: &str,
        places: &[PathBuf],
        install: impl Into<String>,
    ) -> Result<Self, ProjectError> {
        let own = places.iter().find(|place| place.is_file()).cloned();
        match own.or_else(|| on_search_path(name)) {
            Some(program) => Ok(Self {
                name: name.to_owned(),
                program,
            }),
            None => Err(ProjectError::ToolMissing {
                language,
                tool: format!("`{name}`"),
                install: install.into(),
            }),
        }
    }

    /// A command of it, in a folder.
    pub(super) fn command(&self, folder: &Path) -> ToolCommand {
        let mut command = Command::new(&self.program);
        command.current_dir(folder).stdin(Stdio::null());
        ToolCommand {
            name: self.name.clone(),
            command,
        }
    }
}

fn on_search_path(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

/// One call of a tool.
#[derive(Debug)]
pub(super) struct ToolCommand {
    name: String,
    command: Command,
}

impl ToolCommand {
    pub(super) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    pub(super) fn args<I: IntoIterator<Item: AsRef<OsStr>>>(mut self, arguments: I) -> Self {
        self.command.args(arguments);
        self
    }

    pub(super) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(super) fn without_env(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Runs it to its end. What it wrote to standard output.
    ///
    /// # Errors
    ///
    /// When it fails: with all that it said.
    pub(super) fn run(mut self) -> Result<String, ProjectError> {
        let output = self.command.output().map_err(|error| ProjectError::File {
            doing: "run",
            path: self.command.get_program().into(),
            error,
        })?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        let stdout = text(&output.stdout);
        if output.status.success() {
            return Ok(stdout);
        }
        let stderr = text(&output.stderr);
        let said = [stdout, stderr];
        let said = said.iter().filter(|said| !said.is_empty());
        Err(ProjectError::ToolFailed {
            tool: self.name,
            status: output.status.code(),
            said: said.cloned().collect::<Vec<_>>().join("\n"),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_that_is_missing_is_named_with_the_command_that_installs_it() {
        let found = Tool::find(Language::Python, "no-such-tool", &[], "pip install it");
        let error = found.unwrap_err().to_string();
        assert!(error.contains("Python needs `no-such-tool`"), "{error}");
        assert!(error.ends_with("\n  pip install it"), "{error}");
    }

    #[test]
    fn a_tool_that_fails_is_quoted() {
        let shell = Tool::find(Language::C, "sh", &[], "").unwrap();
        let run = shell
            .command(Path::new("/"))
            .args(["-c", "echo out; echo err >&2; exit 3"]);
        let error = run.run().unwrap_err().to_string();
        assert_eq!(error, "sh failed with status 3:\nout\nerr");
    }

    #[test]
    fn a_project_s_own_tool_goes_before_that_of_the_machine() {
        let own = std::env::current_exe().unwrap();
        let tool = Tool::find(Language::C, "sh", &[own.clone()], "").unwrap();
        assert_eq!(tool.program, own);
    }
}
