//! What servers send before a body: a status, and headers. The first line is the
//! status, the second the URL that was asked, and each of the rest a header.
//! Nothing panics, and what is made of them keeps the rules: cookies can be sent
//! back, secrets stay with their server, and a socket has what was offered.

#![no_main]

use std::sync::{Arc, LazyLock};

use http::header::{AUTHORIZATION, CONTENT_ENCODING, HeaderMap, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use libfuzzer_sys::fuzz_target;
use url::Url;
use vuelo_fuzz::http::websocket::Handshake;
use vuelo_fuzz::http::{Engine, Request, Settings, fuzzing};

const SECRET: &str = "geheim";
const OFFERED: [&str; 2] = ["chat", "v2.chat"];

static ENGINE: LazyLock<Arc<Engine>> =
    LazyLock::new(|| Engine::new(Settings::default()).expect("the default settings"));

fuzz_target!(|bytes: &[u8]| {
    if contains(bytes, SECRET) {
        return;
    }
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let (status, url) = (line(), String::from_utf8_lossy(line()));
    let Ok(status) = StatusCode::from_bytes(status) else {
        return;
    };
    let answer: HeaderMap = lines.filter_map(header).collect();
    sockets_have_what_was_offered(&answer);
    encodings_are_the_same_in_one_header(&answer);
    if let Ok(mut request) = Request::new("POST", &url) {
        cookies_can_be_sent_back(&request, &answer);
        request.set_body(SECRET.as_bytes().into());
        challenges_are_answered_without_the_password(&mut request, &answer);
        redirects_keep_secrets(request, status, &answer);
    }
});

fn header(line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let name = HeaderName::from_bytes(&line[..colon]).ok()?;
    let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?;
    Some((name, value))
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

fn cookies_can_be_sent_back(request: &Request, answer: &HeaderMap) {
    let (kept, sent) = fuzzing::cookies_kept(request, answer);
    let sent = sent.as_ref().map_or(&[][..], HeaderValue::as_bytes);
    // None has a semicolon.
    let separators = sent.iter().filter(|byte| **byte == b';').count();
    assert_eq!(separators, kept.saturating_sub(1));
    assert_eq!(sent.is_empty(), kept == 0);
}

fn encodings_are_the_same_in_one_header(answer: &HeaderMap) {
    let values = answer.get_all(CONTENT_ENCODING).iter();
    let Ok(values) = values
        .map(HeaderValue::to_str)
        .collect::<Result<Vec<_>, _>>()
    else {
        return;
    };
    let joined = HeaderValue::from_str(&values.join(",")).expect("parts of headers");
    let joined = HeaderMap::from_iter([(CONTENT_ENCODING, joined)]);
    assert_eq!(fuzzing::encodings(answer), fuzzing::encodings(&joined));
}

fn challenges_are_answered_without_the_password(request: &mut Request, answer: &HeaderMap) {
    assert_eq!(fuzzing::challenge_answered(request, answer), None);
    request.set_digest_auth("user", SECRET);
    if let Some(answered) = fuzzing::challenge_answered(request, answer) {
        assert!(answered.is_sensitive());
        assert!(answered.as_bytes().starts_with(b"Digest "));
        assert!(!contains(answered.as_bytes(), SECRET));
    }
}

/// The request is ready to answer a challenge.
fn redirects_keep_secrets(mut request: Request, status: StatusCode, answer: &HeaderMap) {
    for (name, value) in [("x-own", "1"), ("authorization", SECRET)] {
        request.set_header(name, value).expect("a header");
    }
    request
        .set_sensitive_header("x-key", SECRET)
        .expect("a header");
    request.set_cookie("session", SECRET).expect("a cookie");
    let Some(next) = fuzzing::redirected(&request, status, answer) else {
        return;
    };
    let next = match next {
        Ok(next) => next,
        Err(error) => {
            assert!(!error.to_string().contains(SECRET), "{error}");
            return;
        }
    };
    let (from, to) = (parsed(&request), parsed(&next));
    assert!(matches!(to.scheme(), "http" | "https"));
    assert_eq!((to.username(), to.password()), ("", None));
    assert_eq!(to.fragment(), None);
    let (method, headers) = fuzzing::head_of(&next);
    let is_same = matches!(
        status,
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT
    );
    assert_eq!(*method == Method::POST, is_same);
    assert_eq!(next.body().is_empty(), !is_same);
    assert_eq!(headers["x-own"], "1");

    let is_less_safe = from.scheme() == "https" && to.scheme() == "http";
    let is_other_host = from.host() != to.host();
    if is_less_safe || is_other_host {
        assert!(!headers.contains_key("x-key"), "from {from} to {to}");
        assert!(!fuzzing::has_secrets_of_the_client(&next));
    }
    // As in Go, they go on to hosts below, whose names are longer.
    let is_below = to.host_str().map(str::len) > from.host_str().map(str::len);
    if is_less_safe || is_other_host && !is_below {
        let ours = headers.get(AUTHORIZATION).is_some_and(|own| own == SECRET);
        assert!(!ours, "from {from} to {to}");
    }
}

fn parsed(request: &Request) -> Url {
    Url::parse(request.url()).expect("what is sent is a URL")
}

fn sockets_have_what_was_offered(answer: &HeaderMap) {
    let mut handshake = Handshake::new("ws://localhost/").expect("a URL");
    for name in OFFERED {
        handshake.offer_subprotocol(name).expect("a word");
    }
    let taken = fuzzing::websocket::taken(&handshake, &ENGINE, answer.clone());
    if let Ok(taken) = taken {
        assert!(taken.is_empty() || OFFERED.contains(&&*taken), "{taken}");
        assert!(answer.contains_key("upgrade") && answer.contains_key("connection"));
    }
}
