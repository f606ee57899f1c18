//! Where servers come from, and how they live.

use std::ffi::OsStr;
use std::fs::File;
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;

/// The files of the servers that are started here.
pub const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance/servers");

/// The servers that scenarios are run against.
pub const REAL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios-wasm/real");

/// Installs what is not there, and says where it is.
pub fn tool(arguments: &[&str]) -> PathBuf {
    let output = Command::new("./tools.sh")
        .args(arguments)
        .current_dir(REAL)
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success(), "tools.sh {arguments:?} failed");
    let path = String::from_utf8(output.stdout).unwrap();
    PathBuf::from(path.trim())
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// A process that serves, with those that it starts, until this is dropped. It has
/// a folder of its own.
pub struct Server {
    child: Child,
    folder: TempDir,
}

impl Server {
    /// Starts a program and waits until it takes connections.
    pub fn start(folder: TempDir, command: &mut Command, port: u16) -> Self {
        let log = folder.path().join("log");
        let output = File::create(&log).unwrap();
        let child = command
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            // Some servers are several processes.
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut server = Self { child, folder };
        let begin = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let gone = server.child.try_wait().unwrap();
            if gone.is_some() || begin.elapsed() > Duration::from_secs(60) {
                let log = std::fs::read_to_string(&log).unwrap_or_default();
                panic!("nobody listens on port {port}; {command:?} says:\n{log}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What it has said so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder().join("log")).unwrap()
    }

    /// Sends a signal to all of its processes.
    pub fn signal(&self, signal: Signal) {
        kill_process_group(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Asks it to end, waits until it has, and hands over what it has said.
    pub fn end(mut self) -> String {
        self.signal(Signal::TERM);
        self.child.wait().unwrap();
        self.log()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        let _ = self.child.wait();
    }
}

/// A folder for a server.
pub fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// A program of a Python environment, with the packages of that list.
pub fn python(list: impl AsRef<Path>, program: impl AsRef<OsStr>) -> Command {
    let environment = tool(&["python", list.as_ref().to_str().unwrap()]);
    let mut command = Command::new(environment.join("bin").join(program.as_ref()));
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}
