//! A metric, or a part of it: `http_req_duration{endpoint:rpc}`.

use std::fmt;
use std::str::FromStr;

use super::MetricsError;

/// A metric's name and the tags that a sample must have, as k6's submetrics.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Selector {
    /// The metric.
    pub metric: String,
    /// The tags, all of which a sample must have; none for the whole metric.
    pub tags: Vec<(String, String)>,
}

impl Selector {
    /// Whether a sample with these tags belongs to it.
    pub(super) fn matches<'a>(&self, tag: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.tags
            .iter()
            .all(|(name, value)| tag(name).unwrap_or("") == value)
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.metric)?;
        if !self.tags.is_empty() {
            let tags: Vec<_> = self
                .tags
                .iter()
                .map(|(name, value)| written(name, value))
                .collect();
            write!(f, "{{{}}}", tags.join(","))?;
        }
        Ok(())
    }
}

impl FromStr for Selector {
    type Err = MetricsError;

    fn from_str(text: &str) -> Result<Self, MetricsError> {
        let wrong = |column: usize, reason: &str| MetricsError::Syntax {
            text: text.to_owned(),
            column: text[..column].chars().count(),
            reason: reason.to_owned(),
        };
        let Some(open) = text.find('{') else {
            let metric = text.trim();
            if metric.is_empty() {
                return Err(wrong(0, "a metric's name was expected"));
            }
            if let Some(at) = text.find('}') {
                return Err(wrong(at, "`}` without `{` before it"));
            }
            return Ok(Self {
                metric: metric.to_owned(),
                tags: Vec::new(),
            });
        };
        let metric = text[..open].trim().to_owned();
        if metric.is_empty() {
            return Err(wrong(0, "a metric's name was expected"));
        }
        let body_start = open + 1;
        let Some(inner) = text[body_start..].trim_end().strip_suffix('}') else {
            return Err(wrong(text.trim_end().len(), "`}` was expected"));
        };
        let mut tags = Vec::new();
        let mut at = body_start;
        for part in parts(inner) {
            // A tag's value may hold colons, as URLs and groups (`::a`) do.
            let Some((name, value)) = part.split_once(':') else {
                return Err(wrong(at, "a tag was expected: `name:value`"));
            };
            let name = unquoted(name);
            if name.is_empty() {
                return Err(wrong(at, "a tag's name was expected before `:`"));
            }
            tags.push((name.to_owned(), unquoted(value).to_owned()));
            at += part.len() + 1;
        }
        Ok(Self { metric, tags })
    }
}

/// A tag as it is read back: quoted only where it must be, since the name of a
/// series is also what dashboards look for.
fn written(name: &str, value: &str) -> String {
    if value.contains(',') {
        format!("{name}:\"{value}\"")
    } else {
        format!("{name}:{value}")
    }
}

/// The text between commas that are not in quotes. A quote opens only where a
/// value begins, so that an apostrophe within one is a letter.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut quote, mut value_begins) = (0, None, false);
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (Some(open), _) if open == letter => quote = None,
            (Some(_), _) => {}
            (None, ',') => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            (None, '"' | '\'') if value_begins => quote = Some(letter),
            (None, _) => {}
        }
        value_begins = letter == ':' || (value_begins && letter.is_whitespace());
    }
    parts.push(&text[start..]);
    parts
}

fn unquoted(text: &str) -> &str {
    let text = text.trim();
    for quote in ['"', '\''] {
        if let Some(inner) = text
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote))
        {
            return inner;
        }
    }
    text
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_selector_reads_tags_with_spaces_quotes_and_colons() {
        let selector: Selector = "http_reqs{ endpoint:rpc, group:\"::a::b\" }"
            .parse()
            .unwrap();
        assert_eq!(selector.metric, "http_reqs");
        let tags = [("endpoint", "rpc"), ("group", "::a::b")];
        assert_eq!(
            selector.tags,
            tags.map(|(n, v)| (n.to_owned(), v.to_owned()))
        );
        assert_eq!(selector.to_string(), "http_reqs{endpoint:rpc,group:::a::b}");
    }

    #[test]
    fn a_comma_in_quotes_belongs_to_the_value() {
        let selector: Selector = "m{name: \"/x?a=1,b:2\",who:it's,c:d}".parse().unwrap();
        let tags = [("name", "/x?a=1,b:2"), ("who", "it's"), ("c", "d")];
        assert_eq!(
            selector.tags,
            tags.map(|(n, v)| (n.to_owned(), v.to_owned()))
        );
    }

    #[test]
    fn a_mistake_is_pointed_at() {
        let error = "http_reqs{endpoint}".parse::<Selector>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "a tag was expected: `name:value`\n  http_reqs{endpoint}\n            ^"
        );
        for bad in ["", "{a:b}", "x{a:b", "x{:b}", "x{}", "x}"] {
            assert!(bad.parse::<Selector>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_a_selector_writes_it_reads(
            metric in "[a-z_]{1,12}",
            tags in prop::collection::vec(("[a-z]{1,6}", "[a-z0-9:/.,_-]{0,9}"), 0..4),
        ) {
            let selector = Selector { metric, tags };
            prop_assert_eq!(selector.to_string().parse::<Selector>().unwrap(), selector);
        }

        #[test]
        fn no_text_panics_the_parser(text in "\\PC{0,40}") {
            let _ = text.parse::<Selector>();
        }
    }
}
