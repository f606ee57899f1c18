//! The name that was probably meant.

/// The nearest of the known names, unless none is near enough to have been
/// meant.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    known
        .into_iter()
        .map(|known| {
            (
                strsim::damerau_levenshtein(&lower, &known.to_lowercase()),
                known,
            )
        })
        .filter(|(distance, known)| *distance <= 1 + known.chars().count() / 4)
        .min()
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_near_and_another_word_is_not() {
        let known = ["thresholds", "stages", "vus"];
        assert_eq!(nearest("treshold", known), Some("thresholds"));
        assert_eq!(nearest("Stages", known), Some("stages"));
        assert_eq!(nearest("vsu", known), Some("vus"));
        assert_eq!(nearest("executor", known), None);
    }
}
