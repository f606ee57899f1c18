//! Setup and teardown: once per run and component, before and after the load.

use std::pin::pin;
use std::sync::Arc;

use super::signals::Signals;
use super::{Ending, Execution, Part, Phase, nobody};
use crate::vu::{self, OnceError};

impl Execution<'_> {
    /// Runs the setup of each component that has one, until one fails. What goes
    /// wrong is an ending.
    pub(super) async fn setup(&mut self, signals: &mut Signals) {
        self.observer.phase(Phase::Setup);
        let limit = self.job.plan.setup_timeout;
        let parts: Vec<Part> = self.parts.iter().cloned().collect();
        for (index, part) in parts.into_iter().enumerate() {
            let identity = nobody(&self.job.plan, "setup");
            let setup = vu::setup(&part.scenario, &part.run, identity, limit);
            let Some(result) = self.attend(setup, signals, 1).await else {
                return;
            };
            match result {
                Ok(data) => self.parts.set_up(index, data),
                Err(OnceError::Aborted(_)) => {}
                Err(error @ OnceError::TimedOut { .. }) => {
                    let reason = self.told(&part, &error);
                    self.endings.add(Ending::SetupTimedOut(reason));
                }
                Err(error) => {
                    let reason = self.told(&part, &error);
                    self.endings.add(Ending::SetupFailed(reason));
                }
            }
            if !self.endings.let_the_run_go_on() {
                return;
            }
        }
    }

    /// Runs the teardown of each component that was set up and has one, the last
    /// one's first. One that fails keeps none of the others from cleaning up.
    pub(super) async fn teardown(&mut self, signals: &mut Signals) {
        let set_up = self.parts.iter().filter(|part| part.is_set_up);
        let mut parts: Vec<Part> = set_up.cloned().collect();
        if parts.is_empty() {
            return;
        }
        self.observer.phase(Phase::Teardown);
        let limit = self.job.plan.teardown_timeout;
        parts.reverse();
        for part in parts {
            let identity = nobody(&self.job.plan, "teardown");
            let data = Arc::clone(part.setup_data.as_ref().unwrap_or(&"null".into()));
            let teardown = vu::teardown(&part.scenario, &part.run, identity, &data, limit);
            let Some(result) = self.attend(teardown, signals, 2).await else {
                return;
            };
            match result {
                Ok(()) | Err(OnceError::Aborted(_)) => {}
                Err(error @ OnceError::TimedOut { .. }) => {
                    let reason = self.told(&part, &error);
                    self.endings.add(Ending::TeardownTimedOut(reason));
                }
                Err(error) => {
                    let reason = self.told(&part, &error);
                    self.endings.add(Ending::TeardownFailed(reason));
                }
            }
        }
    }

    /// An error, with the component that it is of where there are several.
    fn told(&self, part: &Part, error: &OnceError) -> String {
        match self.job.components.len() {
            1 => error.to_string(),
            _ => format!("{}: {error}", part.name),
        }
    }

    /// Waits for a call that is made once, and listens meanwhile. `None` where so
    /// many signals in all gave it up.
    async fn attend<T>(
        &mut self,
        call: impl Future<Output = T>,
        signals: &mut Signals,
        most_signals: u32,
    ) -> Option<T> {
        if signals.count() >= most_signals {
            return None;
        }
        let mut call = pin!(call);
        let result = loop {
            tokio::select! {
                result = &mut call => break result,
                Some(event) = self.events.recv() => self.handle(event),
                () = signals.next() => {
                    self.endings.add(Ending::Stopped);
                    if signals.count() >= most_signals {
                        return None;
                    }
                }
            }
        };
        self.drain_events();
        Some(result)
    }
}
