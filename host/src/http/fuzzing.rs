//! What fuzzing asks of those parts that read what servers send. Compiled by
//! `fuzz/` alone, which feeds them with anything.

use http::header::{HeaderMap, HeaderValue};
use http::{Method, StatusCode};

use super::cookies::Cookies;
use super::decoding::Encodings;
use super::error::Error;
use super::redirecting::Redirect;
use super::request::Request;

pub use super::http2::fuzzing as http2;
pub use super::websocket::fuzzing as websocket;

/// How many cookies of an answer to the request are kept for the next one to its
/// URL, and the header that sends them.
#[must_use]
pub fn cookies_kept(request: &Request, answer: &HeaderMap) -> (usize, Option<HeaderValue>) {
    let mut cookies = Cookies::default();
    cookies.keep(&request.url, answer);
    let kept = cookies.matching(&request.url).len();
    (kept, cookies.header_for(request))
}

/// The encodings of an answer's body, as they are taken off.
#[must_use]
pub fn encodings(answer: &HeaderMap) -> Option<String> {
    Encodings::of(answer).map(|encodings| format!("{encodings:?}"))
}

/// What answers the challenge of an answer to the request.
#[must_use]
pub fn challenge_answered(request: &Request, answer: &HeaderMap) -> Option<HeaderValue> {
    let credentials = request.digest.as_deref()?;
    credentials.answer(answer, request)
}

/// The request that follows where an answer redirects.
#[must_use]
pub fn redirected(
    request: &Request,
    status: StatusCode,
    answer: &HeaderMap,
) -> Option<Result<Request, Error>> {
    let redirect = Redirect::of(status, answer)?;
    Some(redirect.follow(request, answer, request))
}

/// Method and headers of a request.
#[must_use]
pub fn head_of(request: &Request) -> (&Method, &HeaderMap) {
    (&request.method, &request.headers)
}

/// Whether a request would answer a challenge or send cookies of its own.
#[must_use]
pub fn has_secrets_of_the_client(request: &Request) -> bool {
    request.digest.is_some() || !request.cookies.is_empty()
}
