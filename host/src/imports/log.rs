//! The interface `log`.

use super::bindings::vuelo::load::log;
use super::context::Context;
use super::event::Level;

impl log::Host for Context {
    fn write(&mut self, level: log::Level, message: String) -> wasmtime::Result<()> {
        self.must_be_running("log.write")?;
        let level = match level {
            log::Level::Debug => Level::Debug,
            log::Level::Info => Level::Info,
            log::Level::Warn => Level::Warn,
            log::Level::Error => Level::Error,
        };
        self.say(level, &message);
        Ok(())
    }
}
