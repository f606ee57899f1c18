//! Thresholds over a sliding window, so that a long run cannot hide a bad minute.

use std::collections::VecDeque;
use std::time::Duration;

use super::schema::Schema;
use super::seconds::{Samples, Seconds, Slot};
use super::sink::{Sink, TrendFigures};
use super::sliding::Sliding;
use super::{Aggregation, Expression, MetricId, MetricType, Selector, Threshold, Unit, builtin};

/// All windows of a run.
#[derive(Debug, Default)]
pub(super) struct Windows {
    watched: Vec<Watched>,
    /// Whether the first window has begun.
    begun: bool,
    /// What a part of a run keeps of its seconds.
    seconds: Option<Seconds>,
}

/// A series, seen through windows of one length.
#[derive(Debug)]
struct Watched {
    series: usize,
    /// The length as it was written.
    window: Duration,
    /// How long its slots are.
    step: Duration,
    /// How long it is in whole slots.
    length: Duration,
    metric_type: MetricType,
    /// Whether the parts of a run have its values together.
    parts_add_up: bool,
    unit: Unit,
    /// What came in since the last slot was closed.
    open: Sink,
    slots: VecDeque<Slot>,
    /// What the slots of a trend have together.
    trend: Sliding,
    /// When the last slot was closed.
    closed: Duration,
    /// A gauge keeps its value where it is not set anew.
    carried: Sink,
    conditions: Vec<Condition>,
}

/// A condition that must hold in every window, and what came of it.
#[derive(Debug)]
struct Condition {
    selector: Selector,
    expression: Expression,
    course: Course,
}

/// What came of a condition over all windows so far.
#[derive(Debug, Default)]
pub(super) struct Course {
    pub(super) judged: u64,
    pub(super) crossed: u64,
    /// Windows without samples, between windows that have some.
    pub(super) empty: u64,
    /// The value of the window in which it was nearest to failing, or failed by
    /// the most, and when that window ended.
    pub(super) worst: Option<(f64, Duration)>,
    /// When the first window without samples ended.
    pub(super) first_empty: Option<Duration>,
    /// Windows without samples since the last that had some, and when the first
    /// of them ended.
    pub(super) pending: Option<(u64, Duration)>,
    /// Whether the last window that was judged crossed it.
    pub(super) crosses_now: bool,
}

/// In how many steps a long window slides, at least. One of up to ten minutes
/// slides every second; one of an hour every six.
const MOST_SLOTS: u64 = 600;

impl Windows {
    /// The windows of those thresholds that have one.
    pub(super) fn new(schema: &Schema, thresholds: &[(Selector, Vec<Threshold>)]) -> Self {
        let mut windows = Self::default();
        for (selector, conditions) in thresholds {
            let Some(series) = schema.find(selector) else {
                continue;
            };
            for threshold in conditions {
                let Some(window) = threshold.window else {
                    continue;
                };
                let condition = Condition {
                    selector: selector.clone(),
                    expression: threshold.expression.clone(),
                    course: Course::default(),
                };
                let metric = schema.registry().get(schema.of(series).0);
                let watched = &mut windows.watched;
                match watched
                    .iter_mut()
                    .find(|one| one.series == series && one.window == window)
                {
                    Some(one) => one.conditions.push(condition),
                    None => watched.push(Watched::new(
                        (series, schema.of(series).0),
                        (metric.metric_type, metric.unit),
                        window,
                        condition,
                    )),
                }
            }
        }
        windows
    }

    /// Keeps the seconds of the load from now on, for [`Windows::merge_part`].
    pub(super) fn keep_seconds(&mut self) {
        let mut seconds = Seconds::default();
        for one in &self.watched {
            seconds.keep(one.series, one.metric_type, one.parts_add_up);
        }
        self.seconds = (!self.watched.is_empty()).then_some(seconds);
    }

    /// Takes them out, to be put back by [`Windows::restore`].
    pub(super) fn take_seconds(&mut self) -> Seconds {
        self.seconds.take().unwrap_or_default()
    }

    /// What was kept of them.
    pub(super) fn seconds(&self) -> Option<&Seconds> {
        self.seconds.as_ref()
    }

    /// Whether they were too many to be kept: what windows of the whole run came
    /// to is then not known.
    pub(super) fn seconds_are_given_up(&self) -> bool {
        self.seconds
            .as_ref()
            .is_some_and(|seconds| seconds.given_up)
    }

    /// Takes samples of a series in.
    pub(super) fn take_in(&mut self, series: usize, samples: &Sink) {
        for watched in self.watched.iter_mut().filter(|one| one.series == series) {
            watched.open.merge(samples);
        }
        if let Some(seconds) = &mut self.seconds {
            seconds.take_in(series, samples);
        }
    }

    /// A second is over: the windows slide, and those that are full are judged.
    /// The first call begins them; what came in before it is in none.
    pub(super) fn slide(&mut self, now: Duration) {
        let begins = !std::mem::replace(&mut self.begun, true);
        for watched in &mut self.watched {
            if begins {
                watched.begin();
            } else {
                watched.slide(now);
            }
        }
        match &mut self.seconds {
            Some(seconds) if begins => seconds.begin(),
            // After the load's end nothing more is of any second of it.
            Some(seconds) if now > seconds.ended => seconds.close(now),
            _ => {}
        }
    }

    /// What came of a threshold, and what it observes where no window is full
    /// yet: the run so far.
    pub(super) fn find(
        &self,
        selector: &Selector,
        expression: &Expression,
        window: Duration,
    ) -> Option<(&Course, Option<f64>)> {
        let watched = self.watched.iter().filter(|one| one.window == window);
        let mut found = watched.flat_map(|one| one.conditions.iter().map(move |of| (one, of)));
        let (watched, condition) = found.find(|(_, condition)| {
            condition.selector == *selector && condition.expression == *expression
        })?;
        let none_judged = condition.course.worst.is_none();
        let so_far = none_judged.then(|| watched.observed(condition.expression.aggregation));
        Some((&condition.course, so_far.flatten()))
    }

    /// How many slots are remembered.
    #[cfg(test)]
    pub(super) fn slots(&self) -> usize {
        self.watched.iter().map(|watched| watched.slots.len()).sum()
    }

    /// Takes in the seconds of another part of the run; [`Windows::judge_anew`] is
    /// to follow.
    pub(super) fn merge_part(&mut self, part: &Self) {
        if let (Some(seconds), Some(more)) = (&mut self.seconds, &part.seconds) {
            seconds.merge_part(more);
        }
    }

    /// The seconds are those that were read.
    pub(super) fn restore(&mut self, seconds: Seconds) {
        self.seconds = Some(seconds);
        self.judge_anew();
    }

    /// Goes through all seconds that were kept as if they passed now.
    pub(super) fn judge_anew(&mut self) {
        let Some(seconds) = self.seconds.take() else {
            return;
        };
        self.begun = false;
        for watched in &mut self.watched {
            watched.open = Sink::new(watched.metric_type);
            watched.carried = Sink::new(watched.metric_type);
        }
        let mut left: Vec<_> = seconds
            .series
            .iter()
            .map(|(series, one)| (*series, one.slots.iter().peekable()))
            .collect();
        for end in std::iter::once(Duration::ZERO).chain(seconds.ends()) {
            for (series, slots) in &mut left {
                while let Some(slot) = slots.next_if(|slot| slot.to <= end) {
                    if let Some(samples) = slot.samples.sink() {
                        self.take_in(*series, &samples);
                    }
                }
            }
            self.slide(end);
        }
        self.seconds = Some(seconds);
    }
}

impl Watched {
    fn new(
        (series, metric): (usize, MetricId),
        (metric_type, unit): (MetricType, Unit),
        window: Duration,
        condition: Condition,
    ) -> Self {
        let seconds = window.as_secs_f64();
        let step = (seconds / MOST_SLOTS as f64).ceil().max(1.0);
        let slots = (seconds / step).round().max(1.0);
        Self {
            series,
            window,
            step: Duration::from_secs_f64(step),
            length: Duration::from_secs_f64(step * slots),
            metric_type,
            parts_add_up: matches!(metric, builtin::VUS | builtin::VUS_MAX),
            unit,
            open: Sink::new(metric_type),
            slots: VecDeque::new(),
            trend: Sliding::default(),
            closed: Duration::ZERO,
            carried: Sink::new(metric_type),
            conditions: vec![condition],
        }
    }

    /// The load starts.
    fn begin(&mut self) {
        if self.metric_type == MetricType::Gauge {
            self.carried.merge(&self.open);
        }
        self.open = Sink::new(self.metric_type);
        self.slots.clear();
        self.trend = Sliding::default();
        self.closed = Duration::ZERO;
        for condition in &mut self.conditions {
            condition.course = Course::default();
        }
    }

    fn slide(&mut self, now: Duration) {
        // After the load's end nothing more is of any window.
        if now <= self.closed {
            return;
        }
        // A moment between two seconds is the load's end.
        let is_the_end = now.subsec_nanos() > 0;
        if now - self.closed < self.step && !is_the_end {
            return;
        }
        self.close(now);
        // What begins before the window and ends in it stays: where the end is
        // between two seconds the last window is longer than the others, rather
        // than cut short.
        let from = now.saturating_sub(self.length);
        while self.slots.front().is_some_and(|slot| slot.to <= from) {
            if let Some(Slot {
                samples: Samples::Trend(packed),
                ..
            }) = self.slots.pop_front()
            {
                self.trend.remove(&packed);
            }
        }
        if now >= self.length {
            self.judge();
        }
    }

    /// Puts what came in since the last time away.
    fn close(&mut self, now: Duration) {
        let open = std::mem::replace(&mut self.open, Sink::new(self.metric_type));
        if self.metric_type == MetricType::Gauge {
            self.carried.merge(&open);
        }
        let samples = Samples::of(open);
        if let Samples::Trend(packed) = &samples {
            self.trend.add(packed);
        }
        self.slots.push_back(Slot {
            from: self.closed,
            to: now,
            samples,
        });
        self.closed = now;
    }

    /// How long the window is now.
    fn span(&self) -> Duration {
        let from = self.slots.front().map_or(self.closed, |slot| slot.from);
        self.closed - from
    }

    fn judge(&mut self) {
        let exact = self.span() == self.length;
        let mut conditions = std::mem::take(&mut self.conditions);
        for condition in &mut conditions {
            let aggregation = condition.expression.aggregation;
            // Of more time than the others have a count says nothing.
            if aggregation != Aggregation::Count || exact {
                let observed = self.observed(aggregation);
                condition
                    .course
                    .judge(&condition.expression, observed, self.closed);
            }
        }
        self.conditions = conditions;
    }

    /// What a threshold compares, of the window as it is now.
    fn observed(&self, aggregation: Aggregation) -> Option<f64> {
        if self.metric_type == MetricType::Trend {
            return self.observed_of_trend(aggregation);
        }
        let mut merged = Sink::new(self.metric_type);
        for slot in &self.slots {
            if let Samples::Other(sink) = &slot.samples {
                merged.merge(sink);
            }
        }
        if merged.samples() == 0 && self.metric_type == MetricType::Gauge {
            merged.merge(&self.carried);
        }
        merged.observed(aggregation, self.unit, self.span().as_secs_f64())
    }

    fn observed_of_trend(&self, aggregation: Aggregation) -> Option<f64> {
        let count = self.trend.count();
        if count == 0 {
            return None;
        }
        let trends = || {
            self.slots.iter().filter_map(|slot| match &slot.samples {
                Samples::Trend(packed) => Some(packed),
                Samples::None | Samples::Other(_) => None,
            })
        };
        let min = trends().map(|packed| packed.min).min().unwrap_or_default();
        let max = trends().map(|packed| packed.max).max().unwrap_or_default();
        let figures = TrendFigures {
            count,
            sum: self.trend.sum(),
            min,
            max,
        };
        figures.observed(aggregation, self.unit, |percentile| {
            Some(self.trend.percentile(percentile).clamp(min, max))
        })
    }
}

impl Course {
    fn judge(&mut self, expression: &Expression, observed: Option<f64>, now: Duration) {
        let Some(value) = observed else {
            self.crosses_now = false;
            // Before the first sample and after the last there is nothing to be
            // missed: the scenario has not come to it yet, or is done with it.
            if self.judged > 0 {
                let (windows, first) = self.pending.unwrap_or((0, now));
                self.pending = Some((windows + 1, first));
            }
            return;
        };
        if let Some((windows, first)) = self.pending.take() {
            self.empty += windows;
            self.first_empty.get_or_insert(first);
        }
        self.judged += 1;
        self.crosses_now = !expression.operator.holds(value, expression.bound);
        self.crossed += u64::from(self.crosses_now);
        let worse = |(worst, _)| expression.operator.is_worse(value, worst, expression.bound);
        if self.worst.is_none_or(worse) {
            self.worst = Some((value, now));
        }
    }
}
