//! Thresholds over a sliding window, so that a long run cannot hide a bad minute.

use std::collections::VecDeque;
use std::time::Duration;

use super::distribution::Distribution;
use super::packed::Packed;
use super::schema::Schema;
use super::sink::Sink;
use super::{Aggregation, Expression, MetricId, MetricType, Selector, Threshold, Unit, builtin};

/// All windows of a run.
#[derive(Debug, Default)]
pub(super) struct Windows {
    watched: Vec<Watched>,
    /// When the first window began, in the time of the load.
    begun: Option<Duration>,
}

/// A series, seen through windows of one length.
#[derive(Debug)]
struct Watched {
    series: usize,
    length: Duration,
    metric_type: MetricType,
    /// Whether the parts of a run have its values together.
    parts_add_up: bool,
    unit: Unit,
    /// What came in since the last slot was closed.
    open: Sink,
    slots: VecDeque<Slot>,
    /// When the last slot was closed.
    closed: Duration,
    /// A gauge keeps its value where it is not set anew.
    carried: Sink,
    conditions: Vec<Condition>,
}

/// The samples of a second, or of a longer step of a long window.
#[derive(Debug)]
struct Slot {
    from: Duration,
    to: Duration,
    samples: Samples,
}

/// The samples of a slot, small: a window remembers many of them.
#[derive(Debug)]
enum Samples {
    None,
    Trend(Packed),
    Other(Sink),
}

/// A condition that must hold in every window, and what came of it.
#[derive(Debug)]
pub(super) struct Condition {
    pub(super) selector: Selector,
    pub(super) expression: Expression,
    pub(super) window: Duration,
    pub(super) course: Course,
}

/// What came of a condition over all windows so far.
#[derive(Debug, Clone, Default, PartialEq)]
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
const MOST_SLOTS: u32 = 600;

/// How much earlier than a second after the last one a merge may come and still
/// be the next second's.
const EARLY: Duration = Duration::from_millis(500);

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
                    window,
                    course: Course::default(),
                };
                let metric = schema.registry().get(schema.of(series).0);
                let watched = &mut windows.watched;
                match watched
                    .iter_mut()
                    .find(|one| one.series == series && one.length == window)
                {
                    Some(one) => one.conditions.push(condition),
                    None => watched.push(Watched {
                        series,
                        length: window,
                        metric_type: metric.metric_type,
                        parts_add_up: parts_add_up(schema.of(series).0, metric.metric_type),
                        unit: metric.unit,
                        open: Sink::new(metric.metric_type),
                        slots: VecDeque::new(),
                        closed: Duration::ZERO,
                        carried: Sink::new(metric.metric_type),
                        conditions: vec![condition],
                    }),
                }
            }
        }
        windows
    }

    /// Takes samples of a series in.
    pub(super) fn take_in(&mut self, series: usize, samples: &Sink) {
        for watched in self.watched.iter_mut().filter(|one| one.series == series) {
            watched.open.merge(samples);
        }
    }

    /// A second is over: the windows slide, and those that are full are judged.
    /// The first call begins them; what came in before it is in none.
    pub(super) fn slide(&mut self, now: Duration) {
        let begun = *self.begun.get_or_insert(now);
        for watched in &mut self.watched {
            if begun == now {
                watched.begin(now);
            } else {
                watched.slide(begun, now);
            }
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
        self.watched.iter().find_map(|watched| {
            let condition = watched.conditions.iter().find(|condition| {
                condition.selector == *selector
                    && condition.expression == *expression
                    && condition.window == window
            })?;
            let so_far = watched.observed(&watched.merged(), condition, watched.closed);
            Some((&condition.course, so_far))
        })
    }

    /// How many slots are remembered.
    #[cfg(test)]
    pub(super) fn slots(&self) -> usize {
        self.watched.iter().map(|watched| watched.slots.len()).sum()
    }

    /// What came of every condition; of one without a full window so far, its
    /// value for the whole of it.
    pub(super) fn courses(&self) -> impl Iterator<Item = (&Condition, Course)> {
        self.watched.iter().flat_map(|watched| {
            let merged = watched.merged();
            watched.conditions.iter().map(move |condition| {
                let mut course = condition.course.clone();
                if course.worst.is_none() {
                    let so_far = watched.observed(&merged, condition, watched.closed);
                    course.worst = so_far.map(|value| (value, watched.closed));
                }
                (condition, course)
            })
        })
    }

    /// Takes in what came of the same conditions in another part of the run.
    pub(super) fn merge_part(&mut self, part: &Self) {
        let courses = part.courses().map(|(_, course)| course);
        for ((parts_add_up, condition), course) in self.conditions_mut().zip(courses) {
            let expression = &condition.expression;
            condition
                .course
                .merge_part(&course, parts_add_up, expression);
        }
    }

    /// All conditions, with whether the parts of a run have their values together.
    pub(super) fn conditions_mut(&mut self) -> impl Iterator<Item = (bool, &mut Condition)> {
        self.watched.iter_mut().flat_map(|watched| {
            let parts_add_up = watched.parts_add_up;
            let conditions = watched.conditions.iter_mut();
            conditions.map(move |condition| (parts_add_up, condition))
        })
    }
}

/// Whether a value of the whole run is the sum of its parts' values.
fn parts_add_up(metric: MetricId, metric_type: MetricType) -> bool {
    metric_type == MetricType::Counter || matches!(metric, builtin::VUS | builtin::VUS_MAX)
}

impl Watched {
    fn begin(&mut self, now: Duration) {
        self.close(now);
        self.slots.clear();
    }

    fn slide(&mut self, begun: Duration, now: Duration) {
        // After the load's end nothing more is of any window.
        if now <= self.closed {
            return;
        }
        let step = self.length / MOST_SLOTS;
        if now.saturating_sub(self.closed) + EARLY < step {
            return;
        }
        self.close(now);
        // A slot belongs to the window in which its middle lies, since seconds
        // are not quite equal.
        while self
            .slots
            .front()
            .is_some_and(|slot| (slot.from + slot.to) / 2 + self.length < now)
        {
            self.slots.pop_front();
        }
        if now.saturating_sub(begun) + EARLY >= self.length {
            self.judge(now);
        }
    }

    /// Puts what came in since the last time away.
    fn close(&mut self, now: Duration) {
        let samples = std::mem::replace(&mut self.open, Sink::new(self.metric_type));
        if self.metric_type == MetricType::Gauge {
            self.carried.merge(&samples);
        }
        let samples = match samples {
            samples if samples.samples() == 0 => Samples::None,
            Sink::Trend(distribution) => Samples::Trend(distribution.packed()),
            other => Samples::Other(other),
        };
        self.slots.push_back(Slot {
            from: self.closed,
            to: now,
            samples,
        });
        self.closed = now;
    }

    fn judge(&mut self, now: Duration) {
        let merged = self.merged();
        let mut conditions = std::mem::take(&mut self.conditions);
        for condition in &mut conditions {
            let observed = self.observed(&merged, condition, now);
            condition.course.judge(&condition.expression, observed, now);
        }
        self.conditions = conditions;
    }

    /// What is in the window.
    fn merged(&self) -> Sink {
        let mut merged = Sink::new(self.metric_type);
        for slot in &self.slots {
            match &slot.samples {
                Samples::None => {}
                Samples::Trend(packed) => {
                    if let Ok(distribution) = Distribution::unpacked(packed) {
                        merged.merge(&Sink::Trend(Box::new(distribution)));
                    }
                }
                Samples::Other(sink) => merged.merge(sink),
            }
        }
        if merged.samples() == 0 && self.metric_type == MetricType::Gauge {
            merged.merge(&self.carried);
        }
        merged
    }

    fn observed(&self, merged: &Sink, condition: &Condition, now: Duration) -> Option<f64> {
        let from = self.slots.front()?.from;
        let seconds = now.saturating_sub(from).as_secs_f64();
        merged.observed(condition.expression.aggregation, self.unit, seconds)
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

    /// What another part of the run came to. Which of the windows fell together
    /// is not known any more; what is said holds for the worst case, so that a
    /// threshold passes only where it would have passed in one process.
    pub(super) fn merge_part(&mut self, other: &Self, parts_add_up: bool, expression: &Expression) {
        self.judged = self.judged.max(other.judged);
        // One part may have had samples where the other had none.
        self.empty = self.empty.max(other.empty);
        self.first_empty = match (self.first_empty, other.first_empty) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        let (operator, bound) = (expression.operator, expression.bound);
        // What the parts have together is at most, or at least, what they had in
        // their worst windows together; all the others lie between the parts'.
        let adds_up = parts_add_up || expression.aggregation == Aggregation::Count;
        self.worst = match (self.worst, other.worst) {
            (Some(one), None) | (None, Some(one)) => Some(one),
            (Some(one), Some(other)) if adds_up => Some((one.0 + other.0, one.1.min(other.1))),
            (Some(one), Some(other)) => {
                let worse = operator.is_worse(other.0, one.0, bound)
                    || (other.0 == one.0 && other.1 < one.1);
                Some(if worse { other } else { one })
            }
            (None, None) => None,
        };
        self.crossed = match self.worst {
            Some((value, _)) if !operator.holds(value, bound) => {
                self.crossed.max(other.crossed).max(1)
            }
            _ => 0,
        };
    }
}
