//! How long the target takes to answer.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::draws::Draws;
use super::error::TargetError;

/// The time between a request's arrival and the head of its answer.
///
/// Written as `none`, `5ms`, `2ms..20ms`, `median=8ms,p99=60ms` or
/// `5ms|50ms@10%`, with the units `us`, `ms` and `s`. The timer's resolution is one millisecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Latency {
    /// As fast as possible.
    None,
    /// Always the same.
    Fixed(Duration),
    /// Any duration in a range, all equally likely.
    Uniform {
        /// The shortest.
        from: Duration,
        /// The longest; not below `from`.
        to: Duration,
    },
    /// One of two, as where a cache answers most requests: each answer takes
    /// about as long as its hump, give or take a tenth (one deviation).
    Humps {
        /// Of most answers.
        first: Duration,
        /// Of the others.
        second: Duration,
        /// How many answers in a hundred are of the second.
        percent: u8,
    },
    /// Mostly near the median with a tail of slow ones, as services are.
    LogNormal {
        /// Half of the answers take less; above zero.
        median: Duration,
        /// 99 of 100 answers take less; not below the median.
        p99: Duration,
    },
}

/// How many standard deviations above the mean the 99th percentile of a normal
/// distribution lies.
const P99_DEVIATIONS: f64 = 2.326_347_874;

/// How far the answers of a hump spread around it.
const HUMP_DEVIATION: f64 = 0.1;

impl Latency {
    /// The latency of one request.
    pub(super) fn draw(self, draws: &mut Draws) -> Duration {
        match self {
            Self::None => Duration::ZERO,
            Self::Fixed(latency) => latency,
            Self::Uniform { from, to } => from + to.saturating_sub(from).mul_f64(draws.share()),
            Self::Humps {
                first,
                second,
                percent,
            } => {
                let is_second = draws.share() * 100.0 < f64::from(percent);
                let hump = if is_second { second } else { first };
                hump.mul_f64((1.0 + HUMP_DEVIATION * draws.normal()).max(0.0))
            }
            Self::LogNormal { median, p99 } => {
                let deviation = (p99.as_secs_f64() / median.as_secs_f64()).ln() / P99_DEVIATIONS;
                let seconds = median.as_secs_f64() * (deviation * draws.normal()).exp();
                // A hand-made median of zero gives no number: answer at once.
                Duration::try_from_secs_f64(seconds).unwrap_or_default()
            }
        }
    }
}

impl FromStr for Latency {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        parse(text.trim()).ok_or_else(|| TargetError::Latency(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<Latency> {
    if text.eq_ignore_ascii_case("none") {
        return Some(Latency::None);
    }
    if let Some((from, to)) = text.split_once("..") {
        let (from, to) = (duration(from)?, duration(to)?);
        return (from <= to).then_some(Latency::Uniform { from, to });
    }
    if let Some((first, second)) = text.split_once(',') {
        let (first, second) = (first.split_once('=')?, second.split_once('=')?);
        let (median, p99) = match (first.0.trim(), second.0.trim()) {
            ("median", "p99") => (duration(first.1)?, duration(second.1)?),
            ("p99", "median") => (duration(second.1)?, duration(first.1)?),
            _ => return None,
        };
        let sensible = !median.is_zero() && median <= p99;
        return sensible.then_some(Latency::LogNormal { median, p99 });
    }
    if let Some((first, second)) = text.split_once('|') {
        let (second, percent) = second.split_once('@')?;
        let percent = percent.trim().strip_suffix('%')?.parse().ok()?;
        let (first, second) = (duration(first)?, duration(second)?);
        return (percent <= 100).then_some(Latency::Humps {
            first,
            second,
            percent,
        });
    }
    duration(text).map(Latency::Fixed)
}

/// A duration as it is written here.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let unit_at = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(unit_at);
    let seconds_each = match unit {
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        _ => return None,
    };
    let number: f64 = number.trim().parse().ok()?;
    let duration = Duration::try_from_secs_f64(number * seconds_each).ok()?;
    // What the product lost below a nanosecond comes back when it is printed.
    Some(Duration::from_micros(
        (duration.as_secs_f64() * 1e6).round() as u64,
    ))
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Fixed(latency) => Written(*latency).fmt(f),
            Self::Uniform { from, to } => write!(f, "{}..{}", Written(*from), Written(*to)),
            Self::Humps {
                first,
                second,
                percent,
            } => write!(f, "{}|{}@{percent}%", Written(*first), Written(*second)),
            Self::LogNormal { median, p99 } => {
                write!(f, "median={},p99={}", Written(*median), Written(*p99))
            }
        }
    }
}

/// A duration in the units that [`Latency`] reads.
pub(super) struct Written(pub(super) Duration);

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let microseconds = self.0.as_micros();
        if microseconds.is_multiple_of(1000) {
            write!(f, "{}ms", microseconds / 1000)
        } else {
            write!(f, "{microseconds}us")
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_and_written_back() {
        for text in [
            "none",
            "5ms",
            "2ms..20ms",
            "median=8ms,p99=60ms",
            "250us",
            "5ms|50ms@10%",
        ] {
            assert_eq!(text.parse::<Latency>().unwrap().to_string(), text);
        }
        assert_eq!(
            "1.5s".parse::<Latency>().unwrap(),
            Latency::Fixed(Duration::from_millis(1500))
        );
        assert_eq!(
            "p99=60ms, median=8ms".parse::<Latency>().unwrap(),
            "median=8ms,p99=60ms".parse().unwrap()
        );
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_the_forms_that_do() {
        for text in [
            "",
            "5",
            "-5ms",
            "20ms..2ms",
            "median=0ms,p99=5ms",
            "median=9ms,p99=5ms",
            "5min",
            "p99=5ms",
            "5ms|50ms",
            "5ms|50ms@101%",
        ] {
            let error = text.parse::<Latency>().unwrap_err().to_string();
            assert!(error.contains("median=8ms,p99=60ms"), "{text}: {error}");
        }
    }

    #[test]
    fn a_log_normal_latency_has_the_median_and_the_tail_it_was_given() {
        let latency: Latency = "median=8ms,p99=60ms".parse().unwrap();
        let mut drawn: Vec<Duration> = (0..20_000)
            .map(|nth| latency.draw(&mut Draws::of_request(7, "GET", "/health", nth)))
            .collect();
        drawn.sort();
        let median = drawn[10_000].as_secs_f64() * 1e3;
        let p99 = drawn[19_800].as_secs_f64() * 1e3;
        assert!((7.5..8.5).contains(&median), "median {median} ms");
        assert!((54.0..66.0).contains(&p99), "p99 {p99} ms");
    }

    #[test]
    fn a_latency_with_two_humps_has_so_many_answers_in_each() {
        let latency: Latency = "5ms|50ms@10%".parse().unwrap();
        let slow = (0..10_000)
            .map(|nth| latency.draw(&mut Draws::of_request(7, "GET", "/health", nth)))
            .filter(|drawn| *drawn > Duration::from_millis(20))
            .count();
        assert!((900..1100).contains(&slow), "{slow} of 10,000");
    }

    #[test]
    fn a_uniform_latency_stays_in_its_range() {
        let latency: Latency = "2ms..20ms".parse().unwrap();
        for nth in 0..1000 {
            let drawn = latency.draw(&mut Draws::of_request(7, "GET", "/", nth));
            assert!(drawn >= Duration::from_millis(2) && drawn <= Duration::from_millis(20));
        }
    }
}
