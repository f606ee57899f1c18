//! The interface `websocket`: a thin layer over the engine, and the samples.

use std::time::Duration;

use wasmtime::Result;
use wasmtime::component::Resource;

use super::bindings::vuelo::load::types;
use super::bindings::vuelo::load::websocket::{Error, Host, HostHandshake, HostSocket, Message};
use super::config::SecretValue;
use super::context::Context;
use super::http_response::nanos;
use super::websocket_handshake::Handshake;
use super::websocket_sample::Sampler;
use super::websocket_socket::{Held, Socket};
use crate::metrics::with_shard;

/// What a call of the guest's own returns: a trap outside, the contract's
/// result inside.
type Answered<T> = Result<std::result::Result<T, Error>>;

impl Context {
    /// What a socket stands for, if its iteration is still under way.
    fn session(&mut self, socket: &Resource<Socket>) -> Result<Option<&mut Held>> {
        let place = self.table.get(socket)?.0;
        Ok(self.sockets.get(place))
    }
}

impl Host for Context {}

impl HostHandshake for Context {
    fn new(&mut self, url: String) -> Result<Resource<Handshake>> {
        self.must_be_running("the making of a handshake")?;
        Ok(self.table.push(Handshake::new(&url))?)
    }

    fn set_header(&mut self, this: Resource<Handshake>, name: String, value: String) -> Result<()> {
        self.table
            .get_mut(&this)?
            .build(|handshake| handshake.set_header(&name, &value));
        Ok(())
    }

    fn append_header(
        &mut self,
        this: Resource<Handshake>,
        name: String,
        value: String,
    ) -> Result<()> {
        self.table
            .get_mut(&this)?
            .build(|handshake| handshake.append_header(&name, &value));
        Ok(())
    }

    fn set_secret_header(
        &mut self,
        this: Resource<Handshake>,
        name: String,
        prefix: String,
        secret: Resource<SecretValue>,
    ) -> Result<()> {
        let value = format!("{prefix}{}", self.table.get(&secret)?.0.expose());
        self.table
            .get_mut(&this)?
            .build(|handshake| handshake.set_sensitive_header(&name, &value));
        Ok(())
    }

    fn set_basic_auth(
        &mut self,
        this: Resource<Handshake>,
        user: String,
        password: String,
    ) -> Result<()> {
        self.table
            .get_mut(&this)?
            .build(|handshake| handshake.set_basic_auth(&user, &password));
        Ok(())
    }

    fn set_secret_basic_auth(
        &mut self,
        this: Resource<Handshake>,
        user: String,
        password: Resource<SecretValue>,
    ) -> Result<()> {
        let password = self.table.get(&password)?.0.expose().to_owned();
        self.set_basic_auth(this, user, password)
    }

    fn offer_subprotocol(&mut self, this: Resource<Handshake>, name: String) -> Result<()> {
        self.table
            .get_mut(&this)?
            .build(|handshake| handshake.offer_subprotocol(&name));
        Ok(())
    }

    fn set_tag(&mut self, this: Resource<Handshake>, (name, value): types::Tag) -> Result<()> {
        self.table.get_mut(&this)?.set_tag(name, value);
        Ok(())
    }

    fn set_timeout(&mut self, this: Resource<Handshake>, timeout: types::Duration) -> Result<()> {
        self.table.get_mut(&this)?.build(|handshake| {
            handshake.set_timeout(Duration::from_nanos(timeout));
            Ok(())
        });
        Ok(())
    }

    async fn open(&mut self, this: Resource<Handshake>) -> Answered<Resource<Socket>> {
        self.must_be_running("websocket.handshake.open")?;
        let base = self.tags();
        let handshake = self.table.get_mut(&this)?;
        let tags = with_shard(|shard| handshake.intern(base, shard)).unwrap_or(base);
        let sampler = Sampler::new(tags);
        let handshake = match handshake.built() {
            Ok(handshake) => handshake,
            Err(mistake) => return Ok(Err(mistake)),
        };
        let cut_off = |traffic| sampler.cut_off(traffic);
        match self.client.open_socket(handshake, &cut_off).await {
            Ok(session) => {
                let socket = self.sockets.keep(Held::new(session, sampler));
                Ok(Ok(self.table.push(socket)?))
            }
            Err(failed) => {
                sampler.failed(&failed);
                Ok(Err(Error::from(&failed.error)))
            }
        }
    }

    fn drop(&mut self, this: Resource<Handshake>) -> Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl HostSocket for Context {
    fn subprotocol(&mut self, this: Resource<Socket>) -> Result<String> {
        let session = self.session(&this)?.and_then(|held| held.session());
        Ok(session
            .map_or("", |session| session.subprotocol())
            .to_owned())
    }

    fn header(&mut self, this: Resource<Socket>, name: String) -> Result<Option<String>> {
        let session = self.session(&this)?.and_then(|held| held.session());
        let value = session.and_then(|session| session.headers().get(&name)?.to_str().ok());
        Ok(value.map(str::to_owned))
    }

    async fn send_text(&mut self, this: Resource<Socket>, text: String) -> Answered<()> {
        match self.session(&this)? {
            Some(held) => Ok(held.send_text(text).await),
            None => Ok(Err(Error::Closed)),
        }
    }

    async fn send_binary(&mut self, this: Resource<Socket>, bytes: Vec<u8>) -> Answered<()> {
        match self.session(&this)? {
            Some(held) => Ok(held.send_binary(bytes).await),
            None => Ok(Err(Error::Closed)),
        }
    }

    async fn ping(&mut self, this: Resource<Socket>) -> Answered<()> {
        match self.session(&this)? {
            Some(held) => Ok(held.ping().await),
            None => Ok(Err(Error::Closed)),
        }
    }

    async fn next(
        &mut self,
        this: Resource<Socket>,
        timeout: Option<types::Duration>,
    ) -> Answered<Option<Message>> {
        match self.session(&this)? {
            Some(held) => Ok(held.next(timeout.map(Duration::from_nanos)).await),
            None => Ok(Err(Error::Closed)),
        }
    }

    fn answered_after(&mut self, this: Resource<Socket>) -> Result<Option<types::Duration>> {
        let session = self.session(&this)?.and_then(|held| held.session());
        Ok(session
            .and_then(|session| session.answered_after())
            .map(nanos))
    }

    async fn close(&mut self, this: Resource<Socket>, code: u16, reason: String) -> Answered<()> {
        match self.session(&this)? {
            Some(held) => Ok(held.close(code, reason).await),
            None => Ok(Err(Error::Closed)),
        }
    }

    fn drop(&mut self, this: Resource<Socket>) -> Result<()> {
        let place = self.table.delete(this)?.0;
        self.sockets.drop_socket(place);
        Ok(())
    }
}
