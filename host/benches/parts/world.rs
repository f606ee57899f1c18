//! What a virtual user needs around it: a component, a run, a shard on this thread.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::UnboundedReceiver;
use vuelo::component::{Artifact, CompileCache, Scenario};
use vuelo::http::{Engine, Settings};
use vuelo::imports::{Event, Events, RunContext, VuIdentity};
use vuelo::metrics::{
    MetricType, Registry, Schema, Shard, TagSet, Unit, install_shard, with_shard,
};
use vuelo::plan::{Config, Seed};
use vuelo::vu::{LiveUser, Queueing};

/// A worker's thread in small. It is made on the thread that works in it, and there
/// is one at a time: the shard is the thread's.
pub struct World {
    pub runtime: Runtime,
    pub scenario: Arc<Scenario>,
    pub run: Arc<RunContext>,
    /// Those of every sample of a virtual user.
    pub tags: TagSet,
    said: RefCell<UnboundedReceiver<Event>>,
}

impl World {
    /// Compiles a component, whose keys have these values. `counter` is a metric of
    /// its own.
    pub fn new(component: Vec<u8>, counter: &str, config: BTreeMap<String, String>) -> Self {
        let mut registry = Registry::new();
        registry
            .declare(counter, MetricType::Counter, Unit::None)
            .unwrap();
        let schema = Arc::new(Schema::new(registry, [], []).unwrap());
        install_shard(Shard::new(Arc::clone(&schema)));
        let artifact = Artifact::of_file(Path::new("benchmark.wasm"), component);
        let scenario = Scenario::compile(&artifact, &CompileCache::Off, None).unwrap();
        let (events, said) = Events::channel();
        let run = RunContext {
            config: Config {
                values: config,
                ..Config::default()
            },
            schema,
            http: Engine::new(Settings::default()).unwrap(),
            seed: Seed(1),
            events,
        };
        let tags = with_shard(|shard| shard.with_tag(shard.root(), "scenario", "default"));
        Self {
            runtime: Builder::new_current_thread().enable_all().build().unwrap(),
            scenario: Arc::new(scenario),
            run: Arc::new(run),
            tags: tags.unwrap(),
            said: RefCell::new(said),
        }
    }

    /// Who a virtual user is.
    pub fn identity(&self, vu: u32) -> VuIdentity {
        VuIdentity {
            vu,
            scenario: Arc::from("default"),
            tags: self.tags,
        }
    }

    /// A virtual user that has not started yet, with this for the data of setup.
    pub fn user(&self, vu: u32, data: &Arc<str>) -> LiveUser {
        LiveUser::new(
            Arc::clone(&self.scenario),
            Arc::clone(&self.run),
            self.identity(vu),
            Arc::from("default"),
            Arc::clone(data),
            Queueing::None,
        )
    }

    /// Fails where a virtual user failed: it tells the run, and nobody else.
    pub fn must_be_content(&self) {
        if let Ok(event) = self.said.borrow_mut().try_recv() {
            panic!("what was measured failed: {event:?}");
        }
    }
}
