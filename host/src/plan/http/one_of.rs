//! One of a few words.

use crate::plan::near::nearest;

/// The value that a word stands for, or what is wrong with the word.
pub(super) fn one_of<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, String> {
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
        return Ok(*value);
    }
    let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
    let list = known.join(", ");
    Err(match nearest(text, known.iter().copied()) {
        Some(near) => format!("`{text}` is none of {list}; did you mean `{near}`?"),
        None => format!("`{text}` is none of {list}"),
    })
}

/// The word that stands for a value.
pub(super) fn word_of<T: PartialEq>(value: T, words: &[(&'static str, T)]) -> &'static str {
    let found = words.iter().find(|(_, known)| *known == value);
    found.map_or("", |(word, _)| *word)
}
