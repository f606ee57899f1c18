//! A program of somebody else's, found and run.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::error::ProjectError;
use super::language::Language;
use super::{Teller, Told};

/// A program that was found.
#[derive(Debug, Clone)]
pub(super) struct Tool {
    name: String,
    program: PathBuf,
}

impl Tool {
    /// Looks for a program in the project, and then on the search path.
    ///
    /// # Errors
    ///
    /// Where it is not there: with the command that installs it.
    pub(super) fn find(
        language: Language,
        name: &str,
        own: Option<PathBuf>,
        install: impl Into<String>,
    ) -> Result<Self, ProjectError> {
        let own = own.filter(|program| is_program(program));
        let found = own.or_else(|| on_search_path(name));
        Self::found(language, name, found, install)
    }

    /// Looks for a program in the project alone: another version makes another
    /// component.
    ///
    /// # Errors
    ///
    /// As for [`Tool::find`].
    pub(super) fn of_project(
        language: Language,
        own: PathBuf,
        install: impl Into<String>,
    ) -> Result<Self, ProjectError> {
        let name = own.file_name().unwrap_or_default().to_string_lossy();
        let found = Some(own.clone()).filter(|program| is_program(program));
        Self::found(language, &name, found, install)
    }

    fn found(
        language: Language,
        name: &str,
        found: Option<PathBuf>,
        install: impl Into<String>,
    ) -> Result<Self, ProjectError> {
        match found {
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
    let mut programs = std::env::split_paths(&folders)
        // It is run in another folder than this one.
        .filter_map(|folder| std::path::absolute(folder.join(name)).ok());
    programs.find(|program| is_program(program))
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let runs = |file: std::fs::Metadata| file.is_file() && file.permissions().mode() & 0o111 != 0;
    path.metadata().is_ok_and(runs)
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

    /// Runs it to its end, and tells of its warnings. What it wrote to standard
    /// output.
    ///
    /// # Errors
    ///
    /// When it fails: with all that it said.
    pub(super) fn run(mut self, tell: Teller<'_>) -> Result<String, ProjectError> {
        let program = PathBuf::from(self.command.get_program());
        let output = self.command.output();
        let output = output.map_err(ProjectError::file("run", &program))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        if output.status.success() {
            // Beside warnings there is much that says how far it is.
            if stderr.contains("warning") {
                tell(Told::Warning(&stderr));
            }
            return Ok(stdout);
        }
        let said = [stdout, stderr];
        let said = said.iter().filter(|said| !said.is_empty());
        Err(ProjectError::ToolFailed {
            tool: self.name,
            status: output.status,
            said: said.cloned().collect::<Vec<_>>().join("\n"),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Runs a line of the shell; what was told beside what came.
    fn shell(line: &str) -> (Result<String, ProjectError>, Vec<String>) {
        let mut told = Vec::new();
        let shell = Tool::find(Language::C, "sh", None, "").unwrap();
        let ran = shell
            .command(Path::new("/"))
            .args(["-c", line])
            .run(&mut |what| told.push(format!("{what:?}")));
        (ran, told)
    }

    #[test]
    fn a_tool_that_is_missing_is_named_with_the_command_that_installs_it() {
        let found = Tool::find(Language::Python, "no-such-tool", None, "pip install it");
        let error = found.unwrap_err().to_string();
        assert!(error.contains("Python needs `no-such-tool`"), "{error}");
        assert!(error.ends_with("\n  pip install it"), "{error}");
    }

    #[test]
    fn a_tool_that_fails_is_quoted_with_how_it_ended() {
        let (ran, _) = shell("echo out; echo err >&2; exit 3");
        let error = ran.unwrap_err().to_string();
        assert_eq!(error, "sh failed, exit status: 3:\nout\nerr");
        let (ran, _) = shell("kill -9 $$");
        let error = ran.unwrap_err().to_string();
        assert!(error.contains("signal: 9"), "{error}");
    }

    #[test]
    fn warnings_of_a_tool_that_ends_well_are_told_and_nothing_else_is() {
        let (ran, told) = shell("echo out; echo 'warning: odd' >&2");
        assert_eq!(ran.unwrap(), "out");
        assert_eq!(told, ["Warning(\"warning: odd\")"]);
        let (_, told) = shell("echo 'half way' >&2");
        assert_eq!(told, Vec::<String>::new());
    }

    #[test]
    fn a_project_s_own_tool_goes_before_that_of_the_machine_and_needs_to_be_a_program() {
        let own = std::env::current_exe().unwrap();
        let tool = Tool::find(Language::C, "sh", Some(own.clone()), "").unwrap();
        assert_eq!(tool.program, own);
        let tool = Tool::find(Language::C, "sh", Some("/etc/passwd".into()), "").unwrap();
        assert!(tool.program.ends_with("sh"));
        let none = Tool::of_project(Language::C, "/nowhere/sh".into(), "npm install");
        assert!(none.unwrap_err().to_string().contains("npm install"));
    }
}
