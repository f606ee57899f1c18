//! The interface `checks`.

use super::bindings::vuelo::load::{checks, types};
use super::context::Context;
use crate::metrics::{builtin, with_shard};

impl checks::Host for Context {
    fn record_check(
        &mut self,
        name: String,
        passed: bool,
        tags: Vec<types::Tag>,
    ) -> wasmtime::Result<()> {
        self.must_be_running("checks.record-check")?;
        let base = self.tags();
        with_shard(|shard| {
            let mut set = base;
            for (tag, value) in &tags {
                set = shard.with_tag(set, tag, value);
            }
            set = shard.with_tag(set, "check", &name);
            shard.add_rate(builtin::CHECKS, set, passed);
        });
        Ok(())
    }
}
