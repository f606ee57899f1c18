//! Thresholds: what must be true of a metric for a run to pass.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::{MetricType, MetricsError};

/// A percentile, from 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Percentile(f64);

impl Percentile {
    /// Half of the samples.
    pub const MEDIAN: Self = Self(50.0);

    /// A percentile; `None` outside of 0 to 100.
    #[must_use]
    pub fn new(value: f64) -> Option<Self> {
        (0.0..=100.0).contains(&value).then_some(Self(value))
    }

    /// Its number.
    #[must_use]
    pub fn value(self) -> f64 {
        self.0
    }
}

impl fmt::Display for Percentile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p({})", self.0)
    }
}

/// What of a metric is compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Aggregation {
    /// A counter's sum, or a trend's number of samples.
    Count,
    /// A counter's sum per second, or a rate's share.
    Rate,
    /// A gauge's last value.
    Value,
    /// A trend's mean.
    Avg,
    /// A trend's smallest sample.
    Min,
    /// A trend's largest sample.
    Max,
    /// A trend's median.
    Med,
    /// A trend's percentile.
    Percentile(Percentile),
}

impl fmt::Display for Aggregation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Count => "count",
            Self::Rate => "rate",
            Self::Value => "value",
            Self::Avg => "avg",
            Self::Min => "min",
            Self::Max => "max",
            Self::Med => "med",
            Self::Percentile(percentile) => return percentile.fmt(f),
        })
    }
}

/// How an observed value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `==`, and k6's `===`.
    Equal,
    /// `!=`
    NotEqual,
}

impl Operator {
    /// Whether the observed value compares so with the bound.
    #[must_use]
    pub fn holds(self, observed: f64, bound: f64) -> bool {
        match self {
            Self::Less => observed < bound,
            Self::LessOrEqual => observed <= bound,
            Self::Greater => observed > bound,
            Self::GreaterOrEqual => observed >= bound,
            Self::Equal => observed == bound,
            Self::NotEqual => observed != bound,
        }
    }

    /// Whether one value is nearer to failing, or fails by more, than another.
    pub(super) fn is_worse(self, one: f64, other: f64, bound: f64) -> bool {
        match self {
            Self::Less | Self::LessOrEqual => one > other,
            Self::Greater | Self::GreaterOrEqual => one < other,
            Self::Equal => (one - bound).abs() > (other - bound).abs(),
            Self::NotEqual => (one - bound).abs() < (other - bound).abs(),
        }
    }
}

/// A condition such as `p(95)<500`. Its `Display` is the text it was read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    /// What is compared.
    pub aggregation: Aggregation,
    /// How.
    pub operator: Operator,
    /// With what, in the metric's unit.
    pub bound: f64,
    text: String,
}

impl Expression {
    /// Refuses what the metric does not have. k6's rules: a counter has a count
    /// and a rate, a gauge a value, a rate a rate, a trend the rest.
    ///
    /// # Errors
    ///
    /// When the metric does not have what is compared.
    pub fn check(&self, metric_type: MetricType) -> Result<(), MetricsError> {
        use Aggregation as A;
        let valid: &[&str] = match (metric_type, self.aggregation) {
            (MetricType::Counter, A::Count | A::Rate)
            | (MetricType::Gauge, A::Value)
            | (MetricType::Rate, A::Rate)
            | (
                MetricType::Trend,
                A::Count | A::Avg | A::Min | A::Max | A::Med | A::Percentile(_),
            ) => {
                return Ok(());
            }
            (MetricType::Counter, _) => &["count", "rate"],
            (MetricType::Gauge, _) => &["value"],
            (MetricType::Rate, _) => &["rate"],
            (MetricType::Trend, _) => &["avg", "min", "max", "med", "p(N)", "count"],
        };
        let aggregation = self.aggregation.to_string();
        Err(MetricsError::WrongAggregation {
            aggregation,
            metric_type,
            valid,
        })
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Expression {
    type Err = MetricsError;

    fn from_str(text: &str) -> Result<Self, MetricsError> {
        Parser { text, at: 0 }.expression()
    }
}

/// Reads an expression from left to right.
struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn expression(mut self) -> Result<Expression, MetricsError> {
        let aggregation = self.aggregation()?;
        let operator = self.operator()?;
        let bound = self.number()?;
        self.skip_space();
        if self.at < self.text.len() {
            return Err(self.wrong("the end was expected"));
        }
        Ok(Expression {
            aggregation,
            operator,
            bound,
            text: self.text.trim().to_owned(),
        })
    }

    fn aggregation(&mut self) -> Result<Aggregation, MetricsError> {
        self.skip_space();
        let start = self.at;
        let word = self.take_while(|c| c.is_ascii_alphabetic());
        let aggregation = match word {
            "count" => Aggregation::Count,
            "rate" => Aggregation::Rate,
            "value" => Aggregation::Value,
            "avg" => Aggregation::Avg,
            "min" => Aggregation::Min,
            "max" => Aggregation::Max,
            "med" => Aggregation::Med,
            "p" => {
                self.expect("(")?;
                self.skip_space();
                let number = self.at;
                let value = self.number()?;
                let Some(percentile) = Percentile::new(value) else {
                    self.at = number;
                    return Err(self.wrong("a percentile is a number from 0 to 100"));
                };
                self.expect(")")?;
                Aggregation::Percentile(percentile)
            }
            _ => {
                self.at = start;
                return Err(self
                    .wrong("one of count, rate, value, avg, min, max, med or p(N) was expected"));
            }
        };
        Ok(aggregation)
    }

    fn operator(&mut self) -> Result<Operator, MetricsError> {
        self.skip_space();
        // Longer ones first, since `<` begins `<=`.
        let operators = [
            ("===", Operator::Equal),
            ("==", Operator::Equal),
            ("!=", Operator::NotEqual),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        for (sign, operator) in operators {
            if self.text[self.at..].starts_with(sign) {
                self.at += sign.len();
                return Ok(operator);
            }
        }
        Err(self.wrong("one of < <= > >= == != was expected"))
    }

    fn number(&mut self) -> Result<f64, MetricsError> {
        self.skip_space();
        let start = self.at;
        let digits =
            self.take_while(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E'));
        match digits.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => {
                self.at = start;
                Err(self.wrong("a number was expected"))
            }
        }
    }

    fn expect(&mut self, sign: &str) -> Result<(), MetricsError> {
        self.skip_space();
        if !self.text[self.at..].starts_with(sign) {
            return Err(self.wrong(&format!("`{sign}` was expected")));
        }
        self.at += sign.len();
        Ok(())
    }

    fn skip_space(&mut self) {
        self.take_while(char::is_whitespace);
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = &self.text[self.at..];
        let end = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn wrong(&self, reason: &str) -> MetricsError {
        MetricsError::Syntax {
            text: self.text.to_owned(),
            column: self.text[..self.at].chars().count(),
            reason: reason.to_owned(),
        }
    }
}

/// What a threshold says where there are no samples. A counter always has some:
/// without samples it is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnNoData {
    /// It fails: what was to be judged did not happen.
    #[default]
    Fail,
    /// It passes: what was to be judged is optional.
    Pass,
}

/// What must be true for a run to pass.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    /// The condition.
    pub expression: Expression,
    /// Whether the run ends when it is not true.
    pub abort_on_fail: bool,
    /// How long the run goes on before that.
    pub delay_abort_eval: Duration,
    /// What it says where there are no samples.
    pub on_no_data: OnNoData,
    /// Ours: the condition must hold in every window of this length, and not for
    /// the whole of the run alone.
    pub window: Option<Duration>,
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.expression.fmt(f)?;
        match self.window {
            Some(window) => write!(f, " in every {window:?}"),
            None => Ok(()),
        }
    }
}

impl Threshold {
    /// A threshold that ends nothing and fails without samples.
    #[must_use]
    pub fn new(expression: Expression) -> Self {
        Self {
            expression,
            abort_on_fail: false,
            delay_abort_eval: Duration::ZERO,
            on_no_data: OnNoData::Fail,
            window: None,
        }
    }
}

#[cfg(test)]
#[path = "threshold_tests.rs"]
mod tests;
