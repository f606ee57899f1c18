//! What this machine has no room for, said before the load; and where that is Linux's
//! business, on an older kernel.
#![cfg(target_os = "linux")]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::handmade::{Lies, guest};
use crate::harness::{Folder, Ran, TargetProcess};

/// More VUs than any address has ports.
const MORE_THAN_PORTS: &str = "70000";

const OLDER_KERNEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/command/older_kernel.py");

/// A command as it is on a kernel without lightweight guards.
fn on_an_older_kernel(command: &Command) -> Command {
    by(
        &format!("exec python3 '{OLDER_KERNEL}' \"$0\" \"$@\""),
        command,
    )
}

/// A command in a shell that has set a limit before.
fn limited_by(limit: &str, command: &Command) -> Command {
    by(&format!("{limit} && exec \"$0\" \"$@\""), command)
}

/// A command that is handed to a script of the shell.
fn by(script: &str, command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).arg(command.get_program());
    shell.args(command.get_args()).env_clear();
    let values = command.get_envs();
    shell.envs(values.filter_map(|(name, value)| Some((name, value?))));
    shell.current_dir(command.get_current_dir().unwrap());
    shell
}

fn ran(mut command: Command) -> Ran {
    Ran::new(command.output().unwrap())
}

/// How many mappings this machine allows a process.
fn most_mappings() -> u64 {
    let text = std::fs::read_to_string("/proc/sys/vm/max_map_count").unwrap();
    text.trim().parse().unwrap()
}

#[test]
fn an_author_is_told_that_much_data_costs_the_slots() {
    const WORD: &str = "fewer VUs fit into a process: it starts with more than 256 KiB of data";
    for lies in Lies::BOTH {
        let folder = Folder::new().with(
            "guest.wasm",
            guest(lies, "(func $act (result i32) i32.const 0)"),
        );
        let inspected = folder.vuelo(&["inspect", "guest.wasm"]).ends_with(0);
        match lies {
            Lies::InSlots => inspected.does_not_say(WORD),
            Lies::InMappings => inspected.says(WORD),
        };
        let place = match lies {
            Lies::InSlots => r#""in": "slots""#,
            Lies::InMappings => r#""in": "own mappings""#,
        };
        let inspected = folder.vuelo(&["inspect", "guest.wasm", "--json"]);
        inspected.ends_with(0).says(place);
    }
}

#[test]
fn users_run_on_an_older_kernel() {
    let folder = Folder::new().with_guest();
    let command = folder.command(&["run", "guest.wasm", "-u", "5", "-i", "20"]);
    ran(on_an_older_kernel(&command)).ends_with(0);
    let count = &folder.result()["metrics"]["iterations"]["values"]["count"];
    assert_eq!(count, 20);
}

#[test]
fn a_stack_takes_two_mappings_on_an_older_kernel_as_is_reckoned_with() {
    const VUS: usize = 300;
    let folder = Folder::new().with_guest();
    let (vus, key) = (VUS.to_string(), "DO=sleep long");
    let command = folder.command(&["run", "guest.wasm", "-u", &vus, "-d", "60s", "-e", key]);
    let mut child = on_an_older_kernel(&command)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mappings = || {
        let maps = std::fs::read_to_string(format!("/proc/{}/maps", child.id()));
        maps.unwrap().lines().count()
    };
    let begin = Instant::now();
    while mappings() < 2 * VUS && begin.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(Duration::from_millis(500));
    let found = mappings();
    child.kill().unwrap();
    child.wait().unwrap();
    // The process has some beside them.
    assert!((2 * VUS..3 * VUS).contains(&found), "{found}");
}

#[test]
fn users_that_an_older_kernel_has_no_mappings_for_are_refused_before_anything_is_sent() {
    let target = TargetProcess::start(&[]);
    let folder = Folder::new().with_guest();
    // Two for each stack.
    let vus = most_mappings().to_string();
    let url = format!("BASE_URL={}", target.url);
    let run = [
        "run",
        "guest.wasm",
        "-u",
        &vus,
        "-d",
        "1s",
        "-e",
        "DO=get",
        "-e",
        &url,
    ];
    for more in [&[][..], &["--dry-run"]] {
        let command = folder.command(&[&run, more].concat());
        ran(on_an_older_kernel(&command))
            .ends_with(104)
            .says(&format!("{vus} VUs do not fit into this process"))
            .says("`sysctl -w vm.max_map_count=")
            .says("from Linux 6.13 on");
    }
    assert_eq!(target.counts(), []);
    assert!(folder.results().is_empty());
}

#[test]
fn users_whom_an_arrival_rate_may_never_make_are_a_note_of_the_plan() {
    let most = most_mappings();
    let plan = format!(
        r#"
        [options.scenarios.rate]
        executor = "constant-arrival-rate"
        rate = 1
        duration = "1s"
        preAllocatedVUs = 1
        maxVUs = {most}
        "#
    );
    let folder = Folder::new().with_guest().with("vuelo.toml", plan);
    let command = folder.command(&["run", "guest.wasm", "--dry-run"]);
    ran(on_an_older_kernel(&command))
        .ends_with(0)
        .says(&format!("note: {most} VUs may not fit into this process"))
        .says("`sysctl -w vm.max_map_count=");
}

#[test]
fn users_that_a_limit_on_address_space_leaves_no_room_for_are_refused() {
    let folder = Folder::new().with_guest();
    let run = |vus: &str| {
        let command = folder.command(&["run", "guest.wasm", "-u", vus, "-d", "1s", "--dry-run"]);
        // In KiB: 20 GiB.
        ran(limited_by("ulimit -v 20971520", &command))
    };
    run("1000").ends_with(0).does_not_say("address space");
    run("30000")
        .ends_with(104)
        .says("30000 VUs do not fit into this process")
        .says("GiB of address space, and its limit is 20")
        .says("`ulimit -v`");
}

#[test]
fn users_without_a_file_or_port_for_their_connection_are_a_note_of_the_plan() {
    let folder = Folder::new().with_guest();
    let mut command = folder.command(&[
        "run",
        "guest.wasm",
        "-u",
        MORE_THAN_PORTS,
        "-d",
        "1s",
        "--allow-host",
        "example.com",
        "--dry-run",
    ]);
    ran(limited_by("ulimit -n 1000", &command))
        .ends_with(0)
        .says("this process may have 1000 files open")
        .says("`ulimit -n 71000`")
        .says("lead to one address and port of a server");
    command.env("VUELO_CONNECTIONS", "shared");
    ran(limited_by("ulimit -n 1000", &command))
        .ends_with(0)
        .does_not_say("files open")
        .does_not_say("address and port");
}

#[test]
fn a_run_has_as_many_files_open_as_it_may() {
    let target = TargetProcess::start(&[]);
    let folder = Folder::new().with_guest();
    let url = format!("BASE_URL={}/health", target.url);
    let command = folder.command(&[
        "run",
        "guest.wasm",
        "-u",
        "100",
        "-d",
        "1s",
        "-e",
        "DO=get",
        "-e",
        &url,
    ]);
    ran(limited_by("ulimit -S -n 64", &command)).ends_with(0);
    let failed = &folder.result()["metrics"]["http_req_failed"]["values"];
    assert_eq!(failed["passes"], 0, "{failed}");
}

#[test]
fn a_target_has_as_many_files_open_as_it_may() {
    let folder = Folder::new();
    let command = folder.command(&["target", "--listen", "127.0.0.1:0"]);
    let target = TargetProcess::of(limited_by("ulimit -S -n 64", &command));
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", target.id())).unwrap();
    let files = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let mut files = files.unwrap().split_whitespace().skip(3);
    assert_eq!(files.next(), files.next(), "{limits}");
}

#[test]
fn a_limit_on_files_leaves_room_for_what_memories_start_with_or_is_named() {
    // In blocks, which some shells have of 512 bytes and others of 1024.
    for (limit, code, said) in [("8192", 0, ""), ("100", 94, "ulimit -f")] {
        let folder = Folder::new().with_guest();
        let mut command = folder.command(&["run", "guest.wasm", "-u", "30", "-i", "30"]);
        // What is compiled is larger than that.
        command.env("VUELO_CACHE_DIR", "");
        ran(limited_by(&format!("ulimit -f {limit}"), &command))
            .ends_with(code)
            .says(said);
    }
}
