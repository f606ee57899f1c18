//! What thresholds say of what was measured.

use std::time::Duration;

use super::totals::Totals;
use super::window::Course;
use super::{OnNoData, Selector, Threshold};

/// What one threshold says.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// What it is about.
    pub selector: Selector,
    /// The condition as it was written, and the window that it must hold in, if
    /// it has one.
    pub threshold: String,
    /// What came of it: of the whole run, or of its worst window.
    pub finding: Finding,
    /// What came of its windows, if it has one.
    pub windows: Option<WindowsJudged>,
    /// Whether the run can pass with it.
    pub ok: bool,
    /// Whether the run is to end because of it, now.
    pub abort: bool,
    /// Whether it did end the run. Then it is not ok, whatever it says now.
    pub ended_the_run: bool,
}

/// What came of a threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Finding {
    /// The condition held for this value.
    Held(f64),
    /// It did not hold for this value.
    Crossed(f64),
    /// There was nothing to judge.
    NoData,
}

impl Finding {
    /// The value that was judged.
    #[must_use]
    pub fn observed(self) -> Option<f64> {
        match self {
            Self::Held(value) | Self::Crossed(value) => Some(value),
            Self::NoData => None,
        }
    }
}

/// What came of the windows of a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowsJudged {
    /// How long a window is.
    pub length: Duration,
    /// How many were judged; none where the run was shorter than one, which is
    /// then judged as a whole.
    pub judged: u64,
    /// In how many of them the condition did not hold.
    pub crossed: u64,
    /// When the worst one ended, since the start of the load.
    pub worst_ended: Option<Duration>,
    /// How many had no samples, although there were samples before and after
    /// them.
    pub empty: u64,
    /// When the first of these ended.
    pub first_empty_ended: Option<Duration>,
}

impl Totals {
    /// What the thresholds say after a run of this length, or so far.
    #[must_use]
    pub fn evaluate(
        &self,
        thresholds: &[(Selector, Vec<Threshold>)],
        elapsed: Duration,
    ) -> Vec<Verdict> {
        let mut verdicts = Vec::new();
        for (selector, conditions) in thresholds {
            for threshold in conditions {
                verdicts.push(self.judge(selector, threshold, elapsed));
            }
        }
        verdicts
    }

    fn judge(&self, selector: &Selector, threshold: &Threshold, elapsed: Duration) -> Verdict {
        match threshold.window {
            None => self.judge_whole(selector, threshold, elapsed),
            Some(window) => self.judge_windows(selector, threshold, window, elapsed),
        }
    }

    fn judge_whole(
        &self,
        selector: &Selector,
        threshold: &Threshold,
        elapsed: Duration,
    ) -> Verdict {
        let expression = &threshold.expression;
        let observed = self.schema.find(selector).and_then(|series| {
            let unit = self.schema.registry().get(self.schema.of(series).0).unit;
            self.sinks[series].observed(expression.aggregation, unit, elapsed.as_secs_f64())
        });
        let finding = finding(threshold, observed);
        let crossed = matches!(finding, Finding::Crossed(_));
        Verdict {
            selector: selector.clone(),
            threshold: threshold.to_string(),
            finding,
            windows: None,
            ok: passes(threshold, finding),
            // Without samples a run goes on: they may be still to come.
            abort: crossed && may_abort(threshold, elapsed),
            ended_the_run: false,
        }
    }

    fn judge_windows(
        &self,
        selector: &Selector,
        threshold: &Threshold,
        window: Duration,
        elapsed: Duration,
    ) -> Verdict {
        let none = (&Course::default(), None);
        let found = self.windows.find(selector, &threshold.expression, window);
        let (course, so_far) = found.unwrap_or(none);
        let worst = course.worst.map(|(value, _)| value);
        let mut finding = finding(threshold, worst.or(so_far));
        let unknown = self.windows.seconds_are_given_up() && self.is_merged;
        if unknown {
            finding = Finding::NoData;
        }
        // A window that crossed it says more than one without samples.
        let fails_for_want_of_data = course.empty > 0 && threshold.on_no_data == OnNoData::Fail;
        if fails_for_want_of_data && matches!(finding, Finding::Held(_)) {
            finding = Finding::NoData;
        }
        Verdict {
            selector: selector.clone(),
            threshold: threshold.to_string(),
            finding,
            windows: Some(WindowsJudged {
                length: window,
                judged: course.judged,
                crossed: course.crossed,
                worst_ended: course.worst.map(|(_, ended)| ended),
                empty: course.empty,
                first_empty_ended: course.first_empty,
            }),
            ok: passes(threshold, finding) && !unknown,
            abort: course.crosses_now && may_abort(threshold, elapsed),
            ended_the_run: false,
        }
    }
}

fn finding(threshold: &Threshold, observed: Option<f64>) -> Finding {
    let expression = &threshold.expression;
    match observed {
        None => Finding::NoData,
        Some(value) if expression.operator.holds(value, expression.bound) => Finding::Held(value),
        Some(value) => Finding::Crossed(value),
    }
}

fn passes(threshold: &Threshold, finding: Finding) -> bool {
    match finding {
        Finding::Held(_) => true,
        Finding::Crossed(_) => false,
        Finding::NoData => threshold.on_no_data == OnNoData::Pass,
    }
}

fn may_abort(threshold: &Threshold, elapsed: Duration) -> bool {
    threshold.abort_on_fail && elapsed >= threshold.delay_abort_eval
}
