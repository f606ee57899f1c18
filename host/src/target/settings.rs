//! How the target behaves.

use std::fmt;
use std::time::Duration;

use super::faults::FaultRate;
use super::latency::Latency;
use super::rate_limit::RateLimit;
use super::stall::Stall;
use super::times::TimesLog;

/// How the target behaves. The default is a healthy service that answers
/// within the thresholds of all three flows.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long answers take.
    pub latency: Latency,
    /// Whether it stalls once, and when.
    pub stall: Option<Stall>,
    /// Where the target writes how long each answer took.
    pub times: Option<TimesLog>,
    /// How long streams pause between two events, give or take a half.
    pub stream_pause: Duration,
    /// How many requests get a fault.
    pub fault_rate: FaultRate,
    /// Whether `/health` has faults too.
    pub health_faults: HealthFaults,
    /// Requests above it are answered with 429; none are where it is absent.
    pub rate_limit: Option<RateLimit>,
    /// The bearer token to ask for; every token is good where it is absent.
    pub token: Option<Token>,
    /// What latencies, faults and identifiers are drawn by.
    pub seed: u64,
    /// Whether a Claude Code Router answers, directly and through AgentOS.
    pub ccr: Presence,
    /// Whether the web application answers.
    pub web: Presence,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            latency: Latency::LogNormal {
                median: Duration::from_millis(4),
                p99: Duration::from_millis(25),
            },
            stall: None,
            times: None,
            stream_pause: Duration::from_millis(20),
            fault_rate: FaultRate::NONE,
            health_faults: HealthFaults::Exempt,
            rate_limit: None,
            token: None,
            seed: 1,
            ccr: Presence::Present,
            web: Presence::Present,
        }
    }
}

/// Whether a part of the system is deployed. The paths of an absent one are
/// answered with 404.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It answers.
    Present,
    /// It does not.
    Absent,
}

/// Whether `/health` has faults like all other paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthFaults {
    /// It has none: a flow's setup asks it, and would end the run.
    Exempt,
    /// It has them.
    Included,
}

/// A bearer token, which is never printed.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// The token as it stands behind `Bearer `.
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    /// Whether it is the one that a client sent.
    pub(super) fn is(&self, sent: &str) -> bool {
        self.0 == sent
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_not_printed_with_its_settings() {
        let settings = Settings {
            token: Some(Token::new("hunter2")),
            ..Settings::default()
        };
        assert!(!format!("{settings:?}").contains("hunter2"));
    }
}
