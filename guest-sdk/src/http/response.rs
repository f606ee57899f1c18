use std::time::Duration;

use serde::de::DeserializeOwned;

use super::{Chunks, Error, ErrorKind, Events};
use crate::host::http as contract;

/// An answer. It stays in the host: only what is asked for is copied. It ends
/// with its iteration, even when it is kept.
pub struct Response(pub(super) contract::Response);

impl Response {
    /// The status code.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.0.status()
    }

    /// Whether the status is from 200 to 299.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status())
    }

    /// The URL that answered: the request's, or the one it was redirected to.
    #[must_use]
    pub fn url(&self) -> String {
        self.0.url()
    }

    /// The first header of this name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        self.0.header(name)
    }

    /// All headers, in the order of their arrival, names in lower case.
    #[must_use]
    pub fn headers(&self) -> Vec<(String, String)> {
        self.0.headers()
    }

    /// The protocol as k6 names it: `HTTP/1.0`, `HTTP/1.1`, `HTTP/2.0`, `HTTP/3.0`.
    #[must_use]
    pub fn protocol(&self) -> String {
        self.0.protocol()
    }

    /// The whole body.
    ///
    /// # Errors
    ///
    /// Where the answer was only opened and its body does not arrive whole.
    pub fn body(&self) -> Result<Vec<u8>, Error> {
        Ok(self.0.body()?)
    }

    /// The whole body as text.
    ///
    /// # Errors
    ///
    /// As [`body`](Self::body), and where it is not UTF-8.
    pub fn text(&self) -> Result<String, Error> {
        Ok(self.0.text()?)
    }

    /// The whole body, read as JSON.
    ///
    /// # Errors
    ///
    /// As [`body`](Self::body), and where it is not JSON of that shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body()?).map_err(|error| {
            let text = [
                "the answer is not the JSON that was expected: ",
                &error.to_string(),
            ];
            Error::new(ErrorKind::WrongContent, text.concat())
        })
    }

    /// Sending, waiting and receiving together: k6's `http_req_duration`. `None`
    /// where that was not measured.
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        self.0.duration().map(Duration::from_nanos)
    }

    /// Where the time went. Of an opened answer, what is known so far.
    #[must_use]
    pub fn timings(&self) -> Timings {
        let timings = self.0.timings();
        Timings {
            blocked: timings.blocked.map(Duration::from_nanos),
            looking_up: timings.looking_up.map(Duration::from_nanos),
            connecting: timings.connecting.map(Duration::from_nanos),
            tls_handshaking: timings.tls_handshaking.map(Duration::from_nanos),
            sending: timings.sending.map(Duration::from_nanos),
            waiting: timings.waiting.map(Duration::from_nanos),
            receiving: timings.receiving.map(Duration::from_nanos),
            duration: timings.duration.map(Duration::from_nanos),
        }
    }

    /// Reads an opened answer as Server-Sent Events.
    ///
    /// ```
    /// use vuelo_sdk::prelude::*;
    ///
    /// let host = fake::Host::new().on("GET", "/news", fake::reply(200).event("rain").event("sun"));
    /// host.play(|| {
    ///     let answer = http::get("http://localhost/news").open().unwrap();
    ///     let news: Vec<_> = answer.events().unwrap().map(|event| event.unwrap().data).collect();
    ///     assert_eq!(news, ["rain", "sun"]);
    /// });
    /// ```
    ///
    /// # Errors
    ///
    /// Where the content type is not `text/event-stream`: the body can then
    /// still be read. Where the body was received or taken already.
    pub fn events(&self) -> Result<Events, Error> {
        Ok(Events::new(self.0.events()?))
    }

    /// Reads an opened answer in pieces, as they arrive.
    ///
    /// ```
    /// use vuelo_sdk::prelude::*;
    ///
    /// static FIRST_PIECE: Trend = Trend::milliseconds("first_piece");
    ///
    /// let host = fake::Host::new().on("GET", "/report", fake::reply(200).chunk("one,").chunk("two"));
    /// let report = host.play(|| {
    ///     let answer = http::get("http://localhost/report").open().unwrap();
    ///     let mut pieces = answer.chunks().unwrap();
    ///     assert_eq!(pieces.next().unwrap().unwrap(), b"one,");
    ///     FIRST_PIECE.add(pieces.elapsed().unwrap());
    ///     assert_eq!(pieces.next().unwrap().unwrap(), b"two");
    ///     assert!(pieces.next().is_none());
    /// });
    /// assert_eq!(report.values("first_piece"), [5.0]);
    /// ```
    ///
    /// # Errors
    ///
    /// Where the body was received or taken already.
    pub fn chunks(&self) -> Result<Chunks, Error> {
        Ok(Chunks::new(self.0.chunks()?))
    }

    /// [`check`](crate::check) of this answer.
    pub fn check(&self, name: &str, holds: impl FnOnce(&Self) -> bool) -> bool {
        crate::check(name, holds(self))
    }
}

/// Where a request's time went. `None` means that it was not measured, never
/// that it took no time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timings {
    /// Waiting for a connection to be free, its making not included.
    pub blocked: Option<Duration>,
    /// Looking up the name; zero where there was none to look up.
    pub looking_up: Option<Duration>,
    /// Making the TCP connection; in HTTP/3 making the whole connection, TLS
    /// included.
    pub connecting: Option<Duration>,
    /// Shaking hands for TLS; zero without TLS, and `None` in HTTP/3, where it is a
    /// part of `connecting`.
    pub tls_handshaking: Option<Duration>,
    /// Writing the request.
    pub sending: Option<Duration>,
    /// From the last byte written to the first byte read.
    pub waiting: Option<Duration>,
    /// From the first byte read to the last.
    pub receiving: Option<Duration>,
    /// Sending, waiting and receiving together: k6's `http_req_duration`.
    pub duration: Option<Duration>,
}
