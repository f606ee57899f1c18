//! One instance of the component, with a store of its own.

use std::sync::Arc;
use std::time::Duration;

use wasmtime::Store;
use wasmtime_wasi::WasiCtx;

use super::trap::Fault;
use crate::component::Scenario;
use crate::http::Client;
use crate::imports::bindings::LoadTest;
use crate::imports::{Context, Draws, Output, RunContext, Stage, VuIdentity};

/// An instance that is ready to be called.
pub(super) struct Instance {
    pub(super) store: Store<Context>,
    pub(super) guest: LoadTest,
}

/// A store for an instance. It holds everything that the guest can touch.
pub(super) fn store(
    scenario: &Scenario,
    run: &Arc<RunContext>,
    stage: Stage,
    identity: VuIdentity,
    client: Option<Client>,
) -> Store<Context> {
    let output = Output::default();
    let wasi = wasi(run, stage, &identity, &output);
    let context = Context::new(Arc::clone(run), stage, identity, wasi, output, client);
    let mut store = Store::new(scenario.engine(), context);
    store.limiter(|context| &mut context.limits);
    // A guest that computes yields to its worker at every tick of the epoch, so
    // that it holds up neither the other VUs there nor a stop of its own.
    store.epoch_deadline_async_yield_and_update(1);
    store
}

/// WASI with nothing granted but clocks, seeded random numbers, and the readable
/// configuration as environment; `wasi:http` is the imports' to grant.
fn wasi(run: &RunContext, stage: Stage, identity: &VuIdentity, output: &Output) -> WasiCtx {
    let mut builder = WasiCtx::builder();
    builder.stdout(output.clone()).stderr(output.clone());
    builder
        .allow_tcp(false)
        .allow_udp(false)
        .allow_ip_name_lookup(false);
    if stage != Stage::Options {
        for (key, value) in &run.config.values {
            builder.env(key, value);
        }
    }
    let mut key = Draws::new(run.seed, &identity.scenario, u64::from(identity.vu));
    let mut seed = || key.fraction().to_bits();
    builder
        .secure_random(generator(seed()))
        .insecure_random(generator(seed()))
        .insecure_random_seed(u128::from(seed()));
    builder.build()
}

fn generator(seed: u64) -> rand_xoshiro::Xoshiro256PlusPlus {
    use rand_xoshiro::rand_core::SeedableRng;
    rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(seed)
}

impl Instance {
    /// A new instance that has been started with the data of setup.
    pub(super) async fn start(
        scenario: &Scenario,
        run: &Arc<RunContext>,
        identity: VuIdentity,
        setup_data: &str,
        client: Option<Client>,
    ) -> Result<Result<Self, String>, Fault> {
        let mut store = store(scenario, run, Stage::Load, identity, client);
        let guest = match scenario.pre().instantiate_async(&mut store).await {
            Ok(guest) => guest,
            Err(error) => return Err(fault(&store, &error)),
        };
        let started = guest
            .vuelo_load_scenario()
            .call_start(&mut store, setup_data)
            .await;
        store.data_mut().end_start();
        match started {
            Ok(Ok(())) => Ok(Ok(Self { store, guest })),
            Ok(Err(refusal)) => Ok(Err(refusal)),
            Err(error) => Err(fault(&store, &error)),
        }
    }

    /// Runs one iteration.
    pub(super) async fn iterate(&mut self, flow: &str) -> Result<Result<(), String>, Fault> {
        let result = self
            .guest
            .vuelo_load_scenario()
            .call_iteration(&mut self.store, flow)
            .await;
        result.map_err(|error| fault(&self.store, &error))
    }
}

/// Reads the error of a call, with what the guest printed before.
pub(super) fn fault(store: &Store<Context>, error: &wasmtime::Error) -> Fault {
    Fault::new(error, &store.data().printed())
}

/// How often the epoch ticks: the longest that a guest holds its worker.
pub const EPOCH_TICK: Duration = Duration::from_millis(10);
