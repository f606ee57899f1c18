//! The interface `metrics`.

use std::time::Duration;

use wasmtime::component::Resource;
use wasmtime::error::bail;

use super::bindings::vuelo::load::{metrics, types};
use super::context::Context;
use crate::metrics::{MetricId, MetricType, Shard, TagSet, Unit, with_shard};

/// The resource `counter`.
#[derive(Debug)]
pub struct Counter(MetricId);
/// The resource `gauge`.
#[derive(Debug)]
pub struct Gauge(MetricId);
/// The resource `rate`.
#[derive(Debug)]
pub struct Rate(MetricId);
/// The resource `trend`.
#[derive(Debug)]
pub struct Trend(MetricId);

impl Context {
    /// The declared metric of this name and type.
    fn declared(&self, name: &str, metric_type: MetricType) -> wasmtime::Result<MetricId> {
        self.must_be_running("the making of a metric")?;
        let registry = self.run().schema.registry();
        match registry.find(name) {
            Some(id) if registry.get(id).metric_type == metric_type => Ok(id),
            Some(id) => bail!(
                "the scenario uses the metric `{name}` as a {metric_type}, but it is a {}",
                registry.get(id).metric_type
            ),
            None => bail!(
                "the scenario uses the {metric_type} `{name}`, which its options do not declare: \
                 add it to `metrics` in the options"
            ),
        }
    }

    /// Records with the tags of the moment and those of the call.
    fn record(&self, tags: &[types::Tag], add: impl FnOnce(&mut Shard, TagSet)) {
        let base = self.tags();
        with_shard(|shard| {
            let mut set = base;
            for (name, value) in tags {
                set = shard.with_tag(set, name, value);
            }
            add(shard, set);
        });
    }
}

impl metrics::Host for Context {}

impl metrics::HostCounter for Context {
    fn new(&mut self, name: String) -> wasmtime::Result<Resource<Counter>> {
        let id = self.declared(&name, MetricType::Counter)?;
        Ok(self.table.push(Counter(id))?)
    }

    fn add(
        &mut self,
        counter: Resource<Counter>,
        value: f64,
        tags: Vec<types::Tag>,
    ) -> wasmtime::Result<()> {
        let id = self.table.get(&counter)?.0;
        self.record(&tags, |shard, set| shard.add(id, set, value));
        Ok(())
    }

    fn drop(&mut self, counter: Resource<Counter>) -> wasmtime::Result<()> {
        self.table.delete(counter)?;
        Ok(())
    }
}

impl metrics::HostGauge for Context {
    fn new(&mut self, name: String) -> wasmtime::Result<Resource<Gauge>> {
        let id = self.declared(&name, MetricType::Gauge)?;
        Ok(self.table.push(Gauge(id))?)
    }

    fn set(
        &mut self,
        gauge: Resource<Gauge>,
        value: f64,
        tags: Vec<types::Tag>,
    ) -> wasmtime::Result<()> {
        let id = self.table.get(&gauge)?.0;
        self.record(&tags, |shard, set| shard.add(id, set, value));
        Ok(())
    }

    fn drop(&mut self, gauge: Resource<Gauge>) -> wasmtime::Result<()> {
        self.table.delete(gauge)?;
        Ok(())
    }
}

impl metrics::HostRate for Context {
    fn new(&mut self, name: String) -> wasmtime::Result<Resource<Rate>> {
        let id = self.declared(&name, MetricType::Rate)?;
        Ok(self.table.push(Rate(id))?)
    }

    fn add(
        &mut self,
        rate: Resource<Rate>,
        value: bool,
        tags: Vec<types::Tag>,
    ) -> wasmtime::Result<()> {
        let id = self.table.get(&rate)?.0;
        self.record(&tags, |shard, set| shard.add_rate(id, set, value));
        Ok(())
    }

    fn drop(&mut self, rate: Resource<Rate>) -> wasmtime::Result<()> {
        self.table.delete(rate)?;
        Ok(())
    }
}

impl metrics::HostTrend for Context {
    fn new(&mut self, name: String) -> wasmtime::Result<Resource<Trend>> {
        let id = self.declared(&name, MetricType::Trend)?;
        Ok(self.table.push(Trend(id))?)
    }

    fn add(
        &mut self,
        trend: Resource<Trend>,
        value: f64,
        tags: Vec<types::Tag>,
    ) -> wasmtime::Result<()> {
        let id = self.table.get(&trend)?.0;
        self.record(&tags, |shard, set| shard.add(id, set, value));
        Ok(())
    }

    fn add_duration(
        &mut self,
        trend: Resource<Trend>,
        value: types::Duration,
        tags: Vec<types::Tag>,
    ) -> wasmtime::Result<()> {
        let id = self.table.get(&trend)?.0;
        let metric = self.run().schema.registry().get(id);
        if metric.unit != Unit::Milliseconds {
            bail!(
                "the scenario adds a duration to the trend `{}`, which counts `{}`: declare it \
                 with the unit `ms`, or add a number",
                metric.name,
                metric.unit.name()
            );
        }
        let value = Duration::from_nanos(value);
        self.record(&tags, |shard, set| shard.add_duration(id, set, value));
        Ok(())
    }

    fn drop(&mut self, trend: Resource<Trend>) -> wasmtime::Result<()> {
        self.table.delete(trend)?;
        Ok(())
    }
}
