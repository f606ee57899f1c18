//! Requests by `wasi:http`, as a language's own HTTP client sends them.

use vuelo_sdk::prelude::*;
use wasip2::http::outgoing_handler::handle;
use wasip2::http::types::{
    ErrorCode, Fields, IncomingBody, Method, OutgoingBody, OutgoingRequest, Scheme,
};
use wasip2::io::streams::StreamError;

/// What came of a request: its status and its body.
type Came = Result<(u16, String), ErrorCode>;

/// Some requests to a server, as `127.0.0.1:80`.
pub fn exchange(authority: &str) -> Result<(), Failure> {
    let came = send(authority, &Method::Get, "/basic", None);
    check("a refusal is an answer", matches!(came, Ok((404, _))));
    flow::set_tag("name", "mine");
    let came = send(authority, &Method::Put, "/echo", Some("one, two"));
    let echoed = matches!(came, Ok((200, text)) if text == "one, two");
    check("a body is sent", echoed);
    flow::remove_tag("name");
    let came = send(authority, &Method::Post, "/login", None);
    check(
        "an answer is the guest's own to follow",
        matches!(came, Ok((303, _))),
    );
    let came = send("elsewhere.test", &Method::Get, "/", None);
    let denied = matches!(came, Err(ErrorCode::HttpRequestDenied));
    check("a host that is not allowed is refused", denied);
    Ok(())
}

fn send(authority: &str, method: &Method, path: &str, body: Option<&str>) -> Came {
    let request = OutgoingRequest::new(Fields::new());
    let built = request.set_method(method).is_ok()
        && request.set_scheme(Some(&Scheme::Http)).is_ok()
        && request.set_authority(Some(authority)).is_ok()
        && request.set_path_with_query(Some(path)).is_ok();
    assert!(built, "a request that can be built");
    let future = match body {
        None => handle(request, None)?,
        Some(text) => {
            let outgoing = request.body().expect("the body, once");
            let future = handle(request, None)?;
            let stream = outgoing.write().expect("the stream, once");
            let written = stream.blocking_write_and_flush(text.as_bytes());
            written.expect("a body that is taken");
            drop(stream);
            OutgoingBody::finish(outgoing, None)?;
            future
        }
    };
    future.subscribe().block();
    let response = future.get().expect("an answer").expect("once")?;
    let status = response.status();
    let incoming = response.consume().expect("the body, once");
    let stream = incoming.stream().expect("the stream, once");
    let mut bytes = Vec::new();
    loop {
        match stream.blocking_read(65536) {
            Ok(piece) => bytes.extend(piece),
            Err(StreamError::Closed) => break,
            Err(StreamError::LastOperationFailed(error)) => panic!("{}", error.to_debug_string()),
        }
    }
    drop(stream);
    drop(IncomingBody::finish(incoming));
    Ok((status, String::from_utf8_lossy(&bytes).into_owned()))
}
