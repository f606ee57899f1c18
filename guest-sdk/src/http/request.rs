use std::ops::RangeInclusive;
use std::time::Duration;

use serde::Serialize;

use super::{Error, ErrorKind, Part, Response, Upload};
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
///
/// A request whose body could not be said in JSON is not sent, and has that error
/// in its place.
#[must_use]
pub fn send_all(requests: &[&Request]) -> Vec<Result<Response, Error>> {
    let sendable: Vec<&contract::Request> = requests
        .iter()
        .filter(|request| request.mistake.is_none())
        .map(|request| &request.handle)
        .collect();
    let mut outcomes = contract::send_all(&sendable).into_iter();
    requests
        .iter()
        .filter_map(|request| match &request.mistake {
            Some(mistake) => Some(Err(mistake.clone())),
            None => Some(outcomes.next()?.map(Response).map_err(Error::from)),
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

    /// Sends a bearer token that is no secret, as one that a login gave:
    /// `Authorization: Bearer …`.
    pub fn bearer_token(self, token: &str) -> Self {
        self.header("authorization", &["Bearer ", token].concat())
    }

    /// Authenticates by user and password: `Authorization: Basic …`.
    ///
    /// ```
    /// use vuelo_sdk::prelude::*;
    ///
    /// let report = fake::Host::new().play(|| {
    ///     http::get("http://localhost/").basic_auth("Aladdin", "open sesame").send().unwrap();
    /// });
    /// let sent = report.requests[0].header("authorization");
    /// assert_eq!(sent, Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
    /// ```
    pub fn basic_auth(self, user: &str, password: &str) -> Self {
        self.0.handle.set_basic_auth(user, password);
        self
    }

    /// Authenticates by user and a secret password: `Authorization: Basic …`.
    pub fn secret_basic_auth(self, user: &str, password: &Secret) -> Self {
        self.0.handle.set_secret_basic_auth(user, &password.0);
        self
    }

    /// Answers the server's challenge by user and password (`Digest`). Each
    /// sending is then two requests, with samples of their own; that the first
    /// is answered by 401 is no failure.
    pub fn digest_auth(self, user: &str, password: &str) -> Self {
        self.0.handle.set_digest_auth(user, password);
        self
    }

    /// [`digest_auth`](Self::digest_auth) with a secret password.
    pub fn secret_digest_auth(self, user: &str, password: &Secret) -> Self {
        self.0.handle.set_secret_digest_auth(user, &password.0);
        self
    }

    /// Sends a cookie with this request, in place of one that is kept under the
    /// same name: see [`cookies`](super::cookies).
    pub fn cookie(self, name: &str, value: &str) -> Self {
        self.0.handle.set_cookie(name, value);
        self
    }

    /// How many redirects are followed, in place of the plan's `maxRedirects`
    /// (10). The answer that redirects once more is then the answer.
    ///
    /// ```
    /// use vuelo_sdk::prelude::*;
    ///
    /// let host = fake::Host::new()
    ///     .on("GET", "/old", fake::reply(301).header("location", "/new"))
    ///     .on("GET", "/new", fake::reply(200));
    /// host.play(|| {
    ///     let answer = http::get("http://localhost/old").send().unwrap();
    ///     assert_eq!((answer.status(), answer.url().as_str()), (200, "http://localhost/new"));
    ///     let answer = http::get("http://localhost/old").max_redirects(0).send().unwrap();
    ///     assert_eq!(answer.header("location").as_deref(), Some("/new"));
    /// });
    /// ```
    pub fn max_redirects(self, redirects: u32) -> Self {
        self.0.handle.set_max_redirects(redirects);
        self
    }

    /// Waits for the server's word (`100 Continue`) before the body is sent, for
    /// a second at most. An answer in its place means that the body is not sent.
    pub fn expect_continue(self) -> Self {
        self.0.handle.set_expect_continue();
        self
    }

    /// How long the head of the answer may take once the request is written, in
    /// place of the plan's.
    pub fn head_timeout(self, timeout: Duration) -> Self {
        self.0.handle.set_head_timeout(nanoseconds(timeout));
        self
    }

    /// How long the next piece of the answer's body may take, in place of the
    /// plan's.
    pub fn idle_timeout(self, timeout: Duration) -> Self {
        self.0.handle.set_idle_timeout(nanoseconds(timeout));
        self
    }

    /// Sets the body to the fields of a form, and the `content-type` to
    /// `application/x-www-form-urlencoded`.
    ///
    /// ```
    /// use vuelo_sdk::prelude::*;
    ///
    /// let report = fake::Host::new().play(|| {
    ///     let login = http::post("http://localhost/login");
    ///     login.form([("user", "ann"), ("note", "a & b")]).send().unwrap();
    /// });
    /// assert_eq!(report.requests[0].body_text(), "user=ann&note=a+%26+b");
    /// ```
    pub fn form<N: AsRef<str>, V: AsRef<str>>(
        mut self,
        fields: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let fields: Vec<(N, V)> = fields.into_iter().collect();
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_ref(), value.as_ref()))
            .collect();
        self.0.mistake = None;
        self.0.handle.set_form(&fields);
        self
    }

    /// Sets the body to the parts of a form, and the `content-type` to
    /// `multipart/form-data`.
    ///
    /// ```
    /// use vuelo_sdk::prelude::*;
    /// use vuelo_sdk::http::Part;
    ///
    /// let report = fake::Host::new().play(|| {
    ///     let parts = [
    ///         Part::text("title", "My cat"),
    ///         Part::file("picture", "cat.png", [0x89, b'P']).content_type("image/png"),
    ///     ];
    ///     http::post("http://localhost/pictures").multipart(&parts).send().unwrap();
    /// });
    /// let sent = &report.requests[0];
    /// assert!(sent.header("content-type").unwrap().starts_with("multipart/form-data"));
    /// assert!(sent.body_text().contains("filename=\"cat.png\""));
    /// ```
    pub fn multipart(mut self, parts: &[Part]) -> Self {
        let parts: Vec<_> = parts.iter().map(Part::to_contract).collect();
        self.0.mistake = None;
        self.0.handle.set_multipart(&parts);
        self
    }

    /// Sets the body to a text. The `content-type` is yours to set.
    pub fn text(mut self, body: &str) -> Self {
        self.0.set_text(body);
        self
    }

    /// Sets the body to bytes. The `content-type` is yours to set.
    pub fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.0.set_body(body);
        self
    }

    /// Sets the body to a value as JSON, and the `content-type` to
    /// `application/json`; a header that is set afterwards takes its place.
    pub fn json<T: Serialize + ?Sized>(mut self, value: &T) -> Self {
        self.0.set_json(value);
        self
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
/// What an answer asks for is done by the host, as in k6: redirects are followed
/// (see [`RequestBuilder::max_redirects`]), each with samples of its own; cookies
/// are kept and sent (see [`cookies`](super::cookies)); bodies in gzip, deflate, br
/// or zstd are decoded.
pub struct Request {
    handle: contract::Request,
    /// What is wrong with the body: that it cannot be said in JSON is found here,
    /// not by the host.
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

    /// Begins to send it with a body that is written piece by piece, in place of
    /// one that was set. With a length, that is announced and must be kept to;
    /// without, the body goes in chunks.
    ///
    /// ```
    /// use vuelo_sdk::prelude::*;
    ///
    /// let report = fake::Host::new().on("PUT", "/log", fake::reply(201)).play(|| {
    ///     let log = http::put("http://localhost/log").build();
    ///     let mut upload = log.upload(None).unwrap();
    ///     for line in 1..=3 {
    ///         upload.write(format!("line {line}\n")).unwrap();
    ///     }
    ///     assert_eq!(upload.finish().unwrap().status(), 201);
    /// });
    /// assert_eq!(report.requests[0].body_text(), "line 1\nline 2\nline 3\n");
    /// ```
    ///
    /// # Errors
    ///
    /// Where the request was built wrongly.
    pub fn upload(&self, length: Option<u64>) -> Result<Upload, Error> {
        self.sendable()?;
        Ok(Upload(self.handle.upload(length)?))
    }

    /// Changes a header for later sendings.
    pub fn set_header(&mut self, name: &str, value: &str) {
        self.handle.set_header(name, value);
    }

    /// Changes the body for later sendings to a text.
    pub fn set_text(&mut self, body: &str) {
        self.mistake = None;
        self.handle.set_text(body);
    }

    /// Changes the body for later sendings to bytes.
    pub fn set_body(&mut self, body: impl AsRef<[u8]>) {
        self.mistake = None;
        self.handle.set_body(body.as_ref());
    }

    /// Changes the body for later sendings to a value as JSON, and the
    /// `content-type` to `application/json`; a header that is set afterwards takes
    /// its place.
    ///
    /// A value that cannot be said in JSON is the error of every sending until the
    /// request is given another body.
    ///
    /// ```
    /// use vuelo_sdk::prelude::*;
    ///
    /// let report = fake::Host::new().play(|| {
    ///     let mut order = http::post("http://localhost/orders").build();
    ///     for item in ["coffee", "cake"] {
    ///         order.set_json(&[item]);
    ///         order.send().unwrap();
    ///     }
    /// });
    /// assert_eq!(report.requests[1].body_text(), r#"["cake"]"#);
    /// assert_eq!(report.requests[1].header("content-type"), Some("application/json"));
    /// ```
    pub fn set_json<T: Serialize + ?Sized>(&mut self, value: &T) {
        match serde_json::to_vec(value) {
            Ok(body) => {
                self.set_body(body);
                self.set_header("content-type", "application/json");
            }
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
