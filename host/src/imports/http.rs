//! The interface `http`: a thin layer over the engine, and the samples.

use std::sync::Arc;
use std::time::Duration;

use wasmtime::Result;
use wasmtime::component::Resource;

use super::bindings::vuelo::load::http::{
    self as wit, Error, FormPart, HostBodyStream, HostEventStream, HostRequest, HostResponse,
    HostUpload, StatusRange,
};
use super::bindings::vuelo::load::types;
use super::config::SecretValue;
use super::context::Context;
use super::http_request::{Expected, Request};
use super::http_response::{BodyStream, EventStream, Held, Response, nanos};
use super::http_sample::{OwnSampler, Sampler, Samplers};
use super::http_upload::Upload;
use crate::http::{Exchange, Part};
use crate::metrics::with_shard;

/// What a call of the guest's own returns: a trap outside, the contract's
/// result inside.
type Answered<T> = Result<std::result::Result<T, Error>>;

impl Context {
    /// What records the samples of a request, with the tags of this moment.
    fn sampler(&mut self, request: &Resource<Request>) -> Result<Sampler> {
        let (base, late_by) = (self.tags(), self.late_by);
        let request = self.table.get_mut(request)?;
        let tags = with_shard(|shard| request.intern(base, shard)).unwrap_or(base);
        let (named, expected) = (request.is_named(), request.expected());
        Ok(Sampler::new(tags, named, expected, late_by))
    }

    /// Sends a request, and keeps the whole answer.
    async fn exchange(&mut self, this: Resource<Request>) -> Answered<Resource<Response>> {
        self.must_be_running("http.request.send")?;
        let samplers = [self.sampler(&this)?];
        let request = match self.table.get(&this)?.built() {
            Ok(request) => request,
            Err(mistake) => return Ok(Err(mistake)),
        };
        let observer = Samplers {
            samplers: &samplers,
            run: &self.run,
            identity: &self.identity,
        };
        let exchange = self.client.send(request, &observer).await;
        self.keep(exchange, &samplers[0])
    }

    /// Sends a request, and keeps the answer whose body is still to come.
    async fn head(&mut self, this: Resource<Request>) -> Answered<Resource<Response>> {
        self.must_be_running("http.request.open")?;
        let samplers = [self.sampler(&this)?];
        let request = match self.table.get(&this)?.built() {
            Ok(request) => request,
            Err(mistake) => return Ok(Err(mistake)),
        };
        let observer = Samplers {
            samplers: &samplers,
            run: &self.run,
            identity: &self.identity,
        };
        let opened = self.client.open(request, &observer).await;
        let [sampler] = samplers;
        match opened {
            Ok(exchange) => {
                let response = self.responses.keep(Held::open(exchange, sampler));
                Ok(Ok(self.table.push(response)?))
            }
            Err(exchange) => self.keep(exchange, &sampler),
        }
    }

    /// Shares what the requests are built of that `start` built, as far as they are
    /// still there: they are built as they will be sent.
    pub(super) fn share_requests(&mut self, built_by_start: Vec<u32>) {
        for request in built_by_start {
            let request: Resource<Request> = Resource::new_borrow(request);
            if let Ok(request) = self.table.get_mut(&request) {
                request.share();
            }
        }
    }

    /// What a response stands for, if its iteration is still under way.
    fn held(&mut self, response: &Resource<Response>) -> Result<Option<&mut Held>> {
        let place = self.table.get(response)?.0;
        Ok(self.responses.get(place))
    }

    /// Records an exchange and keeps its answer.
    fn keep(&mut self, exchange: Exchange, sampler: &Sampler) -> Answered<Resource<Response>> {
        sampler.record(&exchange);
        match exchange.outcome {
            Ok(answer) => {
                let response = self
                    .responses
                    .keep(Held::Complete(answer, exchange.timings));
                Ok(Ok(self.table.push(response)?))
            }
            Err(error) => Ok(Err(Error::from(&error))),
        }
    }
}

impl wit::Host for Context {
    async fn send_all(
        &mut self,
        requests: Vec<Resource<Request>>,
    ) -> Result<Vec<std::result::Result<Resource<Response>, Error>>> {
        self.must_be_running("http.send-all")?;
        // Requests that were built wrongly stay at home; the others go together.
        let mut samplers = Vec::with_capacity(requests.len());
        let mut mistakes = Vec::with_capacity(requests.len());
        for request in &requests {
            let mistake = self.table.get(request)?.built().err();
            if mistake.is_none() {
                samplers.push(self.sampler(request)?);
            }
            mistakes.push(mistake);
        }
        let mut built = Vec::with_capacity(samplers.len());
        for request in &requests {
            built.extend(self.table.get(request)?.built());
        }
        let observer = Samplers {
            samplers: &samplers,
            run: &self.run,
            identity: &self.identity,
        };
        let exchanges = self.client.send_all(&built, &observer).await;
        let mut answers = exchanges.into_iter().zip(&samplers);
        let mut results = Vec::with_capacity(requests.len());
        for mistake in mistakes {
            if let Some(mistake) = mistake {
                results.push(Err(mistake));
            } else if let Some((exchange, sampler)) = answers.next() {
                results.push(self.keep(exchange, sampler)?);
            }
        }
        Ok(results)
    }

    fn set_cookie(&mut self, url: String, cookie: String) -> Answered<()> {
        self.must_be_running("http.set-cookie")?;
        let set = self.client.set_cookie(&url, &cookie);
        Ok(set.map_err(|error| Error::from(&error)))
    }

    fn cookies(&mut self, url: String) -> Result<Vec<(String, String)>> {
        let cookies = self.client.cookies(&url).unwrap_or_default();
        Ok(cookies
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect())
    }

    fn delete_cookie(&mut self, url: String, name: String) -> Result<()> {
        // What is no URL has no cookies.
        let _ = self.client.delete_cookies(&url, Some(&name));
        Ok(())
    }

    fn clear_cookies(&mut self, url: String) -> Result<()> {
        let _ = self.client.delete_cookies(&url, None);
        Ok(())
    }
}

impl HostRequest for Context {
    fn new(&mut self, method: String, url: String) -> Result<Resource<Request>> {
        self.must_be_running("the making of a request")?;
        let request = self.table.push(Request::new(&method, &url))?;
        self.note_request(request.rep());
        Ok(request)
    }

    fn set_header(&mut self, this: Resource<Request>, name: String, value: String) -> Result<()> {
        self.table
            .get_mut(&this)?
            .build(|request| request.set_header(&name, &value));
        Ok(())
    }

    fn append_header(
        &mut self,
        this: Resource<Request>,
        name: String,
        value: String,
    ) -> Result<()> {
        self.table
            .get_mut(&this)?
            .build(|request| request.append_header(&name, &value));
        Ok(())
    }

    fn set_secret_header(
        &mut self,
        this: Resource<Request>,
        name: String,
        prefix: String,
        secret: Resource<SecretValue>,
    ) -> Result<()> {
        let value = format!("{prefix}{}", self.table.get(&secret)?.0.expose());
        let request = self.table.get_mut(&this)?;
        request.build(|request| request.set_sensitive_header(&name, &value));
        Ok(())
    }

    fn set_text(&mut self, this: Resource<Request>, body: String) -> Result<()> {
        self.table.get_mut(&this)?.set_body(body.into_bytes());
        Ok(())
    }

    fn set_body(&mut self, this: Resource<Request>, body: Vec<u8>) -> Result<()> {
        self.table.get_mut(&this)?.set_body(body);
        Ok(())
    }

    fn set_tag(&mut self, this: Resource<Request>, (name, value): types::Tag) -> Result<()> {
        self.table.get_mut(&this)?.set_tag(name, value);
        Ok(())
    }

    fn set_timeout(&mut self, this: Resource<Request>, timeout: types::Duration) -> Result<()> {
        self.table.get_mut(&this)?.build(|request| {
            request.set_timeout(Duration::from_nanos(timeout));
            Ok(())
        });
        Ok(())
    }

    fn set_expected_statuses(
        &mut self,
        this: Resource<Request>,
        expected: Vec<StatusRange>,
    ) -> Result<()> {
        let expected = Expected::Ranges(expected.into());
        self.table.get_mut(&this)?.set_expected(expected);
        Ok(())
    }

    fn set_unjudged(&mut self, this: Resource<Request>) -> Result<()> {
        self.table.get_mut(&this)?.set_expected(Expected::Unjudged);
        Ok(())
    }

    fn set_discard_body(&mut self, this: Resource<Request>, discard: bool) -> Result<()> {
        self.table.get_mut(&this)?.build(|request| {
            request.set_discard_body(discard);
            Ok(())
        });
        Ok(())
    }

    // Boxed, as what waits for an exchange is some kilobytes: whoever calls for the guest
    // copies its future whole, several times.
    async fn send(&mut self, this: Resource<Request>) -> Answered<Resource<Response>> {
        Box::pin(self.exchange(this)).await
    }

    async fn open(&mut self, this: Resource<Request>) -> Answered<Resource<Response>> {
        Box::pin(self.head(this)).await
    }

    fn set_form(&mut self, this: Resource<Request>, fields: Vec<(String, String)>) -> Result<()> {
        self.table.get_mut(&this)?.build(|request| {
            request.set_form(&fields);
            Ok(())
        });
        Ok(())
    }

    fn set_multipart(&mut self, this: Resource<Request>, parts: Vec<FormPart>) -> Result<()> {
        let parts: Vec<Part> = parts
            .into_iter()
            .map(|part| Part {
                name: part.name,
                file_name: part.file_name,
                content_type: part.content_type,
                content: part.content.into(),
            })
            .collect();
        self.table
            .get_mut(&this)?
            .build(|request| request.set_multipart(&parts));
        Ok(())
    }

    fn set_basic_auth(
        &mut self,
        this: Resource<Request>,
        user: String,
        password: String,
    ) -> Result<()> {
        self.table
            .get_mut(&this)?
            .build(|request| request.set_basic_auth(&user, &password));
        Ok(())
    }

    fn set_secret_basic_auth(
        &mut self,
        this: Resource<Request>,
        user: String,
        password: Resource<SecretValue>,
    ) -> Result<()> {
        let password = self.table.get(&password)?.0.expose().to_owned();
        self.set_basic_auth(this, user, password)
    }

    fn set_digest_auth(
        &mut self,
        this: Resource<Request>,
        user: String,
        password: String,
    ) -> Result<()> {
        self.table.get_mut(&this)?.build(|request| {
            request.set_digest_auth(&user, &password);
            Ok(())
        });
        Ok(())
    }

    fn set_secret_digest_auth(
        &mut self,
        this: Resource<Request>,
        user: String,
        password: Resource<SecretValue>,
    ) -> Result<()> {
        let password = self.table.get(&password)?.0.expose().to_owned();
        self.set_digest_auth(this, user, password)
    }

    fn set_cookie(&mut self, this: Resource<Request>, name: String, value: String) -> Result<()> {
        self.table
            .get_mut(&this)?
            .build(|request| request.set_cookie(&name, &value));
        Ok(())
    }

    fn set_max_redirects(&mut self, this: Resource<Request>, redirects: u32) -> Result<()> {
        self.table.get_mut(&this)?.build(|request| {
            request.set_max_redirects(redirects);
            Ok(())
        });
        Ok(())
    }

    fn set_expect_continue(&mut self, this: Resource<Request>) -> Result<()> {
        self.table.get_mut(&this)?.build(|request| {
            request.set_expect_continue();
            Ok(())
        });
        Ok(())
    }

    fn set_head_timeout(
        &mut self,
        this: Resource<Request>,
        timeout: types::Duration,
    ) -> Result<()> {
        self.table.get_mut(&this)?.build(|request| {
            request.set_head_timeout(Duration::from_nanos(timeout));
            Ok(())
        });
        Ok(())
    }

    fn set_idle_timeout(
        &mut self,
        this: Resource<Request>,
        timeout: types::Duration,
    ) -> Result<()> {
        self.table.get_mut(&this)?.build(|request| {
            request.set_idle_timeout(Duration::from_nanos(timeout));
            Ok(())
        });
        Ok(())
    }

    async fn upload(
        &mut self,
        this: Resource<Request>,
        length: Option<u64>,
    ) -> Answered<Resource<Upload>> {
        self.must_be_running("http.request.upload")?;
        let sampler = self.sampler(&this)?;
        let request = match self.table.get(&this)?.built() {
            Ok(request) => request.clone(),
            Err(mistake) => return Ok(Err(mistake)),
        };
        let observer = Arc::new(OwnSampler {
            sampler: sampler.clone(),
            run: Arc::clone(&self.run),
            identity: self.identity.clone(),
        });
        let upload = self.client.upload(request, length, observer).await;
        let upload = self.uploads.keep(upload, sampler);
        Ok(Ok(self.table.push(upload)?))
    }

    fn drop(&mut self, this: Resource<Request>) -> Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl HostUpload for Context {
    async fn write(&mut self, this: Resource<Upload>, piece: Vec<u8>) -> Answered<()> {
        let place = self.table.get(&this)?.0;
        let Some(upload) = self.uploads.get(place) else {
            return Ok(Err(Error::Closed));
        };
        let written = upload.write(piece.into()).await;
        Ok(written.map_err(|error| Error::from(&error)))
    }

    async fn finish(&mut self, this: Resource<Upload>) -> Answered<Resource<Response>> {
        let response = match HostUpload::open(self, this).await? {
            Ok(response) => response,
            Err(error) => return Ok(Err(error)),
        };
        let place = self.table.get(&response)?.0;
        let received = match self.responses.get(place) {
            Some(held) => held.body(&mut self.client).await.map(drop),
            None => Err(Error::Closed),
        };
        Ok(match received {
            Ok(()) => Ok(response),
            Err(error) => {
                HostResponse::drop(self, response)?;
                Err(error)
            }
        })
    }

    async fn open(&mut self, this: Resource<Upload>) -> Answered<Resource<Response>> {
        let place = self.table.get(&this)?.0;
        let Some((upload, sampler)) = self.uploads.take(place) else {
            return Ok(Err(Error::Closed));
        };
        match upload.open(&mut self.client).await {
            Ok(exchange) => {
                let response = self.responses.keep(Held::open(exchange, sampler));
                Ok(Ok(self.table.push(response)?))
            }
            Err(exchange) => self.keep(exchange, &sampler),
        }
    }

    fn drop(&mut self, this: Resource<Upload>) -> Result<()> {
        let place = self.table.delete(this)?.0;
        self.uploads.drop_upload(place);
        Ok(())
    }
}

impl HostResponse for Context {
    fn status(&mut self, this: Resource<Response>) -> Result<u16> {
        Ok(self.held(&this)?.map_or(0, |held| held.status()))
    }

    fn url(&mut self, this: Resource<Response>) -> Result<String> {
        Ok(self.held(&this)?.map_or("", |held| held.url()).to_owned())
    }

    fn header(&mut self, this: Resource<Response>, name: String) -> Result<Option<String>> {
        let value = self
            .held(&this)?
            .and_then(|held| held.headers()?.get(&name)?.to_str().ok());
        Ok(value.map(str::to_owned))
    }

    fn headers(&mut self, this: Resource<Response>) -> Result<Vec<(String, String)>> {
        let Some(headers) = self.held(&this)?.and_then(|held| held.headers()) else {
            return Ok(Vec::new());
        };
        let text = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            Some((name.to_string(), value.to_str().ok()?.to_owned()))
        };
        Ok(headers.iter().filter_map(text).collect())
    }

    fn protocol(&mut self, this: Resource<Response>) -> Result<String> {
        Ok(self
            .held(&this)?
            .map_or("", |held| held.protocol())
            .to_owned())
    }

    async fn body(&mut self, this: Resource<Response>) -> Answered<Vec<u8>> {
        let place = self.table.get(&this)?.0;
        let Some(held) = self.responses.get(place) else {
            return Ok(Err(Error::Closed));
        };
        Ok(held.body(&mut self.client).await.map(|body| body.to_vec()))
    }

    async fn text(&mut self, this: Resource<Response>) -> Answered<String> {
        let place = self.table.get(&this)?.0;
        let Some(held) = self.responses.get(place) else {
            return Ok(Err(Error::Closed));
        };
        Ok(held.body(&mut self.client).await.and_then(|body| {
            std::str::from_utf8(&body)
                .map(str::to_owned)
                .map_err(|error| Error::WrongContent(format!("the body is not text: {error}")))
        }))
    }

    fn duration(&mut self, this: Resource<Response>) -> Result<Option<types::Duration>> {
        Ok(self
            .held(&this)?
            .and_then(|held| held.timings().duration())
            .map(nanos))
    }

    fn timings(&mut self, this: Resource<Response>) -> Result<wit::Timings> {
        let timings = self
            .held(&this)?
            .map(|held| held.timings())
            .unwrap_or_default();
        Ok(wit::Timings {
            blocked: timings.blocked.map(nanos),
            looking_up: timings.looking_up.map(nanos),
            connecting: timings.connecting.map(nanos),
            tls_handshaking: timings.tls_handshaking.map(nanos),
            sending: timings.sending.map(nanos),
            waiting: timings.waiting.map(nanos),
            receiving: timings.receiving.map(nanos),
            duration: timings.duration().map(nanos),
        })
    }

    fn events(&mut self, this: Resource<Response>) -> Answered<Resource<EventStream>> {
        let place = self.table.get(&this)?.0;
        let limit = self.run().http.settings().body_limit;
        let read = match self.responses.get(place) {
            Some(held) => held.read_events(limit),
            None => Err(Error::Closed),
        };
        read.map_or_else(
            |error| Ok(Err(error)),
            |()| {
                let stream = self.responses.event_stream(place);
                Ok(Ok(self.table.push(stream)?))
            },
        )
    }

    fn chunks(&mut self, this: Resource<Response>) -> Answered<Resource<BodyStream>> {
        let place = self.table.get(&this)?.0;
        let read = match self.responses.get(place) {
            Some(held) => held.read_chunks(),
            None => Err(Error::Closed),
        };
        read.map_or_else(
            |error| Ok(Err(error)),
            |()| {
                let stream = self.responses.body_stream(place);
                Ok(Ok(self.table.push(stream)?))
            },
        )
    }

    fn drop(&mut self, this: Resource<Response>) -> Result<()> {
        let place = self.table.delete(this)?.0;
        self.responses.drop_response(place, &mut self.client);
        Ok(())
    }
}

impl HostEventStream for Context {
    async fn next(&mut self, this: Resource<EventStream>) -> Answered<Option<wit::Event>> {
        let stream = self.table.get_mut(&this)?;
        let Some(held) = self.responses.get(stream.place) else {
            return Ok(Err(Error::Closed));
        };
        let next = held.next_event(&mut self.client, &mut stream.retry);
        Ok(next.await)
    }

    fn retry(&mut self, this: Resource<EventStream>) -> Result<Option<types::Duration>> {
        Ok(self.table.get(&this)?.retry.map(nanos))
    }

    fn drop(&mut self, this: Resource<EventStream>) -> Result<()> {
        let place = self.table.delete(this)?.place;
        self.responses.drop_stream(place, &mut self.client);
        Ok(())
    }
}

impl HostBodyStream for Context {
    async fn next(&mut self, this: Resource<BodyStream>) -> Answered<Option<Vec<u8>>> {
        let stream = self.table.get_mut(&this)?;
        let Some(held) = self.responses.get(stream.place) else {
            return Ok(Err(Error::Closed));
        };
        let next = held.next_chunk(&mut self.client, &mut stream.arrived);
        Ok(next.await.map(|chunk| chunk.map(|chunk| chunk.to_vec())))
    }

    fn elapsed(&mut self, this: Resource<BodyStream>) -> Result<Option<types::Duration>> {
        Ok(self.table.get(&this)?.arrived.map(nanos))
    }

    fn drop(&mut self, this: Resource<BodyStream>) -> Result<()> {
        let place = self.table.delete(this)?.place;
        self.responses.drop_stream(place, &mut self.client);
        Ok(())
    }
}
