//! Who may ask: tokens and the rate limit.

use hyper::StatusCode;
use hyper::header::{AUTHORIZATION, HeaderMap};

use super::draws::Draws;
use super::response::{Answer, detail, json, retry_after_a_second, text};
use super::settings::Token;

/// What a request's token is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// The right token, or none is asked for.
    Granted,
    /// No token, where one is asked for.
    Missing,
    /// Another token than the right one.
    Wrong,
}

/// Looks at the `Authorization` header; a router's clients also use `x-api-key`.
pub(super) fn of(headers: &HeaderMap, token: Option<&Token>) -> Access {
    let Some(token) = token else {
        return Access::Granted;
    };
    let sent = match headers.get(AUTHORIZATION) {
        Some(value) => value.to_str().ok().and_then(|value| {
            let (scheme, sent) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(sent.trim())
        }),
        None => match headers.get("x-api-key") {
            Some(value) => value.to_str().ok(),
            None => return Access::Missing,
        },
    };
    match sent {
        Some(sent) if token.is(sent) => Access::Granted,
        _ => Access::Wrong,
    }
}

/// What a wrong token gets on every path, `/health` included.
pub(super) fn wrong_token() -> Answer {
    detail(StatusCode::FORBIDDEN, "Invalid authentication token")
}

/// What a request above the rate limit gets. Limiters stand before the
/// application and know nothing of JSON-RPC, so the body is not always one.
pub(super) fn too_many(draws: &mut Draws) -> Answer {
    const STATUS: StatusCode = StatusCode::TOO_MANY_REQUESTS;
    retry_after_a_second(match draws.bits() % 3 {
        0 => json(
            STATUS,
            r#"{"jsonrpc":"2.0","id":null,"result":null,"error":{"code":-32000,"message":"Rate limit exceeded"}}"#,
        ),
        1 => json(
            STATUS,
            r#"{"error":"Rate limit exceeded: retry after 1 second"}"#,
        ),
        _ => text(STATUS, "Too Many Requests"),
    })
}
