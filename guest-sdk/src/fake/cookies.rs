//! The cookies of the fake host: by host and name alone. Paths, domains and expiry
//! are the real host's to respect.

use super::SentRequest;
use super::redirect::host;

#[derive(Clone, Default)]
pub(super) struct Cookies(Vec<Cookie>);

#[derive(Clone)]
struct Cookie {
    host: String,
    name: String,
    value: String,
}

impl Cookies {
    /// Keeps what an answer sets.
    pub(super) fn keep(&mut self, url: &str, headers: &[(String, String)]) {
        let Some(host) = host(url) else { return };
        for (_, text) in headers.iter().filter(|(name, _)| name == "set-cookie") {
            let mut parts = text.split(';').map(str::trim);
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
                continue;
            };
            let is_over = parts.any(|part| part.eq_ignore_ascii_case("max-age=0"));
            let kept = self
                .0
                .iter_mut()
                .find(|cookie| cookie.host == host && cookie.name == name);
            match kept {
                _ if is_over => self
                    .0
                    .retain(|cookie| cookie.host != host || cookie.name != name),
                Some(cookie) => cookie.value = value.to_owned(),
                None => self.0.push(Cookie {
                    host: host.to_owned(),
                    name: name.to_owned(),
                    value: value.to_owned(),
                }),
            }
        }
    }

    /// Names and values of what a request to a URL sends.
    pub(super) fn of(&self, url: &str) -> Vec<(String, String)> {
        let host = host(url);
        self.0
            .iter()
            .filter(|cookie| Some(cookie.host.as_str()) == host)
            .map(|cookie| (cookie.name.clone(), cookie.value.clone()))
            .collect()
    }

    pub(super) fn forget(&mut self, url: &str, name: Option<&str>) {
        let host = host(url);
        self.0.retain(|cookie| {
            Some(cookie.host.as_str()) != host || name.is_some_and(|name| cookie.name != name)
        });
    }

    /// Gives a request its cookies: its header's, its own, and those that are kept.
    pub(super) fn fill(&self, request: &mut SentRequest, own: &[(String, String)]) {
        let kept = self.of(&request.url);
        let kept = kept
            .iter()
            .filter(|(name, _)| !own.iter().any(|(replaced, _)| replaced == name));
        let pairs = own.iter().chain(kept);
        let added: Vec<String> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if added.is_empty() {
            return;
        }
        let header = request.headers.iter().filter(|(name, _)| name == "cookie");
        let mut all: Vec<String> = header.map(|(_, value)| value.clone()).collect();
        all.extend(added);
        request.headers.retain(|(name, _)| name != "cookie");
        request.headers.push(("cookie".to_owned(), all.join("; ")));
    }
}
