/// A path below a base URL, whether or not that ends with a slash.
///
/// ```
/// assert_eq!(vuelo_scenario_platform::join("http://a:1/", "/health"), "http://a:1/health");
/// ```
#[must_use]
pub fn join(base: &str, path: &str) -> String {
    [base.trim_end_matches('/'), path].concat()
}

/// Scheme, host and port of a URL: what decides who may see a token.
///
/// ```
/// use vuelo_scenario_platform::origin;
///
/// assert_eq!(origin("http://a:1/rpc?x"), origin("http://a:1"));
/// assert_ne!(origin("http://a:1/rpc"), origin("https://a:1/rpc"));
/// assert_ne!(origin("http://a:1@b/rpc"), origin("http://a:1/rpc"));
/// ```
#[must_use]
pub fn origin(url: &str) -> &str {
    let start = url.find("://").map_or(0, |colon| colon + 3);
    let end = url[start..]
        .find(['/', '?', '#'])
        .map_or(url.len(), |length| start + length);
    &url[..end]
}
