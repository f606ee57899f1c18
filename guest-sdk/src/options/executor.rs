use crate::json::Json;

/// A straight line to a number of virtual users.
#[derive(Debug, Clone)]
pub struct Stage {
    duration: String,
    target: u32,
}

/// A straight line to `target` virtual users, over a time such as `30s`.
#[must_use]
pub fn stage(duration: &str, target: u32) -> Stage {
    Stage {
        duration: duration.to_owned(),
        target,
    }
}

pub(super) fn write_stages(json: &mut Json, stages: &[Stage]) {
    json.key("stages").list(|json| {
        for stage in stages {
            json.object(|json| {
                json.key("duration").string(&stage.duration);
                json.key("target").number(stage.target.into());
            });
        }
    });
}

/// When the iterations of one of k6's `scenarios` start.
///
/// ```
/// use vuelo_sdk::prelude::*;
///
/// let options = Options::new()
///     .scenario("browsing", Executor::constant_vus(20, "5m").exec("browse"))
///     .scenario("buying", Executor::ramping_vus([stage("5m", 5)]).exec("buy"));
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Executor {
    name: &'static str,
    numbers: Vec<(&'static str, u64)>,
    texts: Vec<(&'static str, String)>,
    stages: Vec<Stage>,
    tags: Vec<(String, String)>,
}

impl Executor {
    fn named(name: &'static str) -> Self {
        Self {
            name,
            numbers: Vec::new(),
            texts: Vec::new(),
            stages: Vec::new(),
            tags: Vec::new(),
        }
    }

    /// A fixed number of virtual users for a fixed time.
    pub fn constant_vus(vus: u32, duration: &str) -> Self {
        Self::named("constant-vus")
            .number("vus", vus.into())
            .text("duration", duration)
    }

    /// A number of virtual users that follows stages.
    pub fn ramping_vus(stages: impl IntoIterator<Item = Stage>) -> Self {
        Self {
            stages: stages.into_iter().collect(),
            ..Self::named("ramping-vus")
        }
    }

    /// A fixed number of iterations, taken by whichever virtual user is free.
    pub fn shared_iterations(vus: u32, iterations: u64) -> Self {
        Self::named("shared-iterations")
            .number("vus", vus.into())
            .number("iterations", iterations)
    }

    /// A fixed number of iterations for each virtual user.
    pub fn per_vu_iterations(vus: u32, iterations: u64) -> Self {
        Self::named("per-vu-iterations")
            .number("vus", vus.into())
            .number("iterations", iterations)
    }

    /// Of ramping virtual users: how many there are at the start.
    pub fn start_vus(self, vus: u32) -> Self {
        self.number("startVUs", vus.into())
    }

    /// Of ramping virtual users: how long the iteration of one that goes may
    /// still take.
    pub fn graceful_ramp_down(self, duration: &str) -> Self {
        self.text("gracefulRampDown", duration)
    }

    /// Of a fixed number of iterations: after which time none starts.
    pub fn max_duration(self, duration: &str) -> Self {
        self.text("maxDuration", duration)
    }

    /// The flow that [`Scenario::iteration`](crate::Scenario::iteration) is
    /// handed.
    pub fn exec(self, flow: &str) -> Self {
        self.text("exec", flow)
    }

    /// How long after the start of the load it begins.
    pub fn start_time(self, delay: &str) -> Self {
        self.text("startTime", delay)
    }

    /// How long iterations under way may go on at the end.
    pub fn graceful_stop(self, duration: &str) -> Self {
        self.text("gracefulStop", duration)
    }

    /// Marks the samples of this scenario.
    pub fn tag(mut self, name: &str, value: &str) -> Self {
        self.tags.push((name.to_owned(), value.to_owned()));
        self
    }

    fn number(mut self, name: &'static str, value: u64) -> Self {
        self.numbers.push((name, value));
        self
    }

    fn text(mut self, name: &'static str, value: &str) -> Self {
        self.texts.push((name, value.to_owned()));
        self
    }

    pub(super) fn write(&self, json: &mut Json) {
        json.object(|json| {
            json.key("executor").string(self.name);
            if !self.stages.is_empty() {
                write_stages(json, &self.stages);
            }
            for (name, value) in &self.numbers {
                json.key(name).number(*value);
            }
            for (name, value) in &self.texts {
                json.key(name).string(value);
            }
            super::write_map(json, "tags", &self.tags, |json, (name, value)| {
                json.key(name).string(value);
            });
        });
    }
}
