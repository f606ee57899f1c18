//! `vuelo new`

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::project::{Language, ProjectName};

/// Make a scenario's project: one that works, with its test and its build.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// What the scenario is called: small letters, digits and hyphens
    #[arg(value_name = "NAME")]
    pub name: ProjectName,

    /// What it is written in
    #[arg(long, short, value_name = "LANGUAGE")]
    pub lang: LanguageName,

    /// The folder to make, in place of one of the scenario's name
    #[arg(long, value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

/// A language, as it is written on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LanguageName {
    /// Rust, by cargo
    Rust,
    /// JavaScript, by componentize-qjs
    #[value(alias = "javascript")]
    Js,
    /// TypeScript, by componentize-qjs
    #[value(alias = "typescript")]
    Ts,
    /// Python, by componentize-py
    #[value(alias = "py")]
    Python,
    /// C, by clang
    C,
    /// Go, by its own compiler
    Go,
}

impl From<LanguageName> for Language {
    fn from(name: LanguageName) -> Self {
        match name {
            LanguageName::Rust => Self::Rust,
            LanguageName::Js => Self::JavaScript,
            LanguageName::Ts => Self::TypeScript,
            LanguageName::Python => Self::Python,
            LanguageName::C => Self::C,
            LanguageName::Go => Self::Go,
        }
    }
}
