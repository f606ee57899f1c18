#![allow(clippy::unwrap_used)]

use clap::CommandFactory;

use super::*;

fn run(args: &[&str]) -> Result<RunArgs, String> {
    let line = ["vuelo", "run"].iter().chain(args);
    match Cli::try_parse_from(line)
        .map_err(|error| error.to_string())?
        .command
    {
        Command::Run(args) => Ok(*args),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_definitions_are_sound() {
    Cli::command().debug_assert();
}

#[test]
fn k6_s_short_flags_mean_what_they_mean_there() {
    let args = run(&[
        "a2a",
        "ccr",
        "-u",
        "3",
        "-d",
        "1m30s",
        "-i",
        "9",
        "-s",
        "30s:20,1m:0",
        "-s",
        "5s:1",
    ])
    .unwrap();
    assert_eq!(args.names, ["a2a", "ccr"]);
    assert_eq!(args.vus, Some(3));
    assert_eq!(args.duration.unwrap().to_string(), "1m30s");
    assert_eq!(args.iterations, Some(9));
    let targets: Vec<_> = args.stages.iter().map(|stage| stage.target).collect();
    assert_eq!(targets, [20, 0, 1]);
    assert_eq!(args.results.to_str(), Some("results"));
}

#[test]
fn env_takes_names_and_values_under_both_spellings() {
    let args = run(&["a2a", "--env", "staging", "-e", "A=b=c", "--env", "D=e"]).unwrap();
    let env: Vec<_> = args.env.iter().map(|text| text.0.as_str()).collect();
    assert_eq!(env, ["staging", "A=b=c", "D=e"]);
}

#[test]
fn a_mistake_on_the_command_line_says_what_is_wrong() {
    for (args, text) in [
        (&[][..], "NAME"),
        (&["a2a", "-d", "soon"], "`soon` is no duration"),
        (&["a2a", "-d", "10"], "`10` has no unit: write `10s`"),
        (&["a2a", "-s", "10:5"], "`10` has no unit: write `10s`"),
        (&["a2a", "--rps=-1"], "invalid value '-1' for '--rps"),
        (
            &["a2a", "--execution-segment", "5/4"],
            "is no part of a run",
        ),
        (
            &["a2a", "--execution-segment-sequence", "0,1/2,1/4"],
            "does not go up from 0 to 1",
        ),
        (
            &["a2a", "-s", "30s"],
            "write a duration and a number of VUs: `30s:20`",
        ),
        (&["a2a", "--time-scale", "0"], "a number above 0"),
        (&["a2a", "--fault-rate", "5"], "write a share from 0 to 1"),
        (
            &["a2a", "--demo", "--base-url", "http://x"],
            "cannot be used with",
        ),
        (&["a2a", "--out", "json"], "unexpected argument '--out'"),
    ] {
        let error = run(args).unwrap_err();
        assert!(error.contains(text), "{args:?}: {error}");
    }
}

#[test]
fn a_secret_by_mistake_is_in_no_debug_text() {
    let args = run(&[
        "a2a",
        "--secret",
        "TOKEN=hush",
        "-e",
        "TOKEN=hush",
        "--base-url",
        "hush",
    ])
    .unwrap();
    assert!(!format!("{args:?} {:?}", args.flags(None)).contains("hush"));
}

#[test]
fn the_target_listens_on_this_machine_alone_unless_told() {
    let cli =
        Cli::try_parse_from(["vuelo", "target", "--latency", "20ms", "--without-ccr"]).unwrap();
    let Command::Target(args) = cli.command else {
        panic!()
    };
    assert_eq!(args.listen.to_string(), "127.0.0.1:7777");
    assert_eq!(args.behaviour.latency.unwrap().to_string(), "20ms");
    assert!(args.without_ccr && !args.without_web);
}

#[test]
fn merge_takes_files_and_one_place_for_the_result() {
    let merge = |args: &[&str]| {
        let line = ["vuelo", "merge"].iter().chain(args);
        Cli::try_parse_from(line).map_err(|error| error.to_string())
    };
    let Command::Merge(args) = merge(&["a.json", "b.json", "-o", "c.json"])
        .unwrap()
        .command
    else {
        panic!("not merge")
    };
    assert_eq!(args.files.len(), 2);
    assert_eq!(args.output.unwrap().to_str(), Some("c.json"));
    assert_eq!(args.results.to_str(), Some("results"));
    assert!(merge(&[]).unwrap_err().contains("FILE"));
    assert!(merge(&["a.json", "-o", "c", "--results", "d"]).is_err());
}

#[test]
fn the_network_s_flags_have_k6_s_names_and_take_lists() {
    let args = run(&[
        "a2a",
        "--no-vu-connection-reuse",
        "--http-version",
        "2",
        "--max-redirects",
        "0",
        "--dns",
        "ttl=0,policy=any",
        "--local-ips",
        "10.0.0.1,10.0.0.5-10.0.0.9",
        "--allow-host",
        "a,*.b:443",
        "--allow-host",
        "c",
        "--blacklist-ip",
        "10.0.0.0/8,::1",
        "--block-hostnames",
        "test.k6.io,*.example.com",
        "--proxy",
        "none",
        "--ca-file",
        "ca.pem",
    ])
    .unwrap();
    let flags = args.flags(None);
    assert!(flags.no_vu_connection_reuse && !flags.no_connection_reuse);
    assert_eq!(flags.http_version.unwrap().to_string(), "2");
    assert_eq!(flags.max_redirects, Some(0));
    assert_eq!(flags.dns, Some("policy=any,ttl=0s".parse().unwrap()));
    assert_eq!(
        flags.local_ips.unwrap().to_string(),
        "10.0.0.1,10.0.0.5-10.0.0.9"
    );
    let hosts: Vec<_> = flags.allow_hosts.iter().map(ToString::to_string).collect();
    assert_eq!(hosts, ["a", "*.b:443", "c"]);
    assert_eq!(flags.blacklist_ips.len(), 2);
    assert_eq!(flags.block_hostnames.len(), 2);
    assert_eq!(flags.proxy.unwrap().0, "none");
    assert_eq!(flags.ca_files, [std::path::Path::new("ca.pem")]);
}

#[test]
fn a_mistake_in_a_flag_of_the_network_says_what_to_write() {
    for (flag, value, text) in [
        ("--http-version", "1.0", "did you mean `1.1`?"),
        ("--max-redirects", "many", "invalid digit"),
        ("--dns", "ttl=5", "`5` has no unit"),
        ("--local-ips", "here", "is no address, range or network"),
        ("--allow-host", "http://a/b", "write `a`"),
        ("--blacklist-ip", "10.0.0.0/99", "is no network; write"),
        ("--block-hostnames", "a:80", "is no host; write"),
    ] {
        let error = run(&["a2a", flag, value]).unwrap_err();
        assert!(error.contains(flag) && error.contains(text), "{error}");
    }
}
