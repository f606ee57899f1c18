//! The interface `config`.

use wasmtime::component::Resource;

use super::bindings::vuelo::load::config;
use super::context::Context;
use crate::plan::Secret;

/// The resource `secret`.
#[derive(Debug)]
pub struct SecretValue(pub(super) Secret);

impl config::Host for Context {
    fn get(&mut self, key: String) -> wasmtime::Result<Option<String>> {
        self.must_be_running("config.get")?;
        Ok(self.run().config.values.get(&key).cloned())
    }

    fn get_secret(&mut self, key: String) -> wasmtime::Result<Option<Resource<SecretValue>>> {
        self.must_be_running("config.get-secret")?;
        let secret = self.run().config.secrets.get(&key).cloned();
        secret
            .map(|secret| Ok(self.table.push(SecretValue(secret))?))
            .transpose()
    }
}

impl config::HostSecret for Context {
    fn drop(&mut self, secret: Resource<SecretValue>) -> wasmtime::Result<()> {
        self.table.delete(secret)?;
        Ok(())
    }
}
