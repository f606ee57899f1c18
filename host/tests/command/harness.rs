//! A folder, the command in it, and what came of it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::guests;

/// An empty folder in which the command is run.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Puts a file there.
    pub fn with(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    /// Puts the scenario of the tests there, as `guest.wasm`.
    pub fn with_guest(self) -> Self {
        self.with("guest.wasm", guests::rust())
    }

    /// The command, with nothing of the environment that it would read.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vuelo"));
        command.current_dir(self.path()).args(arguments).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        // Kept from one run of the tests to the next.
        command.env(
            "VUELO_CACHE_DIR",
            concat!(env!("CARGO_TARGET_TMPDIR"), "/cache"),
        );
        command
    }

    /// Runs the command to its end.
    pub fn vuelo(&self, arguments: &[&str]) -> Ran {
        Ran::new(self.command(arguments).output().unwrap())
    }

    /// Starts the command.
    pub fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// The results files, in the order of their names.
    pub fn results(&self) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(self.path().join("results")) else {
            return Vec::new();
        };
        let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        files.retain(|file| {
            file.extension()
                .is_some_and(|extension| extension == "json")
        });
        files.sort();
        files
    }

    /// The one results file.
    pub fn result(&self) -> Value {
        let files = self.results();
        assert_eq!(files.len(), 1, "{files:?}");
        serde_json::from_str(&std::fs::read_to_string(&files[0]).unwrap()).unwrap()
    }

    /// What every results file says.
    pub fn all_text(&self) -> String {
        let read = |file: &PathBuf| std::fs::read_to_string(file).unwrap();
        self.results().iter().map(read).collect()
    }
}

/// What came of a command.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    pub fn new(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    #[track_caller]
    pub fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, code, "\n{}\n{}", self.stdout, self.stderr);
        self
    }

    /// Standard output or error has this text.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        let said = format!("{}{}", self.stdout, self.stderr);
        assert!(said.contains(text), "`{text}` is not in:\n{said}");
        self
    }

    #[track_caller]
    pub fn does_not_say(self, text: &str) -> Self {
        let said = format!("{}{}", self.stdout, self.stderr);
        assert!(!said.contains(text), "`{text}` is in:\n{said}");
        self
    }
}

/// A `vuelo target` of its own process.
pub struct TargetProcess {
    child: Child,
    pub url: String,
}

impl TargetProcess {
    pub fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vuelo"));
        command.args(["target", "--listen", "127.0.0.1:0"]);
        command.args(arguments);
        Self::of(command)
    }

    /// The process of a command that becomes such a target.
    pub fn of(mut command: Command) -> Self {
        use std::io::BufRead;
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        std::io::BufReader::new(stdout)
            .read_line(&mut line)
            .unwrap();
        let url = line
            .trim()
            .strip_prefix("listening on ")
            .unwrap()
            .to_owned();
        Self { child, url }
    }

    /// The id of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What the target counted, by method and path.
    pub fn counts(&self) -> Vec<(String, u64)> {
        let answer = get(&self.url, "/_target/requests");
        let value: Value = serde_json::from_str(&answer).unwrap();
        let rows = value["requests"].as_array().unwrap().iter();
        rows.map(|row| {
            let key = format!(
                "{} {}",
                row["method"].as_str().unwrap(),
                row["path"].as_str().unwrap()
            );
            (key, row["count"].as_u64().unwrap())
        })
        .collect()
    }
}

impl Drop for TargetProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The body of an answer, with nothing but a socket.
pub fn get(url: &str, path: &str) -> String {
    use std::io::{Read, Write};
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\nhost: {address}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

/// Sends a signal to a process.
pub fn signal(child: &Child, signal: &str) {
    let sent = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}
