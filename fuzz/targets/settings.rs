//! What plan files and flags say about hosts, addresses and proxies: nothing
//! panics, and no password of a proxy is in an error or in its `Debug`.

#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use vuelo_fuzz::http::{
    Destination, DnsPolicy, DnsSelect, DnsSettings, HostPattern, Proxies, SourceAddresses,
};

const SECRET: &str = "geheim";

fuzz_target!(|text: &str| {
    let _ = text.parse::<HostPattern>();
    let _ = text.parse::<Destination>();
    let _ = text.parse::<DnsPolicy>();
    let _ = text.parse::<DnsSelect>();
    let _ = text.parse::<SourceAddresses>();
    let seconds = |text: &str| text.parse().ok().map(Duration::from_secs);
    let _ = DnsSettings::parse(text, seconds);
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
