//! The seconds of a part of a run, kept so that the windows of all parts can be
//! judged as those of one process.

use std::collections::BTreeMap;
use std::time::Duration;

use super::MetricType;
use super::distribution::Distribution;
use super::packed::Packed;
use super::sink::Sink;

/// How many bytes the seconds may take: some ten hours of one trend at a
/// thousand requests a second.
pub(super) const MOST_BYTES_OF_SECONDS: usize = 32 << 20;

/// What a second takes beside the buckets of a trend.
const BYTES_OF_A_SECOND: usize = 128;

/// What came in during a step of time, small: many of them are remembered.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Slot {
    pub(super) from: Duration,
    pub(super) to: Duration,
    pub(super) samples: Samples,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Samples {
    None,
    Trend(Packed),
    Other(Sink),
}

impl Samples {
    pub(super) fn of(sink: Sink) -> Self {
        match sink {
            sink if sink.samples() == 0 => Self::None,
            Sink::Trend(distribution) => Self::Trend(distribution.packed()),
            other => Self::Other(other),
        }
    }

    /// The same to record further samples into; nothing where there are none.
    pub(super) fn sink(&self) -> Option<Sink> {
        match self {
            Self::None => None,
            // It was packed in this process, or checked when it was read.
            Self::Trend(packed) => Distribution::unpacked(packed)
                .ok()
                .map(|distribution| Sink::Trend(Box::new(distribution))),
            Self::Other(sink) => Some(sink.clone()),
        }
    }

    fn bytes(&self) -> usize {
        let buckets = match self {
            Self::Trend(packed) => packed.buckets.as_ref().map_or(0, |one| one.bytes().len()),
            Self::None | Self::Other(_) => 0,
        };
        buckets + BYTES_OF_A_SECOND
    }

    /// Takes in what another part had at the same time. Where `adds_up`, each part
    /// has a share of a gauge.
    fn merge(&mut self, other: &Self, adds_up: bool) {
        *self = match (&*self, other) {
            (one, Self::None) => one.clone(),
            (Self::Trend(one), Self::Trend(other)) => Self::Trend(one.merged(other)),
            (Self::Other(Sink::Gauge(Some(one))), Self::Other(Sink::Gauge(Some(other))))
                if adds_up =>
            {
                Self::Other(Sink::Gauge(Some(one.added(other))))
            }
            (Self::Other(one), Self::Other(other)) => {
                let mut merged = one.clone();
                merged.merge(other);
                Self::Other(merged)
            }
            (_, other) => other.clone(),
        };
    }
}

/// The seconds of some series, from the start of the load on.
#[derive(Debug, Default)]
pub(super) struct Seconds {
    /// By series, in the order of time; none without samples.
    pub(super) series: BTreeMap<usize, SecondsOfOne>,
    /// When the last one ended.
    pub(super) ended: Duration,
    /// Whether they took more than they may.
    pub(super) given_up: bool,
    bytes: usize,
}

#[derive(Debug)]
pub(super) struct SecondsOfOne {
    pub(super) metric_type: MetricType,
    /// Whether each part has a share of its values.
    pub(super) adds_up: bool,
    pub(super) slots: Vec<Slot>,
    open: Sink,
}

impl Seconds {
    /// Keeps a series from now on.
    pub(super) fn keep(&mut self, series: usize, metric_type: MetricType, adds_up: bool) {
        self.series.entry(series).or_insert_with(|| SecondsOfOne {
            metric_type,
            adds_up,
            slots: Vec::new(),
            open: Sink::new(metric_type),
        });
    }

    /// Takes samples of the second that is not over yet.
    pub(super) fn take_in(&mut self, series: usize, samples: &Sink) {
        if let Some(one) = self.series.get_mut(&series) {
            one.open.merge(samples);
        }
    }

    /// The load begins: what came in before is of no second of it, but a gauge
    /// keeps its value.
    pub(super) fn begin(&mut self) {
        for one in self.series.values_mut() {
            let open = std::mem::replace(&mut one.open, Sink::new(one.metric_type));
            if one.metric_type == MetricType::Gauge && open.samples() > 0 {
                one.slots.push(Slot {
                    from: Duration::ZERO,
                    to: Duration::ZERO,
                    samples: Samples::of(open),
                });
            }
        }
    }

    /// A second is over.
    pub(super) fn close(&mut self, now: Duration) {
        for one in self.series.values_mut() {
            let open = std::mem::replace(&mut one.open, Sink::new(one.metric_type));
            let samples = Samples::of(open);
            if !self.given_up && samples != Samples::None {
                self.bytes += samples.bytes();
                one.slots.push(Slot {
                    from: self.ended,
                    to: now,
                    samples,
                });
            }
        }
        self.ended = now;
        if self.bytes > MOST_BYTES_OF_SECONDS {
            self.give_up();
        }
    }

    pub(super) fn give_up(&mut self) {
        self.given_up = true;
        self.bytes = 0;
        for one in self.series.values_mut() {
            one.slots = Vec::new();
        }
    }

    /// Takes in the seconds of another part.
    pub(super) fn merge_part(&mut self, part: &Self) {
        self.ended = self.ended.max(part.ended);
        if self.given_up || part.given_up {
            self.give_up();
            return;
        }
        for (series, more) in &part.series {
            if let Some(one) = self.series.get_mut(series) {
                one.merge_part(more);
            }
        }
    }

    /// When one process would have looked at them: every second, and at the end.
    /// Where a part missed a second, its samples are those of two together.
    pub(super) fn ends(&self) -> Vec<Duration> {
        let whole = (1..=self.ended.as_secs()).map(Duration::from_secs);
        let mut ends: Vec<Duration> = whole.collect();
        if self.ended.subsec_nanos() > 0 {
            ends.push(self.ended);
        }
        let slots = || self.series.values().flat_map(|one| &one.slots);
        let long = |slot: &&Slot| slot.to.saturating_sub(slot.from) > Duration::from_secs(1);
        for slot in slots().filter(long) {
            ends.retain(|&end| end <= slot.from || end >= slot.to);
        }
        ends
    }
}

impl SecondsOfOne {
    fn merge_part(&mut self, part: &Self) {
        let mut merged: BTreeMap<(Duration, Duration), Samples> = BTreeMap::new();
        for slot in self.slots.drain(..) {
            merged.insert((slot.to, slot.from), slot.samples);
        }
        for slot in &part.slots {
            merged
                .entry((slot.to, slot.from))
                .or_insert(Samples::None)
                .merge(&slot.samples, self.adds_up);
        }
        let slots = merged.into_iter();
        self.slots = slots
            .map(|((to, from), samples)| Slot { from, to, samples })
            .collect();
    }
}
