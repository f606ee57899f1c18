//! The text at the end of a run.

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use super::numbers::{bytes, in_unit, milliseconds, percent, plain};
use super::{Colour, Paint};
use crate::metrics::{CheckRow, EndpointRow, Finding, MetricSummary, MetricType, Unit, Verdict};
use crate::output::RunRecord;
use crate::run::Ending;

/// The summary of a run: checks, metrics, endpoints, thresholds, verdict.
#[must_use]
pub fn text(record: &RunRecord<'_>, archived: Option<&Path>, paint: Paint) -> String {
    let mut text = String::new();
    checks(&mut text, &record.outcome.summary.checks, paint);
    metrics(&mut text, &record.outcome.summary.metrics, paint);
    endpoints(&mut text, &record.outcome.summary.endpoints, paint);
    thresholds(&mut text, record, paint);
    verdict(&mut text, record, archived, paint);
    text
}

/// Writing to a `String` cannot fail, so its result says nothing.
macro_rules! line {
    ($text:expr, $($argument:tt)*) => { let _ = writeln!($text, $($argument)*); };
}

fn heading(text: &mut String, title: &str, paint: Paint) {
    line!(text, "\n  {}", paint.text(Colour::Heading, title));
}

fn checks(text: &mut String, checks: &[CheckRow], paint: Paint) {
    if checks.is_empty() {
        return;
    }
    heading(text, "checks", paint);
    let width = checks.iter().map(|check| check.name.chars().count()).max();
    let width = width.unwrap_or(0) + 2;
    let mut group = "";
    for check in checks {
        if check.group != group {
            group = &check.group;
            line!(
                text,
                "    {}",
                group.trim_start_matches("::").replace("::", " › ")
            );
        }
        let total = check.passes + check.fails;
        let sign = if check.fails == 0 {
            paint.text(Colour::Good, "✓")
        } else {
            paint.text(Colour::Bad, "✗")
        };
        let dots = ".".repeat(width - check.name.chars().count());
        line!(
            text,
            "      {sign} {} {} {:<8} {} of {total}",
            check.name,
            paint.text(Colour::Faint, dots),
            percent(check.passes as f64 / total as f64),
            check.passes
        );
    }
}

/// The values of a trend that a line of the summary shows.
const TREND_COLUMNS: [&str; 7] = ["avg", "min", "med", "max", "p(90)", "p(95)", "p(99)"];

fn metrics(text: &mut String, metrics: &[MetricSummary], paint: Paint) {
    let (trends, others): (Vec<_>, Vec<_>) = metrics
        .iter()
        .partition(|metric| metric.metric_type == MetricType::Trend);
    if metrics.is_empty() {
        return;
    }
    heading(text, "metrics", paint);
    let width = metrics
        .iter()
        .map(|metric| shown_name(metric).chars().count())
        .max()
        .unwrap_or(0);
    for metric in others {
        line!(
            text,
            "    {} {}",
            dotted(metric, width, paint),
            single_values(metric)
        );
    }
    if !trends.is_empty() {
        let columns: String = TREND_COLUMNS
            .iter()
            .map(|column| format!("{column:>10}"))
            .collect();
        line!(
            text,
            "    {:width$}  {}",
            "",
            paint.text(Colour::Faint, columns)
        );
    }
    let corrected = trends
        .iter()
        .any(|metric| CORRECTED.contains(&&*metric.metric));
    for metric in trends {
        let values: String = TREND_COLUMNS
            .iter()
            .map(|column| trend_value(metric, metric.value(column)))
            .map(|value| format!("{value:>10}"))
            .collect();
        line!(text, "    {}{values}", dotted(metric, width, paint));
    }
    if corrected {
        let legend = "corrected: from when the iteration was to start, its wait for its turn \
                      included; the others: from when it did start";
        line!(text, "    {}", paint.text(Colour::Faint, legend));
    }
}

/// The trends that count from an iteration's intended start.
const CORRECTED: [&str; 2] = [
    "http_req_duration_corrected",
    "iteration_duration_corrected",
];

/// A percentile that was given up for want of memory is not known, and not 0.
fn trend_value(metric: &MetricSummary, value: Option<f64>) -> String {
    let Some(value) = value else {
        return "–".to_owned();
    };
    match &*metric.metric {
        // The one metric in percent.
        "generator_cpu" => format!("{value:.0}%"),
        _ => in_unit(value, metric.unit),
    }
}

/// A part of a metric is shown below it, by its tags alone.
fn shown_name(metric: &MetricSummary) -> String {
    match metric.name.strip_prefix(&metric.metric) {
        Some("") | None => metric.name.clone(),
        Some(tags) => format!("  {tags}"),
    }
}

fn dotted(metric: &MetricSummary, width: usize, paint: Paint) -> String {
    let name = shown_name(metric);
    let dots = ".".repeat(width + 2 - name.chars().count());
    format!("{name}{}", paint.text(Colour::Faint, dots))
}

fn single_values(metric: &MetricSummary) -> String {
    let value = |name: &str| metric.value(name).unwrap_or_default();
    match metric.metric_type {
        MetricType::Counter if metric.unit == Unit::Bytes => {
            format!("{:<12} {}/s", bytes(value("count")), bytes(value("rate")))
        }
        MetricType::Counter => {
            format!("{:<12} {:.2}/s", plain(value("count")), value("rate"))
        }
        MetricType::Gauge => format!(
            "{:<12} min={} max={}",
            in_unit(value("value"), metric.unit),
            in_unit(value("min"), metric.unit),
            in_unit(value("max"), metric.unit)
        ),
        MetricType::Rate => format!(
            "{:<12} {} of {}",
            percent(value("rate")),
            plain(value("passes")),
            plain(value("passes") + value("fails"))
        ),
        MetricType::Trend => String::new(),
    }
}

/// How many endpoints are shown; the results file has them all.
const MOST_ENDPOINTS: usize = 40;

fn endpoints(text: &mut String, rows: &[EndpointRow], paint: Paint) {
    if rows.is_empty() {
        return;
    }
    heading(text, "endpoints", paint);
    let mut rows: Vec<_> = rows.iter().map(|row| (endpoint_name(row), row)).collect();
    rows.sort_by(|(one, _), (other, _)| one.cmp(other));
    let width = rows
        .iter()
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or(0);
    let columns = ["requests", "failed", "p(50)", "p(95)", "p(99)"];
    let columns: String = columns
        .iter()
        .map(|column| format!("{column:>10}"))
        .collect();
    line!(
        text,
        "    {:width$}{}",
        "",
        paint.text(Colour::Faint, columns)
    );
    for (name, row) in rows.iter().take(MOST_ENDPOINTS) {
        let time = |wanted: &str| {
            let found = row.duration.iter().find(|(known, _)| known == wanted);
            let count = row.duration.first().map_or(0.0, |&(_, count)| count);
            match found {
                Some(&(_, value)) if count > 0.0 => milliseconds(value),
                _ => "–".to_owned(),
            }
        };
        let failed = format!("{:>10}", row.failed);
        let failed = if row.failed > 0 {
            paint.text(Colour::Bad, failed)
        } else {
            failed
        };
        line!(
            text,
            "    {name:width$}{:>10}{failed}{:>10}{:>10}{:>10}{}",
            row.requests,
            time("p(50)"),
            time("p(95)"),
            time("p(99)"),
            if row.interrupted > 0 {
                format!("  ({} interrupted)", row.interrupted)
            } else {
                String::new()
            }
        );
    }
    if rows.len() > MOST_ENDPOINTS {
        line!(
            text,
            "    … and {} more in the results file",
            rows.len() - MOST_ENDPOINTS
        );
    }
}

/// `POST /a2a/navi/rpc (navi, rpc, health)`: method, path, and the tags that tell
/// requests to one path apart.
fn endpoint_name(row: &EndpointRow) -> String {
    let name = row.tag("name").unwrap_or("?");
    let path = url::Url::parse(name).map_or_else(
        |_| name.to_owned(),
        |url| url[url::Position::BeforePath..].to_owned(),
    );
    let mut text = format!("{} {path}", row.tag("method").unwrap_or("?"));
    let apart: Vec<&str> = row
        .tags
        .iter()
        .filter(|(tag, _)| !["name", "method", "scenario"].contains(&tag.as_str()))
        .map(|(_, value)| value.as_str())
        .chain(row.tag("scenario").is_none().then_some("outside the load"))
        .collect();
    if !apart.is_empty() {
        let _ = write!(text, " ({})", apart.join(", "));
    }
    text
}

fn thresholds(text: &mut String, record: &RunRecord<'_>, paint: Paint) {
    let verdicts = &record.outcome.verdicts;
    if verdicts.is_empty() {
        return;
    }
    heading(text, "thresholds", paint);
    let width = verdicts
        .iter()
        .map(|verdict| condition(verdict).chars().count())
        .max()
        .unwrap_or(0);
    for verdict in verdicts {
        let sign = match (verdict.ok, verdict.finding) {
            (true, Finding::NoData) => paint.text(Colour::Faint, "–"),
            (true, _) => paint.text(Colour::Good, "✓"),
            (false, _) => paint.text(Colour::Bad, "✗"),
        };
        line!(
            text,
            "    {sign} {:width$}  {}",
            condition(verdict),
            observed(record, verdict)
        );
    }
}

fn condition(verdict: &Verdict) -> String {
    format!("{}: {}", verdict.selector, verdict.threshold)
}

/// What a threshold observed, and in which window, if it has one.
fn observed(record: &RunRecord<'_>, verdict: &Verdict) -> String {
    let value = observed_value(record, verdict);
    let when = |ended: Duration| milliseconds(ended.as_secs_f64() * 1e3);
    let Some(windows) = &verdict.windows else {
        return value;
    };
    match (
        verdict.finding,
        windows.first_empty_ended,
        windows.worst_ended,
    ) {
        (Finding::NoData, Some(ended), _) => format!(
            "nothing (no data) in {} of {} windows, the first until {}",
            windows.empty,
            windows.empty + windows.judged,
            when(ended)
        ),
        (Finding::Held(_), _, Some(ended)) => format!("{value} at worst, until {}", when(ended)),
        (Finding::Crossed(_), _, Some(ended)) => format!(
            "{value} at worst, until {}; crossed in {} of {} windows",
            when(ended),
            windows.crossed,
            windows.judged
        ),
        _ => format!("{value} in a run shorter than the window"),
    }
}

/// What a threshold observed, in the unit of its metric.
fn observed_value(record: &RunRecord<'_>, verdict: &Verdict) -> String {
    let registry = record.schema.registry();
    let metric = registry
        .find(&verdict.selector.metric)
        .map(|id| registry.get(id));
    let Some(value) = verdict.finding.observed() else {
        return if verdict.ok {
            "no data".to_owned()
        } else {
            "nothing (no data)".to_owned()
        };
    };
    match metric {
        Some(metric) if metric.metric_type == MetricType::Rate => percent(value),
        Some(metric) if !verdict.threshold.starts_with("count") => in_unit(value, metric.unit),
        _ => plain(value),
    }
}

fn verdict(text: &mut String, record: &RunRecord<'_>, archived: Option<&Path>, paint: Paint) {
    let outcome = record.outcome;
    line!(text, "");
    let took = milliseconds(outcome.load_time.as_secs_f64() * 1e3);
    match outcome.endings.decisive() {
        Ending::Passed => {
            let passed = paint.text(Colour::Good, "passed");
            line!(
                text,
                "  {passed}: {} in {took}, seed {}",
                record.name,
                record.seed
            );
        }
        _ => {
            let code = outcome.endings.exit_code();
            let failed = paint.text(Colour::Bad, format!("failed ({code})"));
            line!(
                text,
                "  {failed}: {} in {took}, seed {}",
                record.name,
                record.seed
            );
            for ending in outcome.endings.all() {
                match ending {
                    Ending::ThresholdsFailed(_) => {
                        line!(text, "    thresholds failed:");
                        for crossed in outcome.verdicts.iter().filter(|verdict| !verdict.ok) {
                            let observed = observed(record, crossed);
                            line!(text, "      {}, observed {observed}", condition(crossed));
                        }
                    }
                    other => {
                        line!(text, "    {other}");
                    }
                }
            }
        }
    }
    if let Some(path) = archived {
        line!(text, "  results: {}", path.display());
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::metrics::{Registry, Schema, Selector, Shard, TagSet, Totals, builtin};

    /// The summary's lines of metrics, of requests that took a second each.
    fn lines(most_bytes: usize) -> Vec<String> {
        let part: Selector = "http_req_duration{!name:x}".parse().unwrap();
        let schema = Schema::new(Registry::new(), [&part], []).unwrap();
        let schema = Arc::new(schema.with_most_bytes(most_bytes));
        let mut totals = Totals::new(Arc::clone(&schema));
        let mut shard = Shard::new(schema);
        for metric in [
            builtin::HTTP_REQ_DURATION,
            builtin::HTTP_REQ_DURATION_CORRECTED,
            builtin::ITERATION_DURATION,
        ] {
            shard.add_duration(metric, TagSet::default(), Duration::from_secs(1));
        }
        totals.merge(shard.take());
        let mut text = String::new();
        let summary = totals.summary(Duration::from_secs(10));
        metrics(&mut text, &summary.metrics, Paint::Plain);
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_part_of_a_metric_stands_below_it_and_not_below_another_one() {
        let names = lines(usize::MAX);
        let names: Vec<_> = names
            .iter()
            .filter(|line| line.contains(".."))
            .map(|line| line.trim_start().split_once("..").unwrap().0)
            .collect();
        assert_eq!(
            names,
            [
                "http_req_duration",
                "{!name:x}",
                "http_req_duration_corrected",
                "iteration_duration"
            ]
        );
    }

    #[test]
    fn a_percentile_that_was_given_up_is_not_shown_as_a_number() {
        let lines = lines(0);
        let line = lines
            .iter()
            .find(|line| line.contains("iteration_duration."));
        let values: Vec<_> = line.unwrap().split_whitespace().skip(1).collect();
        assert_eq!(values, ["1.00s", "1.00s", "–", "1.00s", "–", "–", "–"]);
    }
}
