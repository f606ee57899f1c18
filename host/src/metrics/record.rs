//! Writing everything down that was measured, and reading it back: lossless, so
//! that the parts of a run merge into what one process would have measured.

use std::sync::Arc;
use std::time::Duration;

use super::endpoints::Row;
use super::recorded::{
    RecordError, Recorded, RecordedCheck, RecordedGroup, RecordedRow, RecordedSamples,
    RecordedSecond, RecordedSeconds, RecordedSeries, RecordedTrend, RecordedWindows, VERSION,
};
use super::schema::Schema;
use super::seconds::{Samples, SecondsOfOne, Slot};
use super::sink::Sink;
use super::tally::Counted;
use super::totals::Totals;
use super::{Selector, Threshold, builtin};

impl Totals {
    /// Everything that was measured, to be written down.
    #[must_use]
    pub fn record(&self) -> Recorded {
        let series = (0..self.sinks.len()).filter(|&series| self.sinks[series].samples() > 0);
        let series = series.filter_map(|series| {
            let unit = self.schema.registry().get(self.schema.of(series).0).unit;
            Some(RecordedSeries {
                name: self.schema.name(series),
                unit: unit.name().to_owned(),
                samples: RecordedSamples::of(&self.sinks[series])?,
            })
        });
        let mut series: Vec<_> = series.collect();
        series.sort_by(|one, other| one.name.cmp(&other.name));
        let mut checks = Vec::new();
        let mut groups = Vec::new();
        for (counted, &(passes, fails)) in &self.tally {
            match counted {
                Counted::Group(path) => groups.push(RecordedGroup {
                    path: path.to_string(),
                    entered: passes,
                }),
                Counted::Check(group, name) => checks.push(RecordedCheck {
                    group: group.to_string(),
                    name: name.to_string(),
                    passes,
                    fails,
                }),
            }
        }
        Recorded {
            version: VERSION,
            series,
            endpoints: self
                .endpoints
                .iter()
                .map(|(tags, row)| RecordedRow {
                    tags: tags
                        .iter()
                        .map(|(name, value)| (name.to_string(), value.to_string()))
                        .collect(),
                    requests: row.requests,
                    failed: row.failed,
                    interrupted: row.interrupted,
                    statuses: row
                        .statuses
                        .iter()
                        .map(|(status, count)| (status.to_string(), *count))
                        .collect(),
                    duration: RecordedTrend::of_row(row),
                })
                .collect(),
            checks,
            groups,
            windows: self.recorded_windows(),
        }
    }

    fn recorded_windows(&self) -> Option<RecordedWindows> {
        let seconds = self.windows.seconds()?;
        let series = seconds.series.iter().map(|(&series, one)| RecordedSeconds {
            name: self.schema.name(series),
            seconds: one.slots.iter().filter_map(recorded_second).collect(),
        });
        let mut series: Vec<_> = series.collect();
        series.sort_by(|one, other| one.name.cmp(&other.name));
        Some(RecordedWindows {
            ended_ns: nanoseconds(seconds.ended),
            given_up: seconds.given_up,
            series,
        })
    }

    /// What was written down. The thresholds are those of the same plan.
    ///
    /// # Errors
    ///
    /// When the record is of another plan or version, or was changed.
    pub fn restore(
        schema: Arc<Schema>,
        thresholds: &[(Selector, Vec<Threshold>)],
        recorded: &Recorded,
    ) -> Result<Self, RecordError> {
        if recorded.version != VERSION {
            return Err(RecordError::Version(recorded.version));
        }
        let mut totals = Self::new(schema);
        totals.watch(thresholds);
        for series in &recorded.series {
            let unknown = || RecordError::UnknownSeries(series.name.clone());
            let selector: Selector = series.name.parse().map_err(|_| unknown())?;
            let place = totals.schema.find(&selector).ok_or_else(unknown)?;
            let unit = totals.schema.registry().get(totals.schema.of(place).0).unit;
            let sink = series.samples.sink(&series.name)?;
            let same_type =
                std::mem::discriminant(&sink) == std::mem::discriminant(&totals.sinks[place]);
            if unit.name() != series.unit || !same_type {
                return Err(RecordError::OtherType(series.name.clone()));
            }
            totals.sinks[place] = sink;
        }
        for row in &recorded.endpoints {
            let tags = row.tags.iter();
            let tags = tags.map(|(name, value)| (name.as_str().into(), value.as_str().into()));
            let statuses = row.statuses.iter();
            let name = row.tags.get("name").map_or("an endpoint", String::as_str);
            let restored = Row {
                requests: row.requests,
                failed: row.failed,
                interrupted: row.interrupted,
                statuses: statuses
                    .map(|(status, count)| (status.as_str().into(), *count))
                    .collect(),
                duration: Sink::Trend(Box::new(row.duration.distribution(name)?)),
            };
            totals.endpoints.insert(tags.collect(), restored);
        }
        for check in &recorded.checks {
            let counted = Counted::Check(check.group.as_str().into(), check.name.as_str().into());
            totals.tally.insert(counted, (check.passes, check.fails));
        }
        for group in &recorded.groups {
            let counted = Counted::Group(group.path.as_str().into());
            totals.tally.insert(counted, (group.entered, 0));
        }
        if let Some(windows) = &recorded.windows {
            totals.restore_windows(windows)?;
        }
        Ok(totals)
    }

    fn restore_windows(&mut self, recorded: &RecordedWindows) -> Result<(), RecordError> {
        self.windows.keep_seconds();
        let mut seconds = self.windows.take_seconds();
        seconds.ended = Duration::from_nanos(recorded.ended_ns);
        for one in &recorded.series {
            let unknown = || RecordError::UnknownSeries(one.name.clone());
            let selector: Selector = one.name.parse().map_err(|_| unknown())?;
            let place = self.schema.find(&selector).ok_or_else(unknown)?;
            let kept = seconds.series.get_mut(&place).ok_or_else(unknown)?;
            restore_seconds(kept, one, seconds.ended)?;
        }
        if recorded.given_up {
            seconds.give_up();
        }
        self.windows.restore(seconds);
        Ok(())
    }

    /// Takes in what another part of the same run measured, in another process.
    /// Both must have the same schema and thresholds.
    ///
    /// Everything adds up as it would have in one process, in whatever order, but
    /// for the lowest and highest values of `vus` and `vus_max`: they are sums of
    /// what each part saw, exact where the parts were there at the same time.
    pub fn merge_part(&mut self, part: &Self) {
        for (series, (sink, more)) in self.sinks.iter_mut().zip(&part.sinks).enumerate() {
            let metric = self.schema.of(series).0;
            let each_has_a_share = matches!(metric, builtin::VUS | builtin::VUS_MAX);
            match (sink, more) {
                (Sink::Gauge(Some(values)), Sink::Gauge(Some(more))) if each_has_a_share => {
                    *values = values.added(more);
                }
                (sink, more) => sink.merge(more),
            }
        }
        for (tags, row) in &part.endpoints {
            self.merge_row(tags.clone(), row);
        }
        for (counted, &(passes, fails)) in &part.tally {
            self.merge_counts(counted.clone(), passes, fails);
        }
        self.windows.merge_part(&part.windows);
        self.windows.judge_anew();
        self.is_merged = true;
        self.stay_within_the_cap();
    }
}

fn recorded_second(slot: &Slot) -> Option<RecordedSecond> {
    let samples = match &slot.samples {
        Samples::None => None,
        Samples::Trend(packed) => Some(RecordedSamples::Trend(RecordedTrend::of(packed))),
        Samples::Other(sink) => RecordedSamples::of(sink),
    };
    Some(RecordedSecond {
        from_ns: nanoseconds(slot.from),
        to_ns: nanoseconds(slot.to),
        samples: samples?,
    })
}

/// Reads the seconds of a series, which must be in order and end with the load.
fn restore_seconds(
    kept: &mut SecondsOfOne,
    recorded: &RecordedSeconds,
    ended: Duration,
) -> Result<(), RecordError> {
    let mut last = Duration::ZERO;
    for second in &recorded.seconds {
        let sink = second.samples.sink(&recorded.name)?;
        let (from, to) = (
            Duration::from_nanos(second.from_ns),
            Duration::from_nanos(second.to_ns),
        );
        let same_type =
            std::mem::discriminant(&sink) == std::mem::discriminant(&Sink::new(kept.metric_type));
        if !same_type {
            return Err(RecordError::OtherType(recorded.name.clone()));
        }
        // What a gauge was before the load ends as it starts.
        let is_a_step = from < to || to == Duration::ZERO;
        if !is_a_step || to < last || to > ended {
            return Err(RecordError::Damaged(recorded.name.clone()));
        }
        last = to;
        kept.slots.push(Slot {
            from,
            to,
            samples: Samples::of(sink),
        });
    }
    Ok(())
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
#[path = "record_tests.rs"]
mod tests;
