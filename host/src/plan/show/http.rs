//! What holds for requests, as people read it and as options say it.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::MASK;
use crate::plan::duration::TimeSpan;
use crate::plan::http::{
    ClientCertificate, ConnectionLife, CookieLife, DnsSettings, HostOverride, HttpPlan, PemSource,
    Protocol, Proxy, TlsPlan, TlsVersions,
};

/// A row of the dry run.
type Row = [String; 2];

/// What holds for requests: who may be reached, and what is not as usual.
pub(super) fn rows(http: &HttpPlan) -> Vec<Row> {
    let mut rows = vec![
        row("user agent", &http.user_agent),
        row(
            "batch",
            format!(
                "{} at a time, {} per host",
                http.batch,
                match http.batch_per_host {
                    0 => "without limit".to_owned(),
                    most => most.to_string(),
                }
            ),
        ),
        row(
            "redirects",
            format!("at most {} in a row", http.max_redirects),
        ),
        row("bodies", bodies(http)),
    ];
    if http.protocol != Protocol::Negotiated {
        rows.push(row("HTTP version", format!("{} alone", http.protocol)));
    }
    if let Some(text) = connections(http.connections) {
        rows.push(row("connections", text));
    }
    if http.cookies == CookieLife::Vu {
        rows.push(row("cookies", "kept from one iteration to the next"));
    }
    rows
}

/// Where requests go.
pub(super) fn reach_rows(http: &HttpPlan) -> Vec<Row> {
    let mut rows = column(
        "allowed",
        http.allowed
            .iter()
            .map(|host| format!("{}, by {}", host.pattern, host.by)),
    );
    if rows.is_empty() {
        rows.push(row(
            "allowed",
            "no host: no value is a URL, and neither `allowHosts` nor --allow-host names one",
        ));
    }
    let networks = http.refused.networks.iter().map(ToString::to_string);
    let names = http.refused.names.iter().map(ToString::to_string);
    rows.extend(column("refused", networks.chain(names)));
    let hosts = http.hosts.iter();
    let hosts = hosts.map(|HostOverride { pattern, target }| format!("{pattern} is at {target}"));
    rows.extend(column("hosts", hosts));
    if http.dns != DnsSettings::default() {
        rows.push(row("dns", http.dns.to_string()));
    }
    if !http.local_ips.as_slice().is_empty() {
        rows.push(row("from", http.local_ips.to_string()));
    }
    rows.extend(column("proxy", proxy(&http.proxy)));
    rows
}

/// How connections are secured.
pub(super) fn tls_rows(tls: &TlsPlan) -> Vec<Row> {
    let mut rows = Vec::new();
    if tls.insecure_skip_verify {
        rows.push(row("servers", "certificates are NOT verified"));
    }
    if tls.versions != TlsVersions::default() {
        rows.push(row("versions", tls.versions.to_string()));
    }
    let certificates = tls.client_certificates.iter().map(|certificate| {
        let domains: Vec<_> = certificate
            .domains
            .iter()
            .map(ToString::to_string)
            .collect();
        let to = match domains.is_empty() {
            true => "all hosts".to_owned(),
            false => domains.join(", "),
        };
        let source = &certificate.certificate_source;
        format!("{}, {source}, to {to}", count(certificate.chain.len()))
    });
    rows.extend(column("own", certificates));
    let authorities = tls.authorities.iter();
    let authorities = authorities.map(|file| {
        let certificates = count(file.certificates.len());
        format!("{certificates}, {}", file.path.display())
    });
    rows.extend(column("trusted", authorities));
    if let Some(path) = &tls.key_log {
        rows.push(row(
            "key log",
            format!("keys of connections are WRITTEN to {}", path.display()),
        ));
    }
    rows
}

fn count(certificates: usize) -> String {
    match certificates {
        1 => "1 certificate".to_owned(),
        more => format!("{more} certificates"),
    }
}

fn row(name: &str, text: impl Into<String>) -> Row {
    [name.to_owned(), text.into()]
}

/// A row for each text, the first of which is named.
fn column(name: &str, texts: impl IntoIterator<Item = String>) -> Vec<Row> {
    let texts = texts.into_iter().enumerate();
    texts
        .map(|(index, text)| row(if index == 0 { name } else { "" }, text))
        .collect()
}

fn bodies(http: &HttpPlan) -> String {
    if http.discard_response_bodies {
        "dropped as they arrive".to_owned()
    } else {
        format!("at most {} of each", http.max_body_size)
    }
}

/// How long what may take.
pub(super) fn timeouts(http: &HttpPlan) -> String {
    let mut text = format!("connecting {}", TimeSpan(http.connect_timeout));
    for (what, limit) in [
        ("head of an answer", http.response_head_timeout),
        ("silence in a body", http.stream_idle_timeout),
    ] {
        if let Some(limit) = limit {
            text.push_str(&format!(", {what} {}", TimeSpan(limit)));
        }
    }
    text
}

fn connections(life: ConnectionLife) -> Option<&'static str> {
    match life {
        ConnectionLife::Vu => None,
        ConnectionLife::Request => Some("a new one for each request"),
        ConnectionLife::Iteration => Some("closed at the end of each iteration"),
        ConnectionLife::Worker => Some("shared by the virtual users of a worker"),
    }
}

fn proxy(proxy: &Proxy) -> Vec<String> {
    match proxy {
        Proxy::None => Vec::new(),
        Proxy::Always(url) => vec![url.to_string()],
        Proxy::Environment {
            http,
            https,
            except,
        } => {
            let of = |name: &str, url: &Option<_>| {
                url.as_ref()
                    .map(|url| format!("{url} for {name}, by the environment"))
            };
            let urls = [of("http", http), of("https", https)];
            let except = Some(format!("none for {except}"));
            urls.into_iter().chain([except]).flatten().collect()
        }
    }
}

/// The same in the words of the options.
pub(super) fn json(http: &HttpPlan) -> Map<String, Value> {
    let tls = &http.tls;
    let limit = |limit: Option<Duration>| TimeSpan(limit.unwrap_or_default()).to_string();
    let hosts: Map<_, _> = http
        .hosts
        .iter()
        .map(|HostOverride { pattern, target }| (pattern.to_string(), json!(target.to_string())))
        .collect();
    let members = json!({
        "userAgent": http.user_agent,
        "insecureSkipTLSVerify": tls.insecure_skip_verify,
        "noConnectionReuse": http.connections == ConnectionLife::Request,
        "noVUConnectionReuse": http.connections == ConnectionLife::Iteration,
        "connections": if http.connections == ConnectionLife::Worker { "shared" } else { "vu" },
        "httpVersion": http.protocol.to_string(),
        "maxRedirects": http.max_redirects,
        "noCookiesReset": http.cookies == CookieLife::Vu,
        "discardResponseBodies": http.discard_response_bodies,
        "batch": http.batch,
        "batchPerHost": http.batch_per_host,
        "connectTimeout": TimeSpan(http.connect_timeout).to_string(),
        "responseHeadTimeout": limit(http.response_head_timeout),
        "streamIdleTimeout": limit(http.stream_idle_timeout),
        "maxBodySize": http.max_body_size.to_string(),
        "hosts": hosts,
        "dns": {
            "ttl": http.dns.ttl.to_string(),
            "select": http.dns.select.to_string(),
            "policy": http.dns.policy.to_string(),
        },
        "localIPs": http.local_ips.to_string(),
        "blacklistIPs": texts(&http.refused.networks),
        "blockHostnames": texts(&http.refused.names),
        "allowHosts": texts(http.allowed.iter().map(|host| &host.pattern)),
        "proxy": proxy_json(&http.proxy),
        "tlsVersion": {"min": tls.versions.lowest().to_string(), "max": tls.versions.highest().to_string()},
        "tlsAuth": tls.client_certificates.iter().map(certificate_json).collect::<Vec<_>>(),
        "tlsCaFiles": texts(tls.authorities.iter().map(|file| file.path.display())),
        "sslKeyLogFile": tls.key_log.as_ref().map(|path| path.display().to_string()),
    });
    match members {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn texts<T: ToString>(values: impl IntoIterator<Item = T>) -> Value {
    values.into_iter().map(|value| value.to_string()).collect()
}

fn proxy_json(proxy: &Proxy) -> Value {
    match proxy {
        Proxy::None => json!("none"),
        Proxy::Always(url) => json!(url.to_string()),
        Proxy::Environment {
            http,
            https,
            except,
        } => json!({
            "http": http.as_ref().map(ToString::to_string),
            "https": https.as_ref().map(ToString::to_string),
            "except": except,
        }),
    }
}

fn certificate_json(certificate: &ClientCertificate) -> Value {
    let source = |source: &PemSource| match source {
        PemSource::File(path) => json!(path.display().to_string()),
        PemSource::Inline => json!(MASK),
    };
    let mut written = json!({
        "domains": texts(&certificate.domains),
        "cert": source(&certificate.certificate_source),
        "key": source(&certificate.key_source),
    });
    if certificate.has_password {
        written["password"] = json!(MASK);
    }
    written
}
