//! The interface `http`: a thin layer over the engine, and the samples.

use std::time::Duration;

use wasmtime::Result;
use wasmtime::component::Resource;

use super::bindings::vuelo::load::http::{
    self as wit, Error, HostBodyStream, HostEventStream, HostRequest, HostResponse, StatusRange,
};
use super::bindings::vuelo::load::types;
use super::config::SecretValue;
use super::context::Context;
use super::http_request::{Expected, Request};
use super::http_response::{BodyStream, EventStream, Response, event, nanos};
use super::http_sample::{Sampler, Samplers};
use crate::http::{EventParser, Exchange};
use crate::metrics::with_shard;

/// What a call of the guest's own returns: a trap outside, the contract's
/// result inside.
type Answered<T> = Result<std::result::Result<T, Error>>;

impl Context {
    /// What records the samples of a request, with the tags of this moment.
    fn sampler(&mut self, request: &Resource<Request>) -> Result<Sampler> {
        let base = self.tags();
        let request = self.table.get_mut(request)?;
        let tags = with_shard(|shard| request.intern(base, shard)).unwrap_or(base);
        Ok(Sampler::new(tags, request.expected.clone()))
    }

    /// Records an exchange and keeps its answer.
    fn keep(&mut self, exchange: Exchange, sampler: Sampler) -> Answered<Resource<Response>> {
        let Exchange { outcome, timings, bytes_sent, bytes_received } = exchange;
        let bytes = (bytes_sent, bytes_received);
        match outcome {
            Ok(answer) => {
                sampler.answered(&answer.head, &timings, bytes);
                let response = self.responses.keep(answer, timings);
                Ok(Ok(self.table.push(response)?))
            }
            Err(error) => {
                let told = Error::from(&error);
                sampler.failed(&error, &timings, bytes);
                Ok(Err(told))
            }
        }
    }
}

impl wit::Host for Context {
    async fn send_all(
        &mut self,
        requests: Vec<Resource<Request>>,
    ) -> Result<Vec<std::result::Result<Resource<Response>, Error>>> {
        self.must_be_running("http.send-all")?;
        let samplers =
            requests.iter().map(|request| self.sampler(request)).collect::<Result<Vec<_>>>()?;
        // Requests that were built wrongly stay at home; the others go together.
        let mut built = Vec::with_capacity(requests.len());
        let mut mistakes = Vec::with_capacity(requests.len());
        for request in &requests {
            match self.table.get(request)?.built() {
                Ok(request) => {
                    built.push(request);
                    mistakes.push(None);
                }
                Err(mistake) => mistakes.push(Some(mistake)),
            }
        }
        let (good, bad): (Vec<_>, Vec<_>) =
            samplers.into_iter().zip(&mistakes).partition(|(_, mistake)| mistake.is_none());
        drop(bad);
        let samplers: Vec<_> = good.into_iter().map(|(sampler, _)| sampler).collect();
        let exchanges = self.client.send_all(&built, &Samplers(&samplers)).await;
        let mut answers = exchanges.into_iter().zip(samplers);
        let mut results = Vec::with_capacity(requests.len());
        for mistake in mistakes {
            match (mistake, answers.by_ref()) {
                (Some(mistake), _) => results.push(Err(mistake)),
                (None, answers) => {
                    if let Some((exchange, sampler)) = answers.next() {
                        results.push(self.keep(exchange, sampler)?);
                    }
                }
            }
        }
        Ok(results)
    }
}

impl HostRequest for Context {
    fn new(&mut self, method: String, url: String) -> Result<Resource<Request>> {
        self.must_be_running("the making of a request")?;
        Ok(self.table.push(Request::new(&method, &url))?)
    }

    fn set_header(&mut self, this: Resource<Request>, name: String, value: String) -> Result<()> {
        self.table.get_mut(&this)?.build(|request| request.set_header(&name, &value));
        Ok(())
    }

    fn append_header(
        &mut self,
        this: Resource<Request>,
        name: String,
        value: String,
    ) -> Result<()> {
        self.table.get_mut(&this)?.build(|request| request.append_header(&name, &value));
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
        expected: Option<Vec<StatusRange>>,
    ) -> Result<()> {
        self.table.get_mut(&this)?.expected = match expected {
            Some(ranges) => Expected::Ranges(ranges.into()),
            None => Expected::Unjudged,
        };
        Ok(())
    }

    fn set_discard_body(&mut self, this: Resource<Request>, discard: bool) -> Result<()> {
        self.table.get_mut(&this)?.build(|request| {
            request.set_discard_body(discard);
            Ok(())
        });
        Ok(())
    }

    async fn send(&mut self, this: Resource<Request>) -> Answered<Resource<Response>> {
        self.must_be_running("http.request.send")?;
        let samplers = [self.sampler(&this)?];
        let request = match self.table.get(&this)?.built() {
            Ok(request) => request,
            Err(mistake) => return Ok(Err(mistake)),
        };
        let exchange = self.client.send(request, &Samplers(&samplers)).await;
        let [sampler] = samplers;
        self.keep(exchange, sampler)
    }

    async fn open(&mut self, this: Resource<Request>) -> Answered<Resource<Response>> {
        self.must_be_running("http.request.open")?;
        let samplers = [self.sampler(&this)?];
        let request = match self.table.get(&this)?.built() {
            Ok(request) => request,
            Err(mistake) => return Ok(Err(mistake)),
        };
        let opened = self.client.open(request, &Samplers(&samplers)).await;
        let [sampler] = samplers;
        match opened {
            Ok(open) => {
                let sampler =
                    sampler.opened(open.timings(), open.bytes_sent(), open.bytes_received());
                let response = self.responses.keep_open(open, sampler);
                Ok(Ok(self.table.push(response)?))
            }
            Err(exchange) => self.keep(exchange, sampler),
        }
    }

    fn drop(&mut self, this: Resource<Request>) -> Result<()> {
        self.table.delete(this)?;
        Ok(())
    }
}

impl HostResponse for Context {
    fn status(&mut self, this: Resource<Response>) -> Result<u16> {
        let place = self.table.get(&this)?.place();
        Ok(self.responses.get(place).map_or(0, |held| held.head.status.as_u16()))
    }

    fn header(&mut self, this: Resource<Response>, name: String) -> Result<Option<String>> {
        let place = self.table.get(&this)?.place();
        let held = self.responses.get(place);
        let value = held.and_then(|held| held.head.headers.get(&name)?.to_str().ok());
        Ok(value.map(str::to_owned))
    }

    fn headers(&mut self, this: Resource<Response>) -> Result<Vec<(String, String)>> {
        let place = self.table.get(&this)?.place();
        let Some(held) = self.responses.get(place) else { return Ok(Vec::new()) };
        let text = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            Some((name.to_string(), value.to_str().ok()?.to_owned()))
        };
        Ok(held.head.headers.iter().filter_map(text).collect())
    }

    fn protocol(&mut self, this: Resource<Response>) -> Result<String> {
        let place = self.table.get(&this)?.place();
        let held = self.responses.get(place);
        Ok(held.map_or_else(String::new, |held| held.head.protocol().to_owned()))
    }

    async fn body(&mut self, this: Resource<Response>) -> Answered<Vec<u8>> {
        let place = self.table.get(&this)?.place();
        let Some(held) = self.responses.get(place) else { return Ok(Err(Error::Closed)) };
        Ok(held.complete(&mut self.client).await.map(|answer| answer.body().to_vec()))
    }

    async fn text(&mut self, this: Resource<Response>) -> Answered<String> {
        let place = self.table.get(&this)?.place();
        let Some(held) = self.responses.get(place) else { return Ok(Err(Error::Closed)) };
        let answer = match held.complete(&mut self.client).await {
            Ok(answer) => answer,
            Err(error) => return Ok(Err(error)),
        };
        let body = answer.body();
        Ok(std::str::from_utf8(&body)
            .map(str::to_owned)
            .map_err(|error| Error::WrongContent(format!("the body is not text: {error}"))))
    }

    fn timings(&mut self, this: Resource<Response>) -> Result<wit::Timings> {
        let place = self.table.get(&this)?.place();
        let timings = self.responses.get(place).map(|held| held.timings()).unwrap_or_default();
        Ok(wit::Timings {
            blocked: timings.blocked.map(nanos),
            connecting: timings.connecting.map(nanos),
            tls_handshaking: timings.tls_handshaking.map(nanos),
            sending: timings.sending.map(nanos),
            waiting: timings.waiting.map(nanos),
            receiving: timings.receiving.map(nanos),
            duration: timings.duration.map(nanos),
        })
    }

    fn events(&mut self, this: Resource<Response>) -> Answered<Resource<EventStream>> {
        let place = self.table.get(&this)?.place();
        let Some(held) = self.responses.get(place) else { return Ok(Err(Error::Closed)) };
        let content_type = held.head.headers.get(http::header::CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or("");
        let media_type = content_type.split(';').next().unwrap_or("").trim();
        if !media_type.eq_ignore_ascii_case("text/event-stream") {
            return Ok(Err(Error::WrongContent(format!(
                "the answer is `{content_type}`, not `text/event-stream`"
            ))));
        }
        if let Err(error) = held.stream() {
            return Ok(Err(error));
        }
        Ok(Ok(self.table.push(EventStream { place, parser: EventParser::new() })?))
    }

    fn chunks(&mut self, this: Resource<Response>) -> Answered<Resource<BodyStream>> {
        let place = self.table.get(&this)?.place();
        let Some(held) = self.responses.get(place) else { return Ok(Err(Error::Closed)) };
        if let Err(error) = held.stream() {
            return Ok(Err(error));
        }
        Ok(Ok(self.table.push(BodyStream { place })?))
    }

    fn drop(&mut self, this: Resource<Response>) -> Result<()> {
        let response = self.table.delete(this)?;
        self.responses.drop_response(response.place(), &mut self.client);
        Ok(())
    }
}

impl HostEventStream for Context {
    async fn next(&mut self, this: Resource<EventStream>) -> Answered<Option<wit::Event>> {
        let stream = self.table.get_mut(&this)?;
        let Some(held) = self.responses.get(stream.place) else { return Ok(Err(Error::Closed)) };
        let started = held.stream_started();
        loop {
            if let Some(next) = stream.parser.next_event() {
                let elapsed = started.map_or(Duration::ZERO, |started| started.elapsed());
                return Ok(Ok(Some(event(next, elapsed))));
            }
            match held.next_piece(&mut self.client).await {
                Ok(Some(piece)) => {
                    if stream.parser.push(&piece).is_err() {
                        let text = "an event of the stream is larger than 64 MiB".to_owned();
                        return Ok(Err(Error::BodyTooLarge(text)));
                    }
                }
                Ok(None) => return Ok(Ok(None)),
                Err(error) => return Ok(Err(error)),
            }
        }
    }

    fn drop(&mut self, this: Resource<EventStream>) -> Result<()> {
        let stream = self.table.delete(this)?;
        self.responses.end_stream(stream.place, &mut self.client);
        Ok(())
    }
}

impl HostBodyStream for Context {
    async fn next(&mut self, this: Resource<BodyStream>) -> Answered<Option<Vec<u8>>> {
        let place = self.table.get(&this)?.place;
        let Some(held) = self.responses.get(place) else { return Ok(Err(Error::Closed)) };
        Ok(held.next_piece(&mut self.client).await.map(|piece| piece.map(|piece| piece.to_vec())))
    }

    fn drop(&mut self, this: Resource<BodyStream>) -> Result<()> {
        let stream = self.table.delete(this)?;
        self.responses.end_stream(stream.place, &mut self.client);
        Ok(())
    }
}
