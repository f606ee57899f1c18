//! What a scenario hands over for a request, line by line: method, URL, and a
//! header's name and value. Nothing panics, nothing that no request may have
//! gets into one, and a secret is in no text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use url::Url;
use vuelo_fuzz::http::Request;

const SECRET: &str = "geheim\u{1}";

fuzz_target!(|text: &str| {
    let mut lines = text.splitn(4, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (method, url, name, value) = (line(), line(), line(), line());
    let mut request = match Request::new(method, url) {
        Ok(request) => request,
        Err(error) => {
            let _ = error.to_string();
            return;
        }
    };
    let sent = Url::parse(request.url()).expect("what is sent is a URL");
    assert!(matches!(sent.scheme(), "http" | "https"));
    assert_eq!((sent.username(), sent.password()), ("", None));
    assert_eq!(sent.fragment(), None);
    assert!(sent.host_str().is_some_and(|host| !host.is_empty()));
    // The same again is the same.
    let again = Request::new(method, request.url()).expect("what was sent can be sent");
    assert_eq!(again.url(), request.url());
    assert_eq!(again.authority(), request.authority());

    let length_is_the_hosts = ["content-length", "transfer-encoding"]
        .iter()
        .any(|own| name.eq_ignore_ascii_case(own));
    for result in [
        request.set_header(name, value),
        request.append_header(name, value),
    ] {
        assert!(result.is_err() || !length_is_the_hosts);
        assert!(result.is_err() || !value.contains(['\r', '\n', '\0']));
        assert!(result.is_err() || !name.contains([' ', ':', '\r', '\n', '\0']));
    }
    let refused = request.set_sensitive_header(name, SECRET);
    let error = refused.expect_err("no header may have that character");
    assert!(!error.to_string().contains("geheim") || name.contains("geheim"));
});
