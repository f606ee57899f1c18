//! Redirects, by the rules of the real host.

use super::{Reply, SentRequest};

/// The request that follows from an answer, if that redirects.
pub(super) fn follow(sent: &SentRequest, reply: &Reply) -> Option<SentRequest> {
    let keeps_body = match reply.status {
        301..=303 => false,
        307 | 308 => true,
        _ => return None,
    };
    let location = reply.header_value("location")?;
    let mut next = sent.clone();
    next.url = resolved(&sent.url, location)?;
    if !keeps_body {
        if next.method != "HEAD" {
            next.method = "GET".to_owned();
        }
        next.body.clear();
        next.headers
            .retain(|(name, _)| !name.starts_with("content-"));
    }
    if host(&next.url) != host(&sent.url) {
        let secret = ["authorization", "cookie"];
        next.headers
            .retain(|(name, _)| !secret.contains(&name.as_str()));
        next.digest_auth = None;
    }
    Some(next)
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

/// The host of a URL, without its port.
pub(super) fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    Some(host.split(':').next().unwrap_or(host))
}
