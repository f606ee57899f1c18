//! Numbers as people read them.

use crate::metrics::Unit;

/// A value in its unit: `12.3ms`, `4.5 MB`, `17`.
pub(super) fn in_unit(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Milliseconds => milliseconds(value),
        Unit::Bytes => bytes(value),
        Unit::None => plain(value),
    }
}

/// Milliseconds in the unit that leaves the fewest digits before the point.
pub(super) fn milliseconds(value: f64) -> String {
    // Each bound is where rounding would show a thousand of the smaller unit.
    if value < 0.0005 {
        "0s".to_owned()
    } else if value < 0.9995 {
        format!("{:.0}µs", value * 1e3)
    } else if value < 999.995 {
        format!("{value:.2}ms")
    } else if value < 59_995.0 {
        format!("{:.2}s", value / 1e3)
    } else {
        let seconds = (value / 1e3).round() as u64;
        format!("{}m{:02}s", seconds / 60, seconds % 60)
    }
}

/// Bytes in decimal units, as k6 shows them.
pub(super) fn bytes(value: f64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"];
    let mut value = value;
    let mut unit = 0;
    while value >= 1e3 && unit + 1 < units.len() {
        value /= 1e3;
        unit += 1;
    }
    if unit == 0 {
        format!("{value:.0} B")
    } else {
        format!("{value:.1} {}", units[unit])
    }
}

/// A number without a unit: whole where it is, else with up to four digits after
/// the point.
pub(super) fn plain(value: f64) -> String {
    if value == value.trunc() && value.abs() < 1e15 {
        return format!("{value:.0}");
    }
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A share in percent.
pub(super) fn percent(share: f64) -> String {
    format!("{:.2}%", share * 1e2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_shown_in_the_unit_that_fits() {
        for (value, shown) in [
            (0.0, "0s"),
            (0.0421, "42µs"),
            (1.234_5, "1.23ms"),
            (0.000_1, "0s"),
            (0.999_9, "1.00ms"),
            (999.4, "999.40ms"),
            (999.999, "1.00s"),
            (59_999.0, "1m00s"),
            (119_999.0, "2m00s"),
            (1_500.0, "1.50s"),
            (125_000.0, "2m05s"),
        ] {
            assert_eq!(milliseconds(value), shown);
        }
    }

    #[test]
    fn bytes_are_shown_in_decimal_units() {
        assert_eq!(bytes(999.0), "999 B");
        assert_eq!(bytes(1_234.0), "1.2 kB");
        assert_eq!(bytes(5_600_000.0), "5.6 MB");
    }

    #[test]
    fn plain_numbers_have_no_digits_that_say_nothing() {
        assert_eq!(plain(17.0), "17");
        assert_eq!(plain(0.25), "0.25");
        assert_eq!(plain(1.0 / 3.0), "0.3333");
    }
}
