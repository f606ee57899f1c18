//! Colours, where they are wanted.

use std::fmt::Display;

use anstyle::{AnsiColor, Style};

/// What a text is, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// It went well.
    Good,
    /// It went badly.
    Bad,
    /// It wants a look.
    Notable,
    /// It is less important than what stands beside it.
    Faint,
    /// It is a heading.
    Heading,
}

/// Whether texts are coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// They are.
    Coloured,
    /// They are as they are.
    Plain,
}

impl Paint {
    /// Colours for a terminal, unless they were refused by a flag or by the
    /// variable `NO_COLOR`.
    #[must_use]
    pub fn for_terminal(is_terminal: bool, refused: bool) -> Self {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        if is_terminal && !refused && !no_color {
            Self::Coloured
        } else {
            Self::Plain
        }
    }

    /// The text in its colour.
    #[must_use]
    pub fn text(self, colour: Colour, text: impl Display) -> String {
        if self == Self::Plain {
            return text.to_string();
        }
        let style = match colour {
            Colour::Good => Style::new().fg_color(Some(AnsiColor::Green.into())),
            Colour::Bad => Style::new().fg_color(Some(AnsiColor::Red.into())),
            Colour::Notable => Style::new().fg_color(Some(AnsiColor::Yellow.into())),
            Colour::Faint => Style::new().dimmed(),
            Colour::Heading => Style::new().bold(),
        };
        format!("{style}{text}{style:#}")
    }
}
