//! What a project is called.

use std::fmt;
use std::str::FromStr;

/// What a project is called: a word that cargo, npm, Python and Go all take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectName(String);

impl ProjectName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same where a hyphen cannot stand.
    #[must_use]
    pub fn as_identifier(&self) -> String {
        self.0.replace('-', "_")
    }
}

/// What would be taken for something else: words of Rust, C, Go and Python, and
/// modules that a project's own must not hide.
const TAKEN: [&str; 63] = [
    "all", "and", "as", "assert", "async", "await", "box", "break", "build", "case", "chan",
    "class", "const", "continue", "core", "crate", "def", "default", "defer", "do", "dyn", "else",
    "enum", "extern", "false", "fn", "for", "func", "go", "if", "impl", "import", "in", "lambda",
    "let", "loop", "main", "match", "mod", "move", "mut", "package", "pub", "ref", "return",
    "scenario", "sdk", "self", "static", "std", "struct", "super", "test", "trait", "true", "type",
    "unsafe", "use", "vuelo", "where", "while", "wit", "yield",
];

impl FromStr for ProjectName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let good = text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.chars().all(letters)
            && !text.ends_with('-')
            && !text.contains("--");
        if !good {
            return Err(format!(
                "`{text}` is no name for a project: write small letters, digits and single hyphens, as in `checkout-load`"
            ));
        }
        if TAKEN.contains(&text) {
            return Err(format!(
                "`{text}` means something else already: take another name, as in `{text}-load`"
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for ProjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_that_every_language_takes() {
        let name: ProjectName = "checkout-load-2".parse().unwrap();
        assert_eq!(name.as_identifier(), "checkout_load_2");
        for bad in [
            "", "2nd", "Shop", "a_b", "a b", "../a", "a-", "a--b", "über",
        ] {
            let error = bad.parse::<ProjectName>().unwrap_err();
            assert!(error.contains("small letters"), "{error}");
        }
        assert!("type".parse::<ProjectName>().is_err());
        let error = "test".parse::<ProjectName>().unwrap_err();
        assert!(error.contains("`test-load`"), "{error}");
    }
}
