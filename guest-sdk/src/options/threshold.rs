use crate::json::Json;

/// What must hold for a metric for the run to pass, in k6's words: `p(95)<500`,
/// `rate<0.01`, `count>100`. A text is one, too.
///
/// ```
/// use vuelo_sdk::Threshold;
///
/// let optional = Threshold::new("p(95)<100").or_no_data();
/// let plain: Threshold = "p(95)<100".into();
/// assert_ne!(optional, plain);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Threshold {
    expression: String,
    no_data_passes: bool,
    abort_on_fail: bool,
    delay_abort_eval: Option<String>,
}

impl Threshold {
    /// The threshold of this expression.
    pub fn new(expression: &str) -> Self {
        Self {
            expression: expression.to_owned(),
            ..Self::default()
        }
    }

    /// Passes where nothing was measured (`onNoData: "pass"`). Otherwise a
    /// rate, trend or gauge without samples fails.
    pub fn or_no_data(mut self) -> Self {
        self.no_data_passes = true;
        self
    }

    /// Ends the run as soon as it fails.
    pub fn abort_on_fail(mut self) -> Self {
        self.abort_on_fail = true;
        self
    }

    /// For how long after the start it does not end the run.
    pub fn delay_abort_eval(mut self, delay: &str) -> Self {
        self.delay_abort_eval = Some(delay.to_owned());
        self
    }

    pub(super) fn write(&self, json: &mut Json) {
        if !self.no_data_passes && !self.abort_on_fail && self.delay_abort_eval.is_none() {
            json.string(&self.expression);
            return;
        }
        json.object(|json| {
            json.key("threshold").string(&self.expression);
            if self.no_data_passes {
                json.key("onNoData").string("pass");
            }
            if self.abort_on_fail {
                json.key("abortOnFail").truth(true);
            }
            if let Some(delay) = &self.delay_abort_eval {
                json.key("delayAbortEval").string(delay);
            }
        });
    }
}

impl From<&str> for Threshold {
    fn from(expression: &str) -> Self {
        Self::new(expression)
    }
}
