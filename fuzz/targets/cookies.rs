//! Cookies that a scenario sets, line by line: nothing panics, and what would be
//! sent can stand in a header.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vuelo_fuzz::http::{Client, Engine, Settings};

const URL: &str = "https://a.example.com/b/c?d";

fuzz_target!(|text: &str| {
    let engine = Engine::new(Settings::default()).expect("the default settings");
    let mut client = Client::new(engine);
    for line in text.split('\n').take(20) {
        let _ = client.set_cookie(URL, line);
    }
    let cookies = client.cookies(URL).expect("a URL");
    for (name, value) in &cookies {
        for part in [name, value] {
            assert!(!part.contains([';', '\r', '\n', '\0']), "{cookies:?}");
            assert!(
                !part.contains(|c: char| c.is_ascii_control() && c != '\t'),
                "{cookies:?}"
            );
        }
    }
    client.make_cookies_lasting();
    let before = client.cookies(URL).map(|cookies| cookies.len());
    client.end_iteration();
    assert_eq!(client.cookies(URL).map(|cookies| cookies.len()), before);
    client.delete_cookies(URL, None).expect("a URL");
    assert_eq!(client.cookies(URL).map(|cookies| cookies.len()), Ok(0));
});
