//! Requests by `wasi:http`, as a language's own HTTP client sends them.

use std::time::{Duration, Instant};

use vuelo_sdk::prelude::*;
use wasip2::http::outgoing_handler::handle;
use wasip2::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingBody, IncomingResponse, Method,
    OutgoingBody, OutgoingRequest, RequestOptions, Scheme, http_error_code,
};
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

/// What came of a request: its status and its body.
type Came = Result<(u16, String), ErrorCode>;

/// How long things may take that do not come.
const SHORT: Duration = Duration::from_millis(100);

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

/// Answers that come in pieces, and some of them before their request has ended.
pub fn stream(authority: &str) -> Result<(), ErrorCode> {
    let came = started(authority, &Method::Get, "/pieces");
    let response = answer(&came)?;
    let body = response.consume().expect("the body, once");
    let stream = body.stream().expect("the stream, once");
    let start = Instant::now();
    let mut pieces = Vec::new();
    while let Some(piece) = read(&stream)? {
        pieces.push(piece);
    }
    check("pieces come one by one", pieces == ["one", "two", "three"]);
    check("each at its time", start.elapsed() > SHORT);
    drop((stream, body));

    let request = request(authority, &Method::Put, &Scheme::Http, "/back-and-forth");
    let sent = request.body().expect("the body, once");
    let way = sent.write().expect("the stream, once");
    let response = answer(&handle(request, None)?)?;
    check("the answer begins first", response.status() == 200);
    let body = response.consume().expect("the body, once");
    let stream = body.stream().expect("the stream, once");
    for piece in ["one", "two"] {
        write(&way, piece);
        let back = read(&stream)?;
        check("and goes on in turns", back.as_deref() == Some(piece));
    }
    drop(way);
    OutgoingBody::finish(sent, None)?;
    check("up to the end", read(&stream)?.is_none());
    drop((stream, body));

    for (path, name) in [
        ("/too-large", "a refusal is there before the body has ended"),
        ("/lost", "and so is the loss of the connection"),
    ] {
        let request = self::request(authority, &Method::Put, &Scheme::Http, path);
        let sent = request.body().expect("the body, once");
        let way = sent.write().expect("the stream, once");
        let came = handle(request, None)?;
        write(&way, "much");
        let outcome = answer(&came).map(|response| response.status());
        let holds = match path {
            "/lost" => matches!(outcome, Err(ErrorCode::ConnectionTerminated)),
            _ => matches!(outcome, Ok(413)),
        };
        check(name, holds);
    }
    Ok(())
}

/// Requests that are answered late, each in its own way.
pub fn wait(authority: &str) -> Result<(), ErrorCode> {
    let nanoseconds = u64::try_from(SHORT.as_nanos()).expect("a short time");
    let with = |scheme: &Scheme, path: &str, set: &dyn Fn(&RequestOptions) -> Result<(), ()>| {
        let options = RequestOptions::new();
        assert_eq!(set(&options), Ok(()), "an option that can be set");
        handle(
            request(authority, &Method::Get, scheme, path),
            Some(options),
        )
    };
    let came = with(&Scheme::Http, "/silent", &|options| {
        options.set_first_byte_timeout(Some(nanoseconds))
    })?;
    let late = matches!(answer(&came), Err(ErrorCode::HttpResponseTimeout));
    check("a head that does not come", late);

    let came = with(&Scheme::Http, "/stalls", &|options| {
        options.set_between_bytes_timeout(Some(nanoseconds))
    })?;
    let response = answer(&came)?;
    let body = response.consume().expect("the body, once");
    let stream = body.stream().expect("the stream, once");
    check("a first piece", read(&stream)?.as_deref() == Some("one"));
    let late = read(&stream).is_err_and(|error| is_late(&error));
    check("a second piece that does not come", late);

    // Nobody there speaks TLS.
    let came = with(&Scheme::Https, "/", &|options| {
        options.set_connect_timeout(Some(nanoseconds))
    })?;
    let late = matches!(answer(&came), Err(ErrorCode::ConnectionTimeout));
    check("a connection that is not made", late);
    Ok(())
}

/// wasmtime tells the code of an error in a body as its text alone.
fn is_late(error: &ErrorCode) -> bool {
    match error {
        ErrorCode::InternalError(Some(text)) => text.contains("HTTP response timeout"),
        error => matches!(error, ErrorCode::HttpResponseTimeout),
    }
}

/// One request, several at once, and others by `vuelo:load/http` before and after.
pub fn side_by_side(url: &str) -> Result<(), Failure> {
    let authority = authority(url);
    http::get(&format!("{url}/slow")).send()?;
    let came = send(authority, &Method::Get, "/slow", None);
    check("one by itself", matches!(came, Ok((200, _))));
    let start = Instant::now();
    let several = [(); 5].map(|()| started(authority, &Method::Get, "/slow"));
    for came in &several {
        let text = answer(came).and_then(|response| whole(&response));
        check("several at once", text.is_ok_and(|text| text == "hi"));
    }
    check("in the time of one", start.elapsed() < SHORT * 5);
    http::get(&format!("{url}/slow")).send()?;
    Ok(())
}

/// Several requests at once, again and again.
pub fn keep_asking(url: &str) -> Result<(), ErrorCode> {
    loop {
        let several = [(); 3].map(|()| started(authority(url), &Method::Get, "/health"));
        for came in &several {
            whole(&answer(came)?)?;
        }
    }
}

/// One request.
pub fn ask(url: &str) -> Result<(), ErrorCode> {
    let came = send(authority(url), &Method::Get, "/health", None);
    let status = came.map(|(status, _)| status)?;
    check("it is answered", status == 200);
    Ok(())
}

/// Host and port of a URL of HTTP.
pub fn authority(url: &str) -> &str {
    url.trim_start_matches("http://").trim_end_matches('/')
}

fn request(authority: &str, method: &Method, scheme: &Scheme, path: &str) -> OutgoingRequest {
    let request = OutgoingRequest::new(Fields::new());
    let built = request.set_method(method).is_ok()
        && request.set_scheme(Some(scheme)).is_ok()
        && request.set_authority(Some(authority)).is_ok()
        && request.set_path_with_query(Some(path)).is_ok();
    assert!(built, "a request that can be built");
    request
}

/// A request without a body that is on its way.
fn started(authority: &str, method: &Method, path: &str) -> FutureIncomingResponse {
    let request = request(authority, method, &Scheme::Http, path);
    handle(request, None).expect("a request that can be sent")
}

/// Waits for the head of an answer.
fn answer(future: &FutureIncomingResponse) -> Result<IncomingResponse, ErrorCode> {
    future.subscribe().block();
    future.get().expect("an answer").expect("once")
}

/// Writes a piece of a body.
fn write(way: &OutputStream, piece: &str) {
    let written = way.blocking_write_and_flush(piece.as_bytes());
    written.expect("a body that is taken");
}

/// The next piece of a body.
fn read(stream: &InputStream) -> Result<Option<String>, ErrorCode> {
    match stream.blocking_read(65536) {
        Ok(piece) => Ok(Some(String::from_utf8_lossy(&piece).into_owned())),
        Err(StreamError::Closed) => Ok(None),
        Err(StreamError::LastOperationFailed(error)) => {
            let text = error.to_debug_string();
            Err(http_error_code(&error).unwrap_or(ErrorCode::InternalError(Some(text))))
        }
    }
}

/// The whole body of an answer.
fn whole(response: &IncomingResponse) -> Result<String, ErrorCode> {
    let incoming = response.consume().expect("the body, once");
    let stream = incoming.stream().expect("the stream, once");
    let mut text = String::new();
    while let Some(piece) = read(&stream)? {
        text.push_str(&piece);
    }
    drop(stream);
    drop(IncomingBody::finish(incoming));
    Ok(text)
}

fn send(authority: &str, method: &Method, path: &str, body: Option<&str>) -> Came {
    let future = match body {
        None => handle(request(authority, method, &Scheme::Http, path), None)?,
        Some(text) => {
            let request = request(authority, method, &Scheme::Http, path);
            let outgoing = request.body().expect("the body, once");
            let future = handle(request, None)?;
            let stream = outgoing.write().expect("the stream, once");
            write(&stream, text);
            drop(stream);
            OutgoingBody::finish(outgoing, None)?;
            future
        }
    };
    let response = answer(&future)?;
    Ok((response.status(), whole(&response)?))
}
