//! The contract's imports, function by function as the component's bindings
//! have them, over the [`World`](super::world::World).
#![allow(clippy::needless_pass_by_value, clippy::unnecessary_wraps)]

pub(crate) mod http;
pub(crate) mod websocket;

pub(crate) mod metrics {
    use std::time::Duration;

    use super::super::world;

    type Tags<'a> = &'a [(&'a str, &'a str)];

    pub(crate) struct Counter(String);
    pub(crate) struct Gauge(String);
    pub(crate) struct Rate(String);
    pub(crate) struct Trend(String);

    impl Counter {
        pub(crate) fn new(name: &str) -> Self {
            Self(name.to_owned())
        }

        pub(crate) fn add(&self, value: f64, tags: Tags<'_>) {
            world::with(|world| world.record("counter", &self.0, value, tags));
        }
    }

    impl Gauge {
        pub(crate) fn new(name: &str) -> Self {
            Self(name.to_owned())
        }

        pub(crate) fn set(&self, value: f64, tags: Tags<'_>) {
            world::with(|world| world.record("gauge", &self.0, value, tags));
        }
    }

    impl Rate {
        pub(crate) fn new(name: &str) -> Self {
            Self(name.to_owned())
        }

        pub(crate) fn add(&self, value: bool, tags: Tags<'_>) {
            world::with(|world| world.record("rate", &self.0, f64::from(u8::from(value)), tags));
        }
    }

    impl Trend {
        pub(crate) fn new(name: &str) -> Self {
            Self(name.to_owned())
        }

        pub(crate) fn add(&self, value: f64, tags: Tags<'_>) {
            world::with(|world| world.record("trend", &self.0, value, tags));
        }

        pub(crate) fn add_duration(&self, value: u64, tags: Tags<'_>) {
            world::with(|world| world.record_time(&self.0, Duration::from_nanos(value), tags));
        }
    }
}

pub(crate) mod checks {
    use super::super::{Check, world};

    pub(crate) fn record_check(name: &str, passed: bool, tags: &[(&str, &str)]) {
        world::with(|world| {
            let check = Check {
                name: name.to_owned(),
                passed,
                tags: world.tags_with(tags),
                group: world.group_path(),
            };
            world.report.checks.push(check);
        });
    }
}

pub(crate) mod config {
    use super::super::world;

    pub(crate) struct Secret(pub(super) String);

    pub(crate) fn get(key: &str) -> Option<String> {
        world::with(|world| world.value(key))
    }

    pub(crate) fn get_secret(key: &str) -> Option<Secret> {
        world::with(|world| world.secret(key)).map(Secret)
    }
}

pub(crate) mod flow {
    use std::time::Duration;

    use super::super::world;

    pub(crate) fn sleep(duration: u64) {
        world::with(|world| world.report.sleeps.push(Duration::from_nanos(duration)));
    }

    pub(crate) fn sleep_between(shortest: u64, longest: u64) {
        // The middle: a test scripts its draws for decisions, not for think times.
        sleep(shortest + longest.saturating_sub(shortest) / 2);
    }

    pub(crate) fn random() -> f64 {
        world::with(world::World::draw)
    }

    pub(crate) fn begin_group(name: &str) {
        world::with(|world| world.groups.push(name.to_owned()));
    }

    pub(crate) fn end_group() {
        world::with(|world| world.groups.pop());
    }

    pub(crate) fn set_tag(tag: (&str, &str)) {
        remove_tag(tag.0);
        world::with(|world| world.tags.push((tag.0.to_owned(), tag.1.to_owned())));
    }

    pub(crate) fn remove_tag(name: &str) {
        world::with(|world| world.tags.retain(|(known, _)| known != name));
    }

    pub(crate) fn vu() -> u32 {
        world::with(|world| world.place.vu)
    }

    pub(crate) fn vu_iteration() -> u64 {
        world::with(|world| world.place.iteration)
    }

    pub(crate) fn scenario_iteration() -> u64 {
        vu_iteration()
    }

    pub(crate) fn scenario_name() -> String {
        world::with(|world| world.place.scenario.to_owned())
    }

    pub(crate) fn abort(reason: &str) {
        world::with(|world| world.report.aborted = Some(reason.to_owned()));
        std::panic::resume_unwind(Box::new(world::Aborted));
    }

    pub(crate) fn mark_failed(reason: &str) {
        world::with(|world| world.report.marked_failed.push(reason.to_owned()));
    }
}

pub(crate) mod log {
    use super::super::{Line, world};

    pub(crate) use crate::log::Level;

    pub(crate) fn write(level: Level, message: &str) {
        world::with(|world| {
            world.report.logs.push(Line {
                level,
                message: message.to_owned(),
            })
        });
    }
}
