//! What HTTP/2 wants of a request.

use http::header::{
    CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, TE, TRANSFER_ENCODING, UPGRADE,
};
use http::uri::Authority;
use http::{Request, Uri, Version};
use hyper::body::Body;

use crate::http::body::OutgoingBody;

/// Headers of a connection, which HTTP/2 does not let pass (RFC 9113, 8.2.2).
static OF_CONNECTIONS: [HeaderName; 5] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    TRANSFER_ENCODING,
    UPGRADE,
];

/// The head and body of a request as HTTP/2 sends them, with an absolute URI.
pub(in crate::http) fn of_http2(
    uri: Uri,
    message: Request<OutgoingBody>,
) -> (Request<()>, OutgoingBody) {
    let (mut head, body) = message.into_parts();
    head.version = Version::HTTP_2;
    head.uri = uri;
    without_connection_headers(&mut head.headers);
    // The host has a place of its own; what the request says goes before what
    // the URL does, as in HTTP/1.1.
    if let Some(host) = head.headers.remove(HOST)
        && head
            .uri
            .authority()
            .is_none_or(|authority| authority.as_str().as_bytes() != host.as_bytes())
        && let Ok(authority) = Authority::try_from(host.as_bytes())
    {
        let mut parts = std::mem::take(&mut head.uri).into_parts();
        parts.authority = Some(authority);
        // Only a missing part could be wrong, and none is.
        head.uri = Uri::from_parts(parts).unwrap_or_default();
    }
    if let Some(length) = body.size_hint().exact()
        && length > 0
    {
        head.headers
            .entry(CONTENT_LENGTH)
            .or_insert_with(|| length.into());
    }
    (Request::from_parts(head, ()), body)
}

fn without_connection_headers(headers: &mut HeaderMap) {
    for name in &OF_CONNECTIONS {
        headers.remove(name);
    }
    if headers.get(TE).is_some_and(|value| value != "trailers") {
        headers.remove(TE);
    }
}
