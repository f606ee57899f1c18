//! The interface `flow`.

use std::time::{Duration, Instant};

use wasmtime::Error;

use super::bindings::vuelo::load::{flow, types};
use super::context::Context;
use super::event::{Aborted, Event};

impl flow::Host for Context {
    async fn sleep(&mut self, duration: types::Duration) -> wasmtime::Result<()> {
        self.must_be_running("flow.sleep")?;
        let duration = Duration::from_nanos(duration);
        self.sleep(duration);
        tokio::time::sleep(duration).await;
        Ok(())
    }

    async fn sleep_between(
        &mut self,
        shortest: types::Duration,
        longest: types::Duration,
    ) -> wasmtime::Result<()> {
        self.must_be_running("flow.sleep-between")?;
        let (shortest, longest) = (
            Duration::from_nanos(shortest),
            Duration::from_nanos(longest),
        );
        let drawn = self.draws().between(shortest, longest);
        self.sleep(drawn);
        tokio::time::sleep(drawn).await;
        Ok(())
    }

    fn random(&mut self) -> wasmtime::Result<f64> {
        self.must_be_running("flow.random")?;
        Ok(self.draws().fraction())
    }

    fn begin_group(&mut self, name: String) -> wasmtime::Result<()> {
        self.must_be_running("flow.begin-group")?;
        self.begin_group(&name, Instant::now());
        Ok(())
    }

    fn end_group(&mut self) -> wasmtime::Result<()> {
        self.must_be_running("flow.end-group")?;
        self.end_group(Instant::now());
        Ok(())
    }

    fn set_tag(&mut self, (name, value): types::Tag) -> wasmtime::Result<()> {
        self.must_be_running("flow.set-tag")?;
        self.set_tag(name, value);
        Ok(())
    }

    fn remove_tag(&mut self, name: String) -> wasmtime::Result<()> {
        self.must_be_running("flow.remove-tag")?;
        self.remove_tag(&name);
        Ok(())
    }

    fn vu(&mut self) -> wasmtime::Result<u32> {
        self.must_be_running("flow.vu")?;
        Ok(self.identity().vu)
    }

    fn vu_iteration(&mut self) -> wasmtime::Result<u64> {
        self.must_be_running("flow.vu-iteration")?;
        Ok(self.vu_iteration)
    }

    fn scenario_iteration(&mut self) -> wasmtime::Result<u64> {
        self.must_be_running("flow.scenario-iteration")?;
        Ok(self.scenario_iteration)
    }

    fn scenario_name(&mut self) -> wasmtime::Result<String> {
        self.must_be_running("flow.scenario-name")?;
        Ok(self.identity().scenario.to_string())
    }

    fn abort(&mut self, reason: String) -> wasmtime::Result<()> {
        self.must_be_running("flow.abort")?;
        let reason = self.run().masked(&reason);
        self.run().events.send(Event::Abort(reason));
        Err(Error::from(Aborted))
    }

    fn mark_failed(&mut self, reason: String) -> wasmtime::Result<()> {
        self.must_be_running("flow.mark-failed")?;
        let reason = self.run().masked(&reason);
        self.run().events.send(Event::MarkFailed(reason));
        Ok(())
    }
}
