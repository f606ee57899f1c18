use std::ops::RangeInclusive;
use std::time::Duration;

use serde::Serialize;

use super::{Error, ErrorKind, Response};
use crate::config::Secret;
use crate::flow::nanoseconds;
use crate::host::http as contract;

/// A `GET` request for an absolute URL.
pub fn get(url: &str) -> RequestBuilder {
    request("GET", url)
}

/// A `POST` request for an absolute URL.
pub fn post(url: &str) -> RequestBuilder {
    request("POST", url)
}

/// A `PUT` request for an absolute URL.
pub fn put(url: &str) -> RequestBuilder {
    request("PUT", url)
}

/// A `PATCH` request for an absolute URL.
pub fn patch(url: &str) -> RequestBuilder {
    request("PATCH", url)
}

/// A `DELETE` request for an absolute URL.
pub fn delete(url: &str) -> RequestBuilder {
    request("DELETE", url)
}

/// A request of any method for an absolute URL.
pub fn request(method: &str, url: &str) -> RequestBuilder {
    RequestBuilder(Request {
        handle: contract::Request::new(method, url),
        mistake: None,
    })
}

/// Sends several requests at once and waits for all answers, which come in the
/// order of the requests.
///
/// As many are under way at a time as the plan's `batchPerHost` (6) allows to
/// one host and `batch` (20) in all. The timeout of each counts from its own
/// turn.
///
/// ```
/// use vuelo_sdk::prelude::*;
///
/// let report = fake::Host::new().play(|| {
///     let news = http::get("http://localhost/news").build();
///     let weather = http::get("http://localhost/weather").build();
///     let answers = http::send_all(&[&news, &weather]);
///     assert_eq!(answers.len(), 2);
/// });
/// assert_eq!(report.requests[1].path(), "/weather");
/// ```
#[must_use]
pub fn send_all(requests: &[&Request]) -> Vec<Result<Response, Error>> {
    let handles: Vec<&contract::Request> = requests.iter().map(|request| &request.handle).collect();
    contract::send_all(&handles)
        .into_iter()
        .zip(requests)
        .map(|(outcome, request)| match &request.mistake {
            Some(mistake) => Err(mistake.clone()),
            None => outcome.map(Response).map_err(Error::from),
        })
        .collect()
}

/// A request in the making. A mistake in it (a wrong URL, say) shows when it is
/// sent.
#[must_use = "a request is not sent until `send`, `open` or `send_all`"]
pub struct RequestBuilder(Request);

impl RequestBuilder {
    /// Sets a header, in place of earlier ones of that name.
    pub fn header(self, name: &str, value: &str) -> Self {
        self.0.handle.set_header(name, value);
        self
    }

    /// Adds a header beside earlier ones of that name.
    pub fn append_header(self, name: &str, value: &str) -> Self {
        self.0.handle.append_header(name, value);
        self
    }

    /// Sets a header to a prefix followed by a secret.
    pub fn secret_header(self, name: &str, prefix: &str, secret: &Secret) -> Self {
        self.0.handle.set_secret_header(name, prefix, &secret.0);
        self
    }

    /// Sends a secret as bearer token: `Authorization: Bearer …`.
    pub fn bearer(self, secret: &Secret) -> Self {
        self.secret_header("authorization", "Bearer ", secret)
    }

    /// Sets the body to a text. The `content-type` is yours to set.
    pub fn text(mut self, body: &str) -> Self {
        self.0.set_text(body);
        self
    }

    /// Sets the body to bytes. The `content-type` is yours to set.
    pub fn body(self, body: impl AsRef<[u8]>) -> Self {
        self.0.handle.set_body(body.as_ref());
        self
    }

    /// Sets the body to a value as JSON, and the `content-type` to
    /// `application/json`.
    pub fn json<T: Serialize + ?Sized>(mut self, value: &T) -> Self {
        self.0.set_json(value);
        self.header("content-type", "application/json")
    }

    /// Marks the samples of this request. The tag `name` takes the place of
    /// the URL in reports.
    pub fn tag(self, name: &str, value: &str) -> Self {
        self.0.handle.set_tag((name, value));
        self
    }

    /// How long sending and answer may take together; 60 s unless set.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.0.handle.set_timeout(nanoseconds(timeout));
        self
    }

    /// Which status codes count as success in `http_req_failed`; 200 to 399
    /// unless set, none where there is no range.
    ///
    /// ```
    /// use vuelo_sdk::prelude::*;
    ///
    /// let gone = http::get("http://localhost/gone").expect([200..=299, 404..=404]).build();
    /// ```
    pub fn expect(self, statuses: impl IntoIterator<Item = RangeInclusive<u16>>) -> Self {
        let ranges: Vec<_> = statuses
            .into_iter()
            .map(|range| contract::StatusRange {
                lowest: *range.start(),
                highest: *range.end(),
            })
            .collect();
        self.0.handle.set_expected_statuses(&ranges);
        self
    }

    /// Judges nothing, also where no answer comes: the request leaves no sample
    /// in `http_req_failed`.
    pub fn unjudged(self) -> Self {
        self.0.handle.set_unjudged();
        self
    }

    /// Drops the answer's body as it arrives. What is read from a stream is not
    /// dropped.
    pub fn discard_body(self) -> Self {
        self.0.handle.set_discard_body(true);
        self
    }

    /// The request, to keep and to send often.
    pub fn build(self) -> Request {
        self.0
    }

    /// Sends it once and waits for the whole answer.
    ///
    /// # Errors
    ///
    /// Where there is no answer: see [`ErrorKind`](super::ErrorKind). A status such as 500 is an
    /// answer.
    pub fn send(self) -> Result<Response, Error> {
        self.0.send()
    }

    /// Sends it once and waits for the answer's head alone: see
    /// [`Request::open`].
    ///
    /// # Errors
    ///
    /// Where there is no answer.
    pub fn open(self) -> Result<Response, Error> {
        self.0.open()
    }
}

/// A request: built once, kept by the host, sent as often as wanted.
///
/// An answer is handed over as it came: no redirect is followed, no cookie is
/// kept, no body is decoded.
pub struct Request {
    handle: contract::Request,
    /// What cannot be said in JSON is found here, not by the host.
    mistake: Option<Error>,
}

impl Request {
    /// Sends it and waits for the whole answer.
    ///
    /// # Errors
    ///
    /// Where there is no answer: see [`ErrorKind`](super::ErrorKind). A status such as 500 is an
    /// answer.
    pub fn send(&self) -> Result<Response, Error> {
        self.sendable()?;
        Ok(Response(self.handle.send()?))
    }

    /// Sends it and waits for the answer's head alone. The body is then read
    /// as [`events`](Response::events), as [`chunks`](Response::chunks) or in
    /// one piece.
    ///
    /// Its samples are recorded once: when the body ends or fails, when its
    /// stream or the unread answer is dropped, or when the iteration ends. To
    /// end early is no failure.
    ///
    /// # Errors
    ///
    /// Where there is no answer.
    pub fn open(&self) -> Result<Response, Error> {
        self.sendable()?;
        Ok(Response(self.handle.open()?))
    }

    /// Changes a header for later sendings.
    pub fn set_header(&mut self, name: &str, value: &str) {
        self.handle.set_header(name, value);
    }

    /// Changes the body for later sendings to a text.
    pub fn set_text(&mut self, body: &str) {
        self.handle.set_text(body);
    }

    /// Changes the body for later sendings to bytes.
    pub fn set_body(&mut self, body: impl AsRef<[u8]>) {
        self.handle.set_body(body.as_ref());
    }

    /// Changes the body for later sendings to a value as JSON.
    pub fn set_json<T: Serialize + ?Sized>(&mut self, value: &T) {
        match serde_json::to_vec(value) {
            Ok(body) => self.handle.set_body(&body),
            Err(error) => {
                let text = ["the body cannot be said in JSON: ", &error.to_string()].concat();
                self.mistake = Some(Error::new(ErrorKind::InvalidRequest, text));
            }
        }
    }

    fn sendable(&self) -> Result<(), Error> {
        self.mistake.clone().map_or(Ok(()), Err)
    }
}
