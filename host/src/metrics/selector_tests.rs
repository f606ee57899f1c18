#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

fn tags(text: &str) -> Vec<TagMatch> {
    text.parse::<Selector>().unwrap().tags
}

fn matches(text: &str, tag: Option<&str>) -> bool {
    text.parse::<Selector>().unwrap().matches(|_| tag)
}

#[test]
fn a_selector_reads_tags_with_spaces_quotes_and_colons() {
    let selector: Selector = "http_reqs{ endpoint:rpc, group:\"::a::b\" }"
        .parse()
        .unwrap();
    assert_eq!(selector.metric, "http_reqs");
    assert_eq!(
        selector.tags,
        [
            TagMatch::is("endpoint", "rpc"),
            TagMatch::is("group", "::a::b")
        ]
    );
    assert_eq!(selector.to_string(), "http_reqs{endpoint:rpc,group:::a::b}");
}

#[test]
fn a_comma_in_quotes_belongs_to_the_value() {
    assert_eq!(
        tags("m{name: \"/x?a=1,b:2\",who:it's,c:d}"),
        [
            TagMatch::is("name", "/x?a=1,b:2"),
            TagMatch::is("who", "it's"),
            TagMatch::is("c", "d")
        ]
    );
}

#[test]
fn a_url_template_needs_no_quotes() {
    let text = "http_reqs{name:/users/{id}/posts,method:GET}";
    assert_eq!(tags(text)[0], TagMatch::is("name", "/users/{id}/posts"));
    assert_eq!(text.parse::<Selector>().unwrap().to_string(), text);
}

#[test]
fn not_is_true_of_another_value_and_of_none() {
    assert!(!matches("m{!endpoint:rpc}", Some("rpc")));
    assert!(matches("m{!endpoint:rpc}", Some("page")));
    assert!(matches("m{!endpoint:rpc}", None));
}

#[test]
fn a_prefix_is_true_of_what_begins_so() {
    assert!(matches("m{name:/users/*}", Some("/users/1")));
    assert!(matches("m{name:/users/*}", Some("/users/")));
    assert!(!matches("m{name:/users/*}", Some("/user")));
    assert!(!matches("m{!name:/users/*}", Some("/users/1")));
    assert!(matches("m{name:*}", Some("x")));
    assert!(!matches("m{name:*}", None), "it has no such tag");
    assert!(matches("m{name:}", None));
    assert!(!matches("m{name:}", Some("x")));
}

#[test]
fn in_quotes_every_letter_stands_for_itself() {
    assert_eq!(tags("m{name:'/a*'}"), [TagMatch::is("name", "/a*")]);
    assert_eq!(tags("m{'!odd':x}"), [TagMatch::is("!odd", "x")]);
    assert_eq!(
        tags("m{a:\"say \"\"b\"\"\"}"),
        [TagMatch::is("a", "say \"b\"")]
    );
    let prefix = ValueMatch::StartsWith("x,y".to_owned());
    assert_eq!(tags("m{a:\"x,y\"*}")[0].value, prefix);
}

#[test]
fn a_mistake_is_pointed_at() {
    let error = "http_reqs{endpoint}".parse::<Selector>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "a tag was expected: `name:value`\n  http_reqs{endpoint}\n            ^"
    );
    for (bad, column) in [
        ("", 0),
        ("  ", 0),
        ("{a:b}", 0),
        ("}", 0),
        ("x}", 1),
        ("x{a:b", 5),
        ("x{", 2),
        ("x{a", 3),
        ("x{:b}", 2),
        ("x{!:b}", 3),
        ("x{}", 2),
        ("x{a:b,}", 6),
        ("x{a:b}}", 6),
        ("x{a:b} y", 7),
        ("x{a:'b}", 4),
        ("x{a:\"b\" c}", 8),
        ("x{a:/*/b}", 5),
        ("größe{ä:b", 9),
    ] {
        let error = bad.parse::<Selector>().unwrap_err();
        let MetricsError::Syntax { column: at, .. } = &error else {
            panic!("{error:?}")
        };
        assert_eq!(*at, column, "{bad}: {error}");
    }
}

fn any_tag() -> impl Strategy<Value = TagMatch> {
    // Letters that mean something are frequent, so that quotes are tried.
    let text = "[ab \"'!*{},:]{0,8}";
    ("[ab \"'!*{},:]{1,6}", text, any::<bool>(), any::<bool>()).prop_map(
        |(name, value, prefix, negated)| TagMatch {
            name,
            value: if prefix {
                ValueMatch::StartsWith(value)
            } else {
                ValueMatch::Is(value)
            },
            negated,
        },
    )
}

proptest! {
    #[test]
    fn what_a_selector_writes_it_reads(
        metric in "[a-z_]{1,12}",
        tags in prop::collection::vec(any_tag(), 0..4),
    ) {
        let selector = Selector { metric, tags };
        let text = selector.to_string();
        prop_assert_eq!(text.parse::<Selector>().unwrap(), selector, "{}", text);
    }

    #[test]
    fn no_text_panics_the_parser(text in "\\PC{0,40}") {
        let _ = text.parse::<Selector>();
    }
}
