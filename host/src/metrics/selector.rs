//! A metric, or a part of it: `http_req_duration{endpoint:rpc}`.

use std::fmt;
use std::str::FromStr;

use super::MetricsError;

/// A metric's name and what is asked of a sample's tags, as k6's submetrics.
///
/// Beside k6's `name:value` there are two forms of ours: `!name:value` is true
/// of samples that do not have this value, and `name:value*` of those whose
/// value begins so. In quotes, single or double, `*`, `!` and all the others
/// stand for themselves, and a quote written twice is a quote.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Selector {
    /// The metric.
    pub metric: String,
    /// What is asked of a sample, all of which must hold; nothing for the whole
    /// metric.
    pub tags: Vec<TagMatch>,
}

/// What is asked of one tag of a sample.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TagMatch {
    /// The tag's name.
    pub name: String,
    /// What its value is compared with.
    pub value: ValueMatch,
    /// Whether the comparison must fail. It does for a sample without the tag.
    pub negated: bool,
}

/// What a tag's value is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ValueMatch {
    /// The value is this one; an empty one asks for samples without the tag.
    Is(String),
    /// The value begins so. The tag must be there, so that an empty prefix asks
    /// for samples that have the tag at all.
    StartsWith(String),
}

impl Selector {
    /// Whether a sample with these tags belongs to it.
    pub(super) fn matches<'a>(&self, tag: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.tags.iter().all(|asked| asked.holds(tag(&asked.name)))
    }
}

impl TagMatch {
    /// The tag must have this value: k6's form.
    #[must_use]
    pub fn is(name: &str, value: &str) -> Self {
        Self {
            name: name.to_owned(),
            value: ValueMatch::Is(value.to_owned()),
            negated: false,
        }
    }

    fn holds(&self, value: Option<&str>) -> bool {
        let holds = match &self.value {
            ValueMatch::Is(asked) => value.unwrap_or("") == asked,
            ValueMatch::StartsWith(prefix) => {
                value.is_some_and(|value| value.starts_with(prefix.as_str()))
            }
        };
        holds != self.negated
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.metric)?;
        for (index, tag) in self.tags.iter().enumerate() {
            f.write_str(if index == 0 { "{" } else { "," })?;
            tag.fmt(f)?;
        }
        f.write_str(if self.tags.is_empty() { "" } else { "}" })
    }
}

impl fmt::Display for TagMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negated {
            f.write_str("!")?;
        }
        let plain = !self.name.contains([':', ',', '{', '}']) && !self.name.starts_with('!');
        written(f, &self.name, plain)?;
        f.write_str(":")?;
        match &self.value {
            ValueMatch::Is(value) => written(f, value, is_plain_value(value)),
            ValueMatch::StartsWith(prefix) => {
                // Before the `*`, a space at the end is part of the value.
                written(f, prefix, is_plain_value(prefix))?;
                f.write_str("*")
            }
        }
    }
}

/// Whether a value means itself without quotes.
fn is_plain_value(value: &str) -> bool {
    let mut depth = 0_usize;
    let balanced = value.chars().all(|letter| match letter {
        '{' => {
            depth += 1;
            true
        }
        '}' => {
            let open = depth > 0;
            depth = depth.saturating_sub(1);
            open
        }
        // Within braces too: whoever reads `{a,b}` is not to count braces.
        ',' | '*' => false,
        _ => true,
    });
    balanced && depth == 0
}

/// A text as it is read back: quoted only where it must be, since the name of a
/// series is also what dashboards look for.
fn written(f: &mut fmt::Formatter<'_>, text: &str, plain: bool) -> fmt::Result {
    if plain && text.trim() == text && !text.starts_with(['"', '\'']) {
        f.write_str(text)
    } else {
        write!(f, "\"{}\"", text.replace('"', "\"\""))
    }
}

impl FromStr for Selector {
    type Err = MetricsError;

    fn from_str(text: &str) -> Result<Self, MetricsError> {
        Parser { text, at: 0 }.selector()
    }
}

/// Reads a selector from left to right.
struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn selector(mut self) -> Result<Selector, MetricsError> {
        let end = self.text.find(['{', '}']).unwrap_or(self.text.len());
        let metric = self.text[..end].trim().to_owned();
        if metric.is_empty() {
            return Err(self.wrong("a metric's name was expected"));
        }
        self.at = end;
        if self.next() == Some('}') {
            return Err(self.wrong("`}` without `{` before it"));
        }
        let mut tags = Vec::new();
        if self.eat('{') {
            self.skip_space();
            if self.next().is_none() {
                return Err(self.wrong("`}` was expected"));
            }
            loop {
                tags.push(self.tag()?);
                if self.eat('}') {
                    break;
                }
                if !self.eat(',') {
                    return Err(self.wrong(if self.next().is_none() {
                        "`}` was expected"
                    } else {
                        "`,` or `}` was expected"
                    }));
                }
            }
        }
        self.skip_space();
        if self.next().is_some() {
            return Err(self.wrong(
                "the end was expected; a `}` that is part of a value \
                needs quotes around it",
            ));
        }
        Ok(Selector { metric, tags })
    }

    /// One tag, up to the `,` or `}` after it.
    fn tag(&mut self) -> Result<TagMatch, MetricsError> {
        self.skip_space();
        let start = self.at;
        let negated = self.eat('!');
        self.skip_space();
        let name_start = self.at;
        let name = match self.next() {
            Some(quote @ ('"' | '\'')) => self.quoted(quote)?,
            _ => self
                .up_to(|letter| matches!(letter, ':' | ',' | '}'))
                .to_owned(),
        };
        self.skip_space();
        if !self.eat(':') {
            if self.next().is_some() {
                self.at = start;
            }
            return Err(self.wrong("a tag was expected: `name:value`"));
        }
        if name.is_empty() {
            self.at = name_start;
            return Err(self.wrong("a tag's name was expected before `:`"));
        }
        self.skip_space();
        let value = match self.next() {
            Some(quote @ ('"' | '\'')) => {
                let value = self.quoted(quote)?;
                if self.eat('*') {
                    ValueMatch::StartsWith(value)
                } else {
                    ValueMatch::Is(value)
                }
            }
            _ => self.plain_value()?,
        };
        self.skip_space();
        Ok(TagMatch {
            name,
            value,
            negated,
        })
    }

    /// A value without quotes. Braces in it come in pairs, as in the names of
    /// URL templates, `/users/{id}`.
    fn plain_value(&mut self) -> Result<ValueMatch, MetricsError> {
        let start = self.at;
        let mut depth = 0_usize;
        let value = self.up_to(|letter| {
            match letter {
                '{' => depth += 1,
                '}' if depth == 0 => return true,
                '}' => depth -= 1,
                _ => {}
            }
            letter == ','
        });
        let (value, prefix) = match value.strip_suffix('*') {
            Some(prefix) => (prefix, true),
            None => (value, false),
        };
        if let Some(star) = value.find('*') {
            self.at = start + star;
            return Err(self.wrong(
                "`*` stands at the end of a value, for whatever follows, or in quotes, for itself",
            ));
        }
        Ok(if prefix {
            ValueMatch::StartsWith(value.to_owned())
        } else {
            ValueMatch::Is(value.to_owned())
        })
    }

    /// A text in quotes; a quote written twice is a quote.
    fn quoted(&mut self, quote: char) -> Result<String, MetricsError> {
        let start = self.at;
        self.eat(quote);
        let mut text = String::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(end) = rest.find(quote) else {
                self.at = start;
                return Err(self.wrong("this quote is not closed"));
            };
            text.push_str(&rest[..end]);
            self.at += end + 1;
            if !self.eat(quote) {
                return Ok(text);
            }
            text.push(quote);
        }
    }

    /// The text before a letter, without the space around it.
    fn up_to(&mut self, mut ends: impl FnMut(char) -> bool) -> &str {
        let rest = &self.text[self.at..];
        let end = rest.find(&mut ends).unwrap_or(rest.len());
        self.at += end;
        rest[..end].trim()
    }

    fn next(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn eat(&mut self, wanted: char) -> bool {
        let there = self.next() == Some(wanted);
        if there {
            self.at += wanted.len_utf8();
        }
        there
    }

    fn skip_space(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn wrong(&self, reason: &str) -> MetricsError {
        MetricsError::Syntax {
            text: self.text.to_owned(),
            column: self.text[..self.at].chars().count(),
            reason: reason.to_owned(),
        }
    }
}

#[cfg(test)]
#[path = "selector_tests.rs"]
mod tests;
