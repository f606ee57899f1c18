//! Calls between host and guest.

use std::collections::BTreeMap;
use std::sync::Arc;

use vuelo::component::Scenario;
use vuelo::imports::bindings::LoadTestPre;
use vuelo::imports::{Context, Output, Stage, add_to_linker};
use vuelo::vu::{Iteration, VirtualUser};
use wasmtime::Store;
use wasmtime::component::{Component, Linker};
use wasmtime_wasi::WasiCtx;

use super::guest::{Act, COUNTER, guest};
use super::part::{Setting, Work};
use super::world::World;

/// A call without handles, texts or lists.
pub fn host_call(setting: Setting) -> Work {
    within_one_iteration(
        World::new(guest(Act::Draw), COUNTER, BTreeMap::new()),
        setting,
    )
}

/// A call by a handle, with an empty list, that records a sample.
pub fn counting_call(setting: Setting) -> Work {
    within_one_iteration(
        World::new(guest(Act::Count), COUNTER, BTreeMap::new()),
        setting,
    )
}

/// As often as wanted within one iteration, whose own cost is nothing beside them.
pub fn within_one_iteration(world: World, setting: Setting) -> Work {
    Box::new(move |times| {
        let mut user = world.user(1, &Arc::from(times.to_string()));
        world.runtime.block_on(user.prepare());
        let took = setting.time(|| world.runtime.block_on(user.iterate(iteration_number(0))));
        world.must_be_content();
        took
    })
}

/// The call of an export alone, without what a virtual user does around it: a stack, the
/// guest's argument, its result.
pub fn export_call(setting: Setting) -> Work {
    let component = guest(Act::Nothing);
    let world = World::new(component.clone(), COUNTER, BTreeMap::new());
    let engine = world.scenario.engine();
    let mut linker = Linker::new(engine);
    add_to_linker(&mut linker).unwrap();
    let component = Component::from_binary(engine, &component).unwrap();
    let pre = LoadTestPre::new(linker.instantiate_pre(&component).unwrap()).unwrap();
    let context = Context::new(
        Arc::clone(&world.run),
        Stage::Load,
        world.identity(1),
        WasiCtx::builder().build(),
        Output::default(),
        None,
    );
    let mut store = Store::new(engine, context);
    store.epoch_deadline_async_yield_and_update(1);
    let instantiated = pre.instantiate_async(&mut store);
    let guest = world.runtime.block_on(instantiated).unwrap();
    Box::new(move |times| {
        setting.time(|| {
            world.runtime.block_on(async {
                for _ in 0..times {
                    let scenario = guest.vuelo_load_scenario();
                    let result = scenario.call_iteration(&mut store, "default").await;
                    result.unwrap().unwrap();
                }
            });
        })
    })
}

/// A whole iteration of a guest that does nothing.
pub fn iteration(setting: Setting) -> Work {
    iterations(setting, |_| {})
}

/// The same where the engine's epoch has ticked since the last one, as it has when users
/// think, or wait for an answer, for ten milliseconds.
pub fn iteration_after_a_tick(setting: Setting) -> Work {
    iterations(setting, |scenario| scenario.engine().increment_epoch())
}

fn iterations(setting: Setting, before_each: fn(&Scenario)) -> Work {
    let world = World::new(guest(Act::Nothing), COUNTER, BTreeMap::new());
    let mut user = world.user(1, &Arc::from("1"));
    world.runtime.block_on(user.prepare());
    Box::new(move |times| {
        let took = setting.time(|| {
            world.runtime.block_on(async {
                for number in 0..times {
                    before_each(&world.scenario);
                    user.iterate(iteration_number(number)).await;
                }
            });
        });
        world.must_be_content();
        took
    })
}

fn iteration_number(number: u64) -> Iteration {
    Iteration {
        number,
        intended_start: None,
    }
}
