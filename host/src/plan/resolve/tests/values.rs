//! Values of configuration keys.

use super::*;

#[test]
fn values_come_from_the_highest_layer_that_has_one() {
    let base_url = |setup: Setup| {
        let resolved = setup.resolve();
        let entry = resolved
            .config
            .iter()
            .find(|entry| entry.key == "BASE_URL")
            .unwrap();
        let origin = entry.origin.as_ref().unwrap().to_string();
        (resolved.config().values["BASE_URL"].clone(), origin)
    };
    let pair = |value: &str, origin: &str| (value.to_owned(), origin.to_owned());
    assert_eq!(
        base_url(Setup::default()),
        pair("http://localhost:7777", "the options of `a2a`")
    );
    assert_eq!(
        base_url(Setup::with_file(FILE)),
        pair("http://file", "vuelo.toml [config]")
    );
    let staging = || Setup::with_file(FILE).env("staging");
    assert_eq!(
        base_url(staging()),
        pair(
            "https://staging.example.com",
            "vuelo.toml [environments.staging]"
        )
    );
    let process = || staging().process("BASE_URL", "http://process");
    assert_eq!(
        base_url(process()),
        pair("http://process", "the environment variable BASE_URL")
    );
    assert_eq!(
        base_url(process().env("BASE_URL=http://flag:1/")),
        pair("http://flag:1", "-e")
    );
    let mut flagged = process().env("BASE_URL=http://e");
    flagged.flags.base_url = Some(Unshown("http://own-flag".to_owned()));
    assert_eq!(base_url(flagged), pair("http://own-flag", "--base-url"));
    let mut demo = process();
    demo.flags.demo = Some("http://127.0.0.1:5555".to_owned());
    assert_eq!(base_url(demo), pair("http://127.0.0.1:5555", "--demo"));
    assert_eq!(
        Setup::with_file(FILE).resolve().config().values["WORKSPACE_ID"],
        "file-a2a"
    );
}

#[test]
fn a_secret_comes_from_the_process_or_a_file_and_never_from_the_command_line() {
    let token = |setup: &Setup| {
        setup.resolve().config().secrets["AUTH_TOKEN"]
            .expose()
            .to_owned()
    };
    assert_eq!(token(&Setup::default()), "test-token");
    let process = || Setup::default().process("AUTH_TOKEN", "from-process");
    assert_eq!(token(&process()), "from-process");
    assert_eq!(token(&process().secret("AUTH_TOKEN")), "from-process");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, "from-file\n").unwrap();
    assert_eq!(
        token(&process().secret(&format!("AUTH_TOKEN=@{}", path.display()))),
        "from-file"
    );

    for setup in [
        Setup::default().env("AUTH_TOKEN=hush-hush"),
        Setup::default().secret("AUTH_TOKEN=hush-hush"),
        Setup::default().secret("AUTH_TOKEN"),
        Setup::default().secret("WORKSPACE_ID"),
        Setup::default().secret("AUTH_TOKN=@x"),
        Setup::default().secret("AUTH_TOKEN=@/nowhere/at/all"),
        Setup::default().env("AUTH_TOKN=hush-hush"),
        Setup::default().env("BASE_URL=hush-hush"),
        Setup::default().env("BASE_URL=http://me:hush-hush@host"),
        Setup::default().process("AUTH_TOKEN", "hush-hush\nx"),
    ] {
        let error = setup.try_resolve(A2A).unwrap_err();
        let shown = format!("{error}\n{error:?}\n{:?}", setup.flags);
        assert!(!shown.contains("hush"), "{shown}");
    }
    let resolved = process().resolve();
    let shown = format!("{resolved:?}\n{}\n{}", resolved.text(&[]), resolved.json());
    assert!(!shown.contains("from-process"), "{shown}");
    assert!(shown.contains("***"));
}

#[test]
fn a_flag_for_a_key_that_nothing_declares_is_refused_with_the_near_one() {
    let text = Setup::default().env("BASE_URI=http://x").error(A2A);
    assert_eq!(
        text,
        "-e sets the configuration key `BASE_URI`, which nothing in this run declares; did you mean `BASE_URL`?"
    );
    let mut setup = Setup::default();
    setup.flags.ccr_url = Some(Unshown("http://x".to_owned()));
    assert!(
        setup.error(A2A).starts_with("--ccr-url sets"),
        "{}",
        setup.error(A2A)
    );
    // Of several components one is enough.
    let ccr = r#"{"config": {"CCR_URL": {"kind": "url"}}}"#;
    let components = [
        Component {
            name: "a2a",
            options: A2A,
        },
        Component {
            name: "ccr",
            options: ccr,
        },
    ];
    let process = ProcessEnvironment::default();
    let all = resolve(&components, &PlanFile::built_in(), &process, &setup.flags).unwrap();
    assert_eq!(all[1].config().values["CCR_URL"], "http://x");
    assert!(!all[0].config().values.contains_key("CCR_URL"));
    assert_eq!(all[0].plan.seed, all[1].plan.seed);
}

#[test]
fn an_empty_value_is_none_and_an_empty_variable_is_not_set() {
    let resolved = Setup::default().env("WEB_URL=").resolve();
    assert!(!resolved.config().values.contains_key("WEB_URL"));
    assert_eq!(resolved.config[1].value, Shown::Absent);
    let resolved = Setup::default().process("WEB_URL", "").resolve();
    assert_eq!(resolved.config().values["WEB_URL"], "http://localhost:3000");
}

#[test]
fn a_required_key_without_a_value_names_the_flag() {
    let options = r#"{"config": {"BASE_URL": {"kind": "url", "required": true, "description": "the server"}}}"#;
    assert_eq!(
        Setup::default().error(options),
        "`BASE_URL` (the server) has no value; set it with --base-url, the environment variable BASE_URL, or in the \
         plan file"
    );
}

#[test]
fn a_url_must_be_one() {
    for (url, reason) in [
        ("localhost:7777", "neither http:// nor https://"),
        ("ftp://x", "neither http:// nor https://"),
        ("http://", "empty host"),
        ("just text", "relative URL without a base"),
        ("http://x/?a=b", "`?` or `#`"),
    ] {
        let text = Setup::default().env(&format!("BASE_URL={url}")).error(A2A);
        assert!(
            text.starts_with("-e sets `BASE_URL` to what is no usable URL")
                && text.contains(reason),
            "{text}"
        );
    }
}

const ENV: &str = r#"{
    "scenarios": {"a": {"executor": "per-vu-iterations", "env": {"BASE_URL": "http://own/", "MODEL": " ", "OTHER": "o"}}},
    "config": {"BASE_URL": {"kind": "url"}, "MODEL": {"default": "m"}, "OTHER": {}, "NEEDED": {"required": true, "default": "n"},
        "ENVIRONMENT": {}}
}"#;

#[test]
fn a_scenario_s_own_values_lie_under_the_command_line_alone() {
    let env = |setup: Setup| setup.try_resolve(ENV).unwrap().plan.scenarios.remove(0).env;
    let own = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter();
        pairs
            .map(|&(key, value)| (key.to_owned(), value.to_owned()))
            .collect::<BTreeMap<_, _>>()
    };
    assert_eq!(
        env(Setup::default().process("BASE_URL", "http://process")),
        own(&[("BASE_URL", "http://own"), ("MODEL", ""), ("OTHER", "o")])
    );
    assert_eq!(
        env(Setup::default().env("BASE_URL=http://flag").env("OTHER=x")),
        own(&[("MODEL", "")])
    );
    let mut demo = Setup::default();
    demo.flags.demo = Some("http://127.0.0.1:1".to_owned());
    let resolved = demo.try_resolve(ENV).unwrap();
    assert!(!resolved.plan.scenarios[0].env.contains_key("BASE_URL"));
    assert_eq!(
        resolved.notes,
        ["--demo lies over the `BASE_URL` that scenarios.a has for itself"]
    );
}

#[test]
fn a_scenario_s_own_value_must_be_one_that_the_component_reads() {
    for (env, text) in [
        (
            r#"{"MODLE": "x"}"#,
            "declares no key `MODLE`; did you mean `MODEL`?",
        ),
        (r#"{"BASE_URL": "hush-hush"}"#, "it is no usable URL"),
        (r#"{"NEEDED": ""}"#, "`NEEDED` is required"),
        (r#"{"ENVIRONMENT": "x"}"#, "name that with --env"),
    ] {
        let options = ENV.replace(
            r#"{"BASE_URL": "http://own/", "MODEL": " ", "OTHER": "o"}"#,
            env,
        );
        let found = Setup::default().error(&options);
        assert!(
            found.starts_with("the options of `a2a`: `scenarios.a.env.") && found.contains(text),
            "{found}"
        );
        assert!(!found.contains("hush"), "{found}");
    }
}
