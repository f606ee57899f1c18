//! Redirects, by the rules of the real host.

use super::{Reply, SentRequest};

/// Headers that only the host may have that they were meant for.
const FOR_ONE_HOST: [&str; 5] = [
    "authorization",
    "cookie",
    "www-authenticate",
    "proxy-authorization",
    "proxy-authenticate",
];

/// Headers that speak of a body, and go with it.
const OF_A_BODY: [&str; 5] = [
    "content-encoding",
    "content-language",
    "content-location",
    "content-type",
    "expect",
];

/// A call of the scenario, and how far redirects have led it.
#[derive(Clone)]
pub(super) struct Call {
    /// What is sent now.
    pub(super) sent: SentRequest,
    /// The names of headers whose values are secrets.
    pub(super) secrets: Vec<String>,
    /// Cookies of this request alone.
    pub(super) cookies: Vec<(String, String)>,
}

impl Call {
    /// The call that follows from an answer, if that redirects. `first` is the
    /// request that it began with.
    pub(super) fn follow(&self, reply: &Reply, first: &SentRequest) -> Option<Self> {
        let keeps_body = match reply.status {
            301..=303 => false,
            307 | 308 => true,
            _ => return None,
        };
        let location = reply.header_value("location")?;
        let mut next = self.clone();
        let from = &self.sent.url;
        next.sent.url = resolved(from, location)?;
        if !keeps_body {
            if next.sent.method != "HEAD" {
                next.sent.method = "GET".to_owned();
            }
            next.sent.body.clear();
        }
        let to = &next.sent.url;
        let leaves = !is_host_or_below(to, &first.url) || is_less_safe(to, &first.url);
        let leaves_secrets = !is_safe_for_secrets_of(to, &first.url);
        let moved = location.contains("://") || (host(to), port(to)) != (host(from), port(from));
        let told_by_scenario = first.header("referer").is_some();
        next.sent.headers.retain(|(name, _)| match name.as_str() {
            "host" => !moved,
            "referer" => told_by_scenario,
            name if !keeps_body && OF_A_BODY.contains(&name) => false,
            name if self.secrets.iter().any(|secret| secret == name) => !leaves_secrets,
            name => !(leaves && FOR_ONE_HOST.contains(&name)),
        });
        if !told_by_scenario && !is_less_safe(to, from) {
            let header = ("referer".to_owned(), without_credentials(from));
            next.sent.headers.push(header);
        }
        if leaves_secrets {
            next.sent.digest_auth = None;
            next.cookies.clear();
        }
        Some(next)
    }
}

/// A location as a whole URL; `None` where it is empty.
fn resolved(from: &str, location: &str) -> Option<String> {
    if location.is_empty() {
        return None;
    }
    if location.contains("://") {
        return Some(location.to_owned());
    }
    let (scheme, rest) = from.split_once("://")?;
    if location.starts_with("//") {
        return Some(format!("{scheme}:{location}"));
    }
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if location.starts_with('/') {
        return Some(format!("{scheme}://{authority}{location}"));
    }
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let folder = path.rfind('/').map_or("/", |end| &path[..=end]);
    Some(format!("{scheme}://{authority}{folder}{location}"))
}

/// Whether a URL may be told the secrets that were meant for another: it is the
/// same server, or the same one by TLS.
fn is_safe_for_secrets_of(url: &str, other: &str) -> bool {
    let is_upgrade = other.starts_with("http://") && url.starts_with("https://");
    let is_same = port(url) == port(other);
    host(url) == host(other) && !is_less_safe(url, other) && (is_same || is_upgrade)
}

/// Whether a URL is on the host of another, or on one below it.
fn is_host_or_below(url: &str, other: &str) -> bool {
    let (Some(name), Some(of)) = (host(url), host(other)) else {
        return false;
    };
    name == of
        || name
            .strip_suffix(of)
            .is_some_and(|before| before.ends_with('.') && !is_address(of))
}

/// Nothing is below an address.
fn is_address(host: &str) -> bool {
    host.parse::<std::net::Ipv4Addr>().is_ok()
}

/// Whether what was said to one URL by TLS would be said to another without.
fn is_less_safe(url: &str, other: &str) -> bool {
    other.starts_with("https://") && !url.starts_with("https://")
}

/// Host and port of a URL, without user and password.
fn authority(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map(|(_, host)| host);
    Some(host.unwrap_or(authority))
}

/// The host of a URL, without its port.
pub(super) fn host(url: &str) -> Option<&str> {
    let authority = authority(url)?;
    Some(authority.split(':').next().unwrap_or(authority))
}

/// The port of a URL, or that of its scheme.
fn port(url: &str) -> Option<&str> {
    match authority(url)?.split_once(':') {
        Some((_, port)) => Some(port),
        None if url.starts_with("https://") => Some("443"),
        None => Some("80"),
    }
}

/// A URL as it is told to another server.
fn without_credentials(url: &str) -> String {
    let url = url.split('#').next().unwrap_or(url);
    let (Some((scheme, rest)), Some(authority)) = (url.split_once("://"), authority(url)) else {
        return url.to_owned();
    };
    let path = rest.find('/').map_or("/", |start| &rest[start..]);
    format!("{scheme}://{authority}{path}")
}
