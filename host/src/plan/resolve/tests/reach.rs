//! Where requests may go, and through what.

use super::*;
use crate::plan::http::Proxy;

const URLS: &str = r#"{
    "config": {
        "BASE_URL": {"kind": "url", "default": "https://Target.example.com:8443/path"},
        "EVENTS": {"default": "wss://events.example.com/socket"},
        "SAME": {"default": "http://target.example.com"},
        "V6": {"default": "http://[::1]:8080"},
        "PLACE": {"default": "target.example.org"},
        "MAIL": {"default": "mailto:me@example.net"},
        "FILE": {"default": "ftp://files.example.com"},
        "TOKEN": {"secret": true, "default": "https://secret.example.com"}
    }
}"#;

fn allowed(setup: &Setup, options: &str) -> Vec<String> {
    let http = setup.try_resolve(options).unwrap().plan.http;
    let hosts = http.allowed.iter();
    hosts
        .map(|host| format!("{} by {}", host.pattern, host.by))
        .collect()
}

#[test]
fn the_hosts_of_readable_values_that_are_urls_are_allowed() {
    assert_eq!(
        allowed(&Setup::default(), URLS),
        [
            "target.example.com by BASE_URL",
            "events.example.com by EVENTS",
            "::1 by V6"
        ]
    );
    // As they are resolved, not as they are declared.
    let mut setup = Setup::with_file("[config]\nEVENTS = \"ws://other\"\n");
    setup.flags.demo = Some("http://127.0.0.1:5555".to_owned());
    assert_eq!(
        allowed(&setup, URLS),
        [
            "127.0.0.1 by BASE_URL",
            "other by EVENTS",
            "target.example.com by SAME",
            "::1 by V6"
        ]
    );
}

#[test]
fn a_url_of_stars_stands_for_no_other_hosts() {
    let options =
        r#"{"config": {"A": {"default": "http://*/"}, "B": {"default": "http://*.com/"}}}"#;
    assert_eq!(allowed(&Setup::default(), options), [""; 0]);
}

#[test]
fn values_of_scenarios_and_of_every_component_count() {
    let options = r#"{
        "scenarios": {"a": {"executor": "per-vu-iterations", "env": {"BASE_URL": "http://own", "OTHER": ""}}},
        "config": {"BASE_URL": {"kind": "url", "default": "http://usual"}, "OTHER": {"default": "http://other"}}
    }"#;
    assert_eq!(
        allowed(&Setup::default(), options),
        ["usual by BASE_URL", "other by OTHER", "own by BASE_URL"]
    );
}

#[test]
fn file_variable_and_flag_allow_more_side_by_side() {
    let file = "[options]\nallowHosts = [\"cdn.example.com\", \"*.Example.net:443\"]\n\
                [environments.staging.options]\nallowHosts = [\"staging\"]\n";
    let mut setup = Setup::with_file(file)
        .env("staging")
        .process("VUELO_ALLOW_HOSTS", "10.0.0.1, cdn.example.com");
    setup.flags.allow_hosts = vec!["*".parse().unwrap()];
    assert_eq!(
        allowed(&setup, "{}"),
        [
            "cdn.example.com by vuelo.toml [options]",
            "*.example.net:443 by vuelo.toml [options]",
            "staging by vuelo.toml [environments.staging.options]",
            "10.0.0.1 by the environment variable VUELO_ALLOW_HOSTS",
            "* by --allow-host",
        ]
    );
    let text = Setup::with_file("[options]\nallowHosts = [\"a\", \"https://b/\"]\n").error("{}");
    assert!(
        text.starts_with(
            "the plan file vuelo.toml: line 2, column 20: `options.allowHosts[1]`: a host has no scheme and no path; \
             write `b`"
        ),
        "{text}"
    );
}

#[test]
fn without_any_url_the_dry_run_says_that_no_host_is_allowed() {
    let text = Setup::default().try_resolve("{}").unwrap().text(&[]);
    assert!(
        text.contains("\nnetwork\n  allowed  no host: no value is a URL, and neither"),
        "{text}"
    );
}

#[test]
fn a_component_cannot_widen_its_own_reach() {
    for (options, text) in [
        (
            r#"{"allowHosts": ["*"]}"#,
            "`allowHosts`: a component must not widen its own reach; say it in the plan file's [options], or with \
             --allow-host",
        ),
        (r#"{"proxy": "http://proxy"}"#, "or with --proxy"),
        (r#"{"tlsCaFiles": ["ca.pem"]}"#, "or with --ca-file"),
        (
            r#"{"hosts": {"a": "unix:/run/docker.sock"}}"#,
            "`hosts.a`: a component must not reach this machine's own services",
        ),
        (
            r#"{"hosts": {"a": "169.254.169.254"}}"#,
            "`hosts.a`: there clouds keep the secrets of a machine",
        ),
        (
            r#"{"tlsAuth": [{"cert": "/etc/passwd", "key": "/etc/passwd"}]}"#,
            "`tlsAuth[0].cert`: a component reads no files of this machine",
        ),
    ] {
        let found = Setup::default().error(options);
        assert!(
            found.contains("the options of `a2a`: `") && found.contains(text),
            "{found}\nlacks {text}"
        );
    }
    let file = "[options]\nhosts = { a = \"169.254.169.254\", b = \"unix:b.sock\" }\n";
    let plan = PlanFile::parse(Path::new("plans/p.toml"), file).unwrap();
    let setup = Setup {
        file: plan,
        ..Setup::default()
    };
    let hosts = setup.try_resolve("{}").unwrap().plan.http.hosts;
    assert_eq!(hosts[0].target.to_string(), "169.254.169.254");
    assert_eq!(hosts[1].target.to_string(), "unix:plans/b.sock");
}

#[test]
fn a_metadata_service_is_not_allowed_by_a_component_s_own_default() {
    let options = r#"{"config": {"META": {"default": "http://169.254.169.254/latest"}}}"#;
    let resolved = Setup::default().try_resolve(options).unwrap();
    assert!(resolved.plan.http.allowed.is_empty());
    assert!(
        resolved.notes[0].contains("unless --allow-host 169.254.169.254 allows it"),
        "{:?}",
        resolved.notes
    );
    let given = Setup::default().env("META=http://169.254.169.254/latest");
    assert_eq!(allowed(&given, options), ["169.254.169.254 by META"]);
}

fn proxy(setup: &Setup) -> String {
    let http = setup.try_resolve("{}").unwrap().plan.http;
    match http.proxy {
        Proxy::None => "none".to_owned(),
        Proxy::Always(url) => url.to_string(),
        Proxy::Environment {
            http,
            https,
            except,
        } => {
            let shown = |url: Option<_>| {
                url.map_or("-".to_owned(), |url: crate::plan::http::ProxyUrl| {
                    url.to_string()
                })
            };
            format!("{} {} {except}", shown(http), shown(https))
        }
    }
}

#[test]
fn a_proxy_comes_from_flag_variable_or_file_or_else_from_what_all_programs_share() {
    let shared = || {
        Setup::with_file("[options]\n")
            .process("http_proxy", "small:1")
            .process("ALL_PROXY", "socks5://all:2")
            .process("NO_PROXY", "inside.example.com")
    };
    assert_eq!(proxy(&Setup::default()), "none");
    assert_eq!(
        proxy(&shared()),
        "http://small:1 socks5://all:2 inside.example.com,localhost,127.0.0.0/8,::1"
    );
    let big = shared().process("HTTP_PROXY", "big:1");
    assert!(proxy(&big).starts_with("http://big:1 "), "{}", proxy(&big));
    let mut setup = shared();
    setup.file = PlanFile::parse(
        Path::new("vuelo.toml"),
        "[options]\nproxy = \"http://file:1\"\n",
    )
    .unwrap();
    assert_eq!(proxy(&setup), "http://file:1");
    let mut setup = setup.process("VUELO_PROXY", "http://me:word@variable:1");
    assert_eq!(proxy(&setup), "http://me:***@variable:1");
    setup.flags.proxy = Some(Unshown("none".to_owned()));
    assert_eq!(proxy(&setup), "none");
}

#[test]
fn a_proxy_s_password_is_neither_shown_nor_taken_from_the_command_line() {
    let mut setup = Setup::default();
    setup.flags.proxy = Some(Unshown("http://me:hush-hush@proxy:1".to_owned()));
    let text = setup.error("{}");
    assert_eq!(
        text,
        "--proxy: it holds a password, and a command line can be read by others; set the environment variable \
         VUELO_PROXY"
    );
    for (name, value) in [
        ("HTTPS_PROXY", "ftp://me:hush-hush@proxy"),
        ("VUELO_PROXY", "http://me:hush-hush@proxy/path"),
    ] {
        let text = Setup::default().process(name, value).error("{}");
        assert!(
            text.starts_with(&format!(
                "the environment variable {name}: it is no usable URL"
            )),
            "{text}"
        );
        assert!(!text.contains("hush"), "{text}");
    }
    let setup = Setup::default().process("VUELO_PROXY", "http://me:hush-hush@proxy:1");
    let plan = setup.try_resolve("{}").unwrap().plan;
    assert_eq!(
        plan.masked("cannot reach http://me:hush-hush@proxy:1"),
        "cannot reach http://me:***@proxy:1"
    );
}
