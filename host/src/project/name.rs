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

/// What would be taken for something else: words of Rust, modules of Python and
/// Node that a project's own must not hide.
const TAKEN: [&str; 12] = [
    "test", "self", "super", "crate", "core", "std", "build", "vuelo", "scenario", "sdk", "wit",
    "all",
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
        let error = "test".parse::<ProjectName>().unwrap_err();
        assert!(error.contains("`test-load`"), "{error}");
    }
}
