//! What plan files and flags say about hosts, addresses and proxies: nothing
//! panics, and no password of a proxy is in an error or in its `Debug`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vuelo_fuzz::http::{AddressRanges, Destination, HostPattern, Network, Proxies};

const SECRET: &str = "geheim";

fuzz_target!(|text: &str| {
    let _ = text.parse::<HostPattern>();
    let _ = text.parse::<Destination>();
    let _ = text.parse::<AddressRanges>();
    let _ = text.parse::<Network>();
    if text.contains(SECRET) {
        return;
    }
    let (scheme, rest) = text.split_once('\n').unwrap_or(("http", text));
    let proxies = Proxies::all(&format!("{scheme}://user:{SECRET}@{rest}"), rest);
    assert!(!format!("{proxies:?}").contains(SECRET));
    if let Err(error) = proxies {
        assert!(!error.to_string().contains(SECRET), "{error}");
    }
});
