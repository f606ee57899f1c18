//! What a scenario can be written in.

use std::fmt;

use serde::Deserialize;

/// What a scenario can be written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// By cargo, for `wasm32-wasip2`.
    Rust,
    /// By componentize-qjs, or componentize-js.
    JavaScript,
    /// The same, with the types checked first.
    TypeScript,
    /// By componentize-py.
    Python,
    /// By clang with wasi-libc.
    C,
    /// By Go's own compiler.
    Go,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Rust,
        Self::JavaScript,
        Self::TypeScript,
        Self::Python,
        Self::C,
        Self::Go,
    ];

    /// The one command that brings the language's tools, in the project's folder.
    #[must_use]
    pub fn installing(self) -> &'static str {
        match self {
            Self::Rust => "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh",
            Self::JavaScript | Self::TypeScript => "npm install",
            Self::Python | Self::Go => {
                "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt"
            }
            Self::C => "apt-get install clang lld wasi-libc libclang-rt-14-dev-wasm32",
        }
    }

    /// Its name in `vuelo.toml` and in the names of folders.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::JavaScript => "javascript",
            Self::TypeScript => "typescript",
            Self::Python => "python",
            Self::C => "c",
            Self::Go => "go",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rust => "Rust",
            Self::JavaScript => "JavaScript",
            Self::TypeScript => "TypeScript",
            Self::Python => "Python",
            Self::C => "C",
            Self::Go => "Go",
        })
    }
}

/// The interpreter inside a component of JavaScript or TypeScript.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// Small and quick to start; no `fetch`.
    #[default]
    QuickJs,
    /// Firefox's, with the web's interfaces.
    StarlingMonkey,
}
