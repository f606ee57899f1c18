//! What holds for requests and connections.

use super::*;
use crate::plan::http::{ByteSize, ConnectionLife, CookieLife, HttpPlan};

/// Sets a flag.
type Set = fn(&mut Flags);

/// An option at each layer, as it is written there, and what comes of it.
struct Case {
    option: &'static str,
    /// Of the built-in plan.
    default: &'static str,
    component: (&'static str, &'static str),
    file: (&'static str, &'static str),
    variable: Option<(&'static str, &'static str, &'static str)>,
    flag: Option<(Set, &'static str)>,
    of: fn(&HttpPlan) -> String,
}

const CASES: &[Case] = &[
    Case {
        option: "maxRedirects",
        default: "10",
        component: ("5", "5"),
        file: ("6", "6"),
        variable: Some(("VUELO_MAX_REDIRECTS", "0", "0")),
        flag: Some((|flags| flags.max_redirects = Some(8), "8")),
        of: |http| http.max_redirects.to_string(),
    },
    Case {
        option: "noCookiesReset",
        default: "Iteration",
        component: ("true", "Vu"),
        file: ("false", "Iteration"),
        variable: Some(("VUELO_NO_COOKIES_RESET", "true", "Vu")),
        flag: None,
        of: |http| format!("{:?}", http.cookies),
    },
    Case {
        option: "connections",
        default: "Vu",
        component: (r#""shared""#, "Worker"),
        file: (r#""vu""#, "Vu"),
        variable: Some(("VUELO_CONNECTIONS", "shared", "Worker")),
        flag: Some((|flags| flags.no_connection_reuse = true, "Request")),
        of: |http| format!("{:?}", http.connections),
    },
    Case {
        option: "noConnectionReuse",
        default: "Vu",
        component: ("true", "Request"),
        file: ("false", "Vu"),
        variable: Some(("VUELO_NO_CONNECTION_REUSE", "1", "Request")),
        flag: Some((|flags| flags.no_vu_connection_reuse = true, "Request")),
        of: |http| format!("{:?}", http.connections),
    },
    Case {
        option: "noVUConnectionReuse",
        default: "Vu",
        component: ("true", "Iteration"),
        file: ("false", "Vu"),
        variable: Some(("VUELO_NO_VU_CONNECTION_REUSE", "true", "Iteration")),
        flag: Some((|flags| flags.no_connection_reuse = true, "Request")),
        of: |http| format!("{:?}", http.connections),
    },
    Case {
        option: "httpVersion",
        default: "auto",
        component: (r#""1.1""#, "1.1"),
        file: (r#""2""#, "2"),
        variable: Some(("VUELO_HTTP_VERSION", "1.1", "1.1")),
        flag: Some((
            |flags| flags.http_version = Some("auto".parse().unwrap()),
            "auto",
        )),
        of: |http| http.protocol.to_string(),
    },
    Case {
        option: "connectTimeout",
        default: "30s",
        component: ("1500", "1.5s"),
        file: (r#""2s""#, "2s"),
        variable: Some(("VUELO_CONNECT_TIMEOUT", "3s", "3s")),
        flag: None,
        of: |http| TimeSpan(http.connect_timeout).to_string(),
    },
    Case {
        option: "responseHeadTimeout",
        default: "None",
        component: (r#""1s""#, "Some(1s)"),
        file: (r#""0s""#, "None"),
        variable: Some(("VUELO_RESPONSE_HEAD_TIMEOUT", "3s", "Some(3s)")),
        flag: None,
        of: |http| format!("{:?}", http.response_head_timeout),
    },
    Case {
        option: "streamIdleTimeout",
        default: "None",
        component: (r#""1s""#, "Some(1s)"),
        file: (r#""2s""#, "Some(2s)"),
        variable: Some(("VUELO_STREAM_IDLE_TIMEOUT", "0", "None")),
        flag: None,
        of: |http| format!("{:?}", http.stream_idle_timeout),
    },
    Case {
        option: "maxBodySize",
        default: "64MiB",
        component: ("2048", "2KiB"),
        file: (r#""10MB""#, "10MB"),
        variable: Some(("VUELO_MAX_BODY_SIZE", "1GiB", "1GiB")),
        flag: None,
        of: |http| http.max_body_size.to_string(),
    },
    Case {
        option: "localIPs",
        default: "",
        component: (r#""10.0.0.1""#, "10.0.0.1"),
        file: (
            r#""10.0.0.5-10.0.0.9,10.0.0.1""#,
            "10.0.0.5-10.0.0.9,10.0.0.1",
        ),
        variable: Some(("VUELO_LOCAL_IPS", "10.1.0.0/30", "10.1.0.1-10.1.0.2")),
        flag: Some((
            |flags| flags.local_ips = Some("::1".parse().unwrap()),
            "::1",
        )),
        of: |http| http.local_ips.to_string(),
    },
    Case {
        option: "tlsVersion",
        default: "tls1.2 to tls1.3",
        component: (r#""tls1.2""#, "tls1.2 alone"),
        file: (r#"{ min = "tls1.3" }"#, "tls1.3 alone"),
        variable: Some(("VUELO_TLS_VERSION", "tls1.2", "tls1.2 alone")),
        flag: None,
        of: |http| http.tls.versions.to_string(),
    },
    // These add up, each member or item for itself.
    Case {
        option: "dns",
        default: "ttl=5m,select=random,policy=preferIPv4",
        component: (r#"{"ttl": 0}"#, "ttl=0s,select=random,policy=preferIPv4"),
        file: (
            r#"{ select = "first" }"#,
            "ttl=0s,select=first,policy=preferIPv4",
        ),
        variable: Some((
            "VUELO_DNS",
            "ttl=inf,policy=any",
            "ttl=inf,select=first,policy=any",
        )),
        flag: Some((
            |flags| flags.dns = Some("select=roundRobin,policy=onlyIPv6".parse().unwrap()),
            "ttl=inf,select=roundRobin,policy=onlyIPv6",
        )),
        of: |http| http.dns.to_string(),
    },
    Case {
        option: "blacklistIPs",
        default: "",
        component: (r#"["10.1.2.3/8"]"#, "10.0.0.0/8"),
        file: (r#"["::1", "10.0.0.0/8"]"#, "10.0.0.0/8 ::1/128"),
        variable: Some((
            "VUELO_BLACKLIST_IPS",
            "192.168.0.0/16, 127.0.0.1",
            "10.0.0.0/8 ::1/128 192.168.0.0/16 127.0.0.1/32",
        )),
        flag: Some((
            |flags| flags.blacklist_ips = vec!["fd00::/8".parse().unwrap()],
            "10.0.0.0/8 ::1/128 192.168.0.0/16 127.0.0.1/32 fd00::/8",
        )),
        of: |http| joined(&http.refused.networks),
    },
    Case {
        option: "blockHostnames",
        default: "",
        component: (r#"["test.k6.io"]"#, "test.k6.io"),
        file: (r#"["*.Example.com"]"#, "test.k6.io *.example.com"),
        variable: Some((
            "VUELO_BLOCK_HOSTNAMES",
            "test.k6.io,a",
            "test.k6.io *.example.com a",
        )),
        flag: Some((
            |flags| flags.block_hostnames = vec!["*b".parse().unwrap()],
            "test.k6.io *.example.com a *b",
        )),
        of: |http| joined(&http.refused.names),
    },
    Case {
        option: "hosts",
        default: "",
        component: (r#"{"test.k6.io": "1.2.3.4"}"#, "test.k6.io=1.2.3.4"),
        file: (
            r#"{ "TEST.k6.io" = "1.2.3.5:80", "*.a" = "unix:/run/a.sock" }"#,
            "test.k6.io=1.2.3.5:80 *.a=unix:/run/a.sock",
        ),
        variable: None,
        flag: None,
        of: |http| {
            let hosts = http.hosts.iter();
            let hosts = hosts.map(|host| format!("{}={}", host.pattern, host.target));
            hosts.collect::<Vec<_>>().join(" ")
        },
    },
];

fn joined<T: ToString>(values: &[T]) -> String {
    let texts: Vec<_> = values.iter().map(ToString::to_string).collect();
    texts.join(" ")
}

#[test]
fn each_option_comes_from_the_highest_layer_that_has_it_or_adds_up() {
    for case in CASES {
        let component = format!("{{\"{}\": {}}}", case.option, case.component.0);
        let file = format!("[options]\n{} = {}\n", case.option, case.file.0);
        let of = |setup: &Setup, options: &str| {
            let plan = setup.try_resolve(options).unwrap().plan;
            (case.of)(&plan.http)
        };
        let option = case.option;
        let mut setup = Setup::default();
        assert_eq!(of(&setup, "{}"), case.default, "{option}");
        assert_eq!(of(&setup, &component), case.component.1, "{option}");
        setup = Setup::with_file(&file);
        assert_eq!(of(&setup, &component), case.file.1, "{option}");
        if let Some((name, value, expected)) = case.variable {
            setup = setup.process(name, value);
            assert_eq!(of(&setup, &component), expected, "{option}");
        }
        if let Some((set, expected)) = case.flag {
            set(&mut setup.flags);
            assert_eq!(of(&setup, &component), expected, "{option}");
        }
    }
}

#[test]
fn without_options_requests_are_made_as_k6_makes_them() {
    let http = Setup::default().try_resolve("{}").unwrap().plan.http;
    assert_eq!((http.max_redirects, http.batch), (10, 20));
    assert_eq!(http.batch_per_host, 6);
    assert_eq!(http.cookies, CookieLife::Iteration);
    assert_eq!(http.connections, ConnectionLife::Vu);
    assert_eq!(http.connect_timeout, Duration::from_secs(30));
    assert_eq!(http.max_body_size, ByteSize(64 * 1024 * 1024));
    assert!(http.hosts.is_empty() && http.allowed.is_empty());
    assert!(!http.tls.insecure_skip_verify && !http.discard_response_bodies);
}

#[test]
fn a_mistake_is_said_with_its_place_and_what_to_write() {
    for (options, text) in [
        (
            r#"{"maxRedirects": -1}"#,
            "do not parse: `maxRedirects`: invalid value: integer `-1`, expected a whole number from 0",
        ),
        (
            r#"{"noCookiesReset": "yes"}"#,
            "do not parse: `noCookiesReset`: invalid type: string \"yes\", expected a boolean",
        ),
        (
            r#"{"connections": "share"}"#,
            "do not parse: `connections`: `share` is none of vu, shared; did you mean `shared`?",
        ),
        (
            r#"{"connections": "shared", "noVUConnectionReuse": true}"#,
            "`a2a`: `connections`: what is shared is not closed after a request or an iteration; take",
        ),
        (
            r#"{"httpVersion": 2}"#,
            "do not parse: `httpVersion`: invalid type: integer `2`, expected \"auto\", \"1.1\", \"2\" or \"3\" in quotes",
        ),
        (
            r#"{"httpVersion": "1.0"}"#,
            "do not parse: `httpVersion`: `1.0` is none of auto, 1.1, 2, 3; did you mean `1.1`?",
        ),
        (
            r#"{"connectTimeout": 0}"#,
            "`a2a`: `connectTimeout`: `0s` leaves no time at all",
        ),
        (
            r#"{"responseHeadTimeout": "soon"}"#,
            "do not parse: `responseHeadTimeout`: `soon` is no duration",
        ),
        (
            r#"{"maxBodySize": "64"}"#,
            "do not parse: `maxBodySize`: `64` is no size; write a whole number and one of",
        ),
        (
            r#"{"maxBodySize": 0}"#,
            "`a2a`: `maxBodySize`: with 0 bytes every body would be too long",
        ),
        (
            r#"{"hosts": {"example.com": "example.org"}}"#,
            "do not parse: `hosts.example.com`: `example.org` is no address; write an IP address",
        ),
        (
            r#"{"hosts": {"https://example.com": "1.2.3.4"}}"#,
            "`a2a`: `hosts.https://example.com`: a host has no scheme and no path; write `example.com`",
        ),
        (
            r#"{"hosts": {"a": "1.2.3.4", "A": "1.2.3.5"}}"#,
            "`a2a`: `hosts.A`: `a` stands there in another spelling",
        ),
        (
            r#"{"dns": {"tll": "5m"}}"#,
            "do not parse: `dns.tll`: there is no member `tll`; did you mean `ttl`?",
        ),
        (
            r#"{"dns": {"ttl": "-1s"}}"#,
            "do not parse: `dns.ttl`: `-1s` is a negative duration; no wait is shorter than `0s`; `0` keeps nothing",
        ),
        (
            r#"{"dns": {"select": "roundrobin"}}"#,
            "do not parse: `dns.select`: `roundrobin` is none of random, first, roundRobin; did you mean `roundRobin`?",
        ),
        (
            r#"{"dns": {"policy": "IPv4"}}"#,
            "do not parse: `dns.policy`: `IPv4` is none of preferIPv4, preferIPv6, onlyIPv4, onlyIPv6, any",
        ),
        (
            r#"{"localIPs": "10.0.0.9-10.0.0.5"}"#,
            "do not parse: `localIPs`: `10.0.0.9-10.0.0.5` ends before it starts; write `10.0.0.5-10.0.0.9`",
        ),
        (
            r#"{"blacklistIPs": ["10.0.0.0/8", "10.0.0.0/40"]}"#,
            "do not parse: `blacklistIPs[1]`: `10.0.0.0/40` is no network; write",
        ),
        (
            r#"{"blockHostnames": ["a", "example.com:80"]}"#,
            "do not parse: `blockHostnames[1]`: `example.com:80` is no host; write",
        ),
        (
            r#"{"tlsVersion": {"min": "tls1.3", "max": "tls1.2"}}"#,
            "`a2a`: `tlsVersion`: the oldest, tls1.3, is newer than the newest, tls1.2",
        ),
        (
            r#"{"tlsVersion": {"min": "ssl3.0"}}"#,
            "do not parse: `tlsVersion.min`: `ssl3.0` is broken, and this version of Vuelo does not speak it",
        ),
        (
            r#"{"tlsCipherSuites": ["TLS_RSA_WITH_AES_128_GCM_SHA256"]}"#,
            "`tlsCipherSuites` is k6's, and this version of Vuelo does not have it; of TLS 1.2 and 1.3",
        ),
    ] {
        let found = Setup::default().error(options);
        assert!(
            found.starts_with("the options of `a2a`") && found.contains(text),
            "{options}\n{found}\nlacks {text}"
        );
    }
}

#[test]
fn http_3_is_a_mistake_where_it_was_left_out_of_the_build() {
    let setup = Setup::default().process("VUELO_HTTP_VERSION", "3");
    if cfg!(feature = "http3") {
        let protocol = setup.try_resolve("{}").unwrap().plan.http.protocol;
        assert_eq!(protocol.to_string(), "3");
    } else {
        let text = setup.error("{}");
        let start = "the environment variable VUELO_HTTP_VERSION: this command was built without";
        assert!(text.starts_with(start), "{text}");
    }
}

#[test]
fn a_mistake_in_a_variable_names_the_variable() {
    for (name, value, text) in [
        (
            "VUELO_MAX_REDIRECTS",
            "many",
            "`many` is not a whole number",
        ),
        ("VUELO_NO_COOKIES_RESET", "yes", "`yes` is neither true nor"),
        ("VUELO_NO_VU_CONNECTION_REUSE", "x", "`x` is neither true"),
        ("VUELO_CONNECTIONS", "own", "`own` is none of vu, shared"),
        ("VUELO_HTTP_VERSION", "4", "`4` is none of auto, 1.1, 2, 3"),
        ("VUELO_CONNECT_TIMEOUT", "10", "`10` has no unit"),
        ("VUELO_CONNECT_TIMEOUT", "0s", "`0s` leaves no time at all"),
        ("VUELO_RESPONSE_HEAD_TIMEOUT", "10", "`10` has no unit"),
        ("VUELO_STREAM_IDLE_TIMEOUT", "x", "`x` is no duration"),
        ("VUELO_MAX_BODY_SIZE", "10", "`10` is no size"),
        ("VUELO_DNS", "ttl=10", "`10` has no unit"),
        ("VUELO_DNS", "5m", "`5m` has no `=`; write it as"),
        (
            "VUELO_DNS",
            "tll=5m",
            "there is no member `tll`; did you mean `ttl`?",
        ),
        ("VUELO_LOCAL_IPS", "here", "`here` is no address, range"),
        ("VUELO_BLACKLIST_IPS", "10.0.0.0/8,x", "`x` is no network"),
        ("VUELO_BLOCK_HOSTNAMES", "a, b c", "` b c` is no host"),
        ("VUELO_ALLOW_HOSTS", "http://a/", "write `a`"),
        ("VUELO_PROXY", "ftp://a", "it starts with none of http://"),
        (
            "VUELO_TLS_VERSION",
            "1.2",
            "`1.2` is none of tls1.2, tls1.3",
        ),
        ("VUELO_TLS_CA_FILES", "/nowhere/ca.pem", "the file /nowhere"),
    ] {
        let found = Setup::default().process(name, value).error("{}");
        let start = format!("the environment variable {name}: {text}");
        let is_said = found.starts_with(&format!("the environment variable {name}: "));
        assert!(is_said && found.contains(text), "{found}\nexpected {start}");
    }
}

#[test]
fn what_one_place_says_of_connections_must_not_contradict_itself() {
    let setup = Setup::default()
        .process("VUELO_CONNECTIONS", "shared")
        .process("VUELO_NO_CONNECTION_REUSE", "true");
    let text = setup.error("{}");
    assert!(
        text.starts_with("the environment variable VUELO_CONNECTIONS: what is shared"),
        "{text}"
    );
    let file = "[options]\nnoConnectionReuse = true\nconnections = \"shared\"\n";
    let text = Setup::with_file(file).error("{}");
    assert!(
        text.starts_with("vuelo.toml [options], line 3, column 1: `connections`: what is shared"),
        "{text}"
    );
    // A higher layer has its way.
    let connections = |setup: &Setup, options| {
        let plan = setup.try_resolve(options).unwrap().plan;
        plan.http.connections
    };
    let shared = Setup::with_file("[options]\nconnections = \"shared\"\n");
    assert_eq!(
        connections(&shared, r#"{"noConnectionReuse": true}"#),
        ConnectionLife::Worker
    );
    let setup = shared.process("VUELO_NO_VU_CONNECTION_REUSE", "true");
    assert_eq!(connections(&setup, "{}"), ConnectionLife::Iteration);
}

#[test]
fn a_dry_run_shows_what_is_not_as_usual() {
    let options = r#"{
        "noVUConnectionReuse": true, "httpVersion": "2", "maxRedirects": 3, "noCookiesReset": true,
        "responseHeadTimeout": "5s", "streamIdleTimeout": "1m", "maxBodySize": "1MB",
        "hosts": {"a": "1.2.3.4", "*.b:443": "1.2.3.5:8443"}, "dns": {"ttl": "inf"}, "localIPs": "10.0.0.1",
        "blacklistIPs": ["10.0.0.0/8"], "blockHostnames": ["*.c"], "tlsVersion": "tls1.3",
        "insecureSkipTLSVerify": true, "config": {"BASE_URL": {"default": "http://target:1"}}
    }"#;
    let mut setup = Setup::default()
        .process("HTTPS_PROXY", "http://me:hush-hush@proxy:3128")
        .process("NO_PROXY", "inside")
        .process("SSLKEYLOGFILE", "keys.txt");
    setup.flags.allow_hosts = vec!["*.d".parse().unwrap()];
    let resolved = setup.try_resolve(options).unwrap();
    let text = resolved.text(&[]);
    let expected = "
http
  user agent    vuelo/VERSION
  batch         20 at a time, 6 per host
  redirects     at most 3 in a row
  bodies        at most 1MB of each
  HTTP version  2 alone
  connections   closed at the end of each iteration
  cookies       kept from one iteration to the next
  timeouts      connecting 30s, head of an answer 5s, silence in a body 1m, setup 1m, teardown 1m

network
  allowed  target, by BASE_URL
           *.d, by --allow-host
  refused  10.0.0.0/8
           *.c
  hosts    a is at 1.2.3.4
           *.b:443 is at 1.2.3.5:8443
  dns      ttl=inf,select=random,policy=preferIPv4
  from     10.0.0.1
  proxy    http://me:***@proxy:3128 for https, by the environment
           none for inside,localhost,127.0.0.0/8,::1

TLS
  servers   certificates are NOT verified
  versions  tls1.3 alone
  key log   keys of connections are WRITTEN to keys.txt
";
    let expected = expected.replace("VERSION", env!("CARGO_PKG_VERSION"));
    assert!(text.contains(&expected), "{text}");
    let json = resolved.json();
    for (member, value) in [
        ("noConnectionReuse", "false"),
        ("noVUConnectionReuse", "true"),
        ("connections", r#""vu""#),
        ("httpVersion", r#""2""#),
        ("maxRedirects", "3"),
        ("noCookiesReset", "true"),
        ("connectTimeout", r#""30s""#),
        ("responseHeadTimeout", r#""5s""#),
        ("streamIdleTimeout", r#""1m""#),
        ("maxBodySize", r#""1MB""#),
        ("hosts", r#"{"a":"1.2.3.4","*.b:443":"1.2.3.5:8443"}"#),
        (
            "dns",
            r#"{"ttl":"inf","select":"random","policy":"preferIPv4"}"#,
        ),
        ("localIPs", r#""10.0.0.1""#),
        ("blacklistIPs", r#"["10.0.0.0/8"]"#),
        ("blockHostnames", r#"["*.c"]"#),
        ("allowHosts", r#"["target","*.d"]"#),
        (
            "proxy",
            r#"{"http":null,"https":"http://me:***@proxy:3128","except":"inside,localhost,127.0.0.0/8,::1"}"#,
        ),
        ("tlsVersion", r#"{"min":"tls1.3","max":"tls1.3"}"#),
        ("tlsAuth", "[]"),
        ("tlsCaFiles", "[]"),
        ("sslKeyLogFile", r#""keys.txt""#),
    ] {
        assert_eq!(json[member].to_string(), value, "{member}");
    }
    let shown = format!("{text}{json}{resolved:?}");
    assert!(!shown.contains("hush"), "{shown}");
}

#[test]
fn two_components_must_not_say_different_things_of_one_run_s_requests() {
    for (one, other, member) in [
        (
            r#""connections": "shared""#,
            r#""noConnectionReuse": true"#,
            "connections",
        ),
        (
            r#""httpVersion": "2""#,
            r#""httpVersion": "1.1""#,
            "httpVersion",
        ),
        (
            r#""maxRedirects": 1"#,
            r#""maxRedirects": 2"#,
            "maxRedirects",
        ),
        (
            r#""noCookiesReset": true"#,
            r#""noCookiesReset": false"#,
            "noCookiesReset",
        ),
        (
            r#""connectTimeout": "1s""#,
            r#""connectTimeout": "2s""#,
            "connectTimeout",
        ),
        (
            r#""responseHeadTimeout": "1s""#,
            r#""responseHeadTimeout": "2s""#,
            "responseHeadTimeout",
        ),
        (
            r#""streamIdleTimeout": "1s""#,
            r#""streamIdleTimeout": "2s""#,
            "streamIdleTimeout",
        ),
        (
            r#""maxBodySize": "1MB""#,
            r#""maxBodySize": "2MB""#,
            "maxBodySize",
        ),
        (
            r#""hosts": {"a": "1.2.3.4"}"#,
            r#""hosts": {"a": "1.2.3.5"}"#,
            "hosts",
        ),
        (r#""dns": {"ttl": "1s"}"#, r#""dns": {"ttl": "2s"}"#, "dns"),
        (
            r#""localIPs": "10.0.0.1""#,
            r#""localIPs": "10.0.0.2""#,
            "localIPs",
        ),
        (
            r#""tlsAuth": [{"cert": "a", "key": "b"}]"#,
            r#""tlsAuth": []"#,
            "tlsAuth",
        ),
        (
            r#""tlsVersion": "tls1.2""#,
            r#""tlsVersion": "tls1.3""#,
            "tlsVersion",
        ),
    ] {
        let file = "[options.scenarios.a]\ncomponent = \"a\"\nexecutor = \"per-vu-iterations\"\n\
                    [options.scenarios.b]\ncomponent = \"b\"\nexecutor = \"per-vu-iterations\"\n";
        let file = PlanFile::parse(Path::new("p.toml"), file).unwrap();
        let flags = Flags::default();
        let named = file
            .components(&ProcessEnvironment::default(), &flags)
            .unwrap();
        let options = [format!("{{{one}}}"), format!("{{{other}}}")];
        let parts = named.iter().zip(&options).map(|(named, options)| Part {
            named,
            component: Component {
                name: &named.source,
                options,
            },
        });
        let parts: Vec<_> = parts.collect();
        let error = resolve_together(&parts, &file, &ProcessEnvironment::default(), &flags);
        assert_eq!(
            error.unwrap_err().to_string(),
            format!(
                "`a` and `b` say different things of `{member}`, which a run has once; say it in the plan file's \
                 [options]"
            )
        );
    }
}
