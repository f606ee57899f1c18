//! What a plan says of the HTTP engine, in the engine's own terms.

use std::fmt::Display;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use crate::http::{
    AllowedHosts, BadSetting, ClientCertificate, ConnectionLife, CookieLife, Destination,
    DnsPolicy, DnsSelect, DnsSettings, DnsTtl, Error, HostPattern, NetworkSettings, Protocol,
    Proxies, RefusedHosts, Settings, TlsSettings, TlsVersion, TlsVersions,
};
use crate::plan::{self, ExecutionPart, Plan};

/// The settings of a plan's engine.
///
/// # Errors
///
/// When the engine does not take something as the plan does, or was built
/// without it.
pub(super) fn http_settings(plan: &Plan) -> Result<Settings, Error> {
    let http = &plan.http;
    Ok(Settings {
        user_agent: http.user_agent.clone(),
        tls: tls(&http.tls)?,
        network: network(http)?,
        connections: match http.connections {
            plan::http::ConnectionLife::Request => ConnectionLife::Request,
            plan::http::ConnectionLife::Iteration => ConnectionLife::Iteration,
            plan::http::ConnectionLife::Vu => ConnectionLife::Vu,
            plan::http::ConnectionLife::Worker => ConnectionLife::Worker,
        },
        protocol: protocol(http.protocol)?,
        discard_bodies: http.discard_response_bodies,
        body_limit: http.max_body_size.0,
        per_host: http.batch_per_host,
        batch: http.batch,
        request_period: plan.rps.map(|rps| period(rps, &plan.part)),
        connect_timeout: http.connect_timeout,
        head_timeout: http.response_head_timeout,
        idle_timeout: http.stream_idle_timeout,
        max_redirects: http.max_redirects,
        cookies: match http.cookies {
            plan::http::CookieLife::Iteration => CookieLife::Iteration,
            plan::http::CookieLife::Vu => CookieLife::Vu,
        },
    })
}

fn protocol(protocol: plan::http::Protocol) -> Result<Protocol, Error> {
    match protocol {
        plan::http::Protocol::Negotiated => Ok(Protocol::Negotiated),
        plan::http::Protocol::Http1 => Ok(Protocol::Http1),
        plan::http::Protocol::Http2 => Ok(Protocol::Http2),
        #[cfg(feature = "http3")]
        plan::http::Protocol::Http3 => Ok(Protocol::Http3),
        #[cfg(not(feature = "http3"))]
        plan::http::Protocol::Http3 => Err(Error::Other {
            subject: "httpVersion 3".into(),
            cause: "this command was built without HTTP/3; build it with `--features http3`, or \
                    take another version"
                .to_owned(),
        }),
    }
}

fn tls(tls: &plan::http::TlsPlan) -> Result<TlsSettings, Error> {
    let version = |version| match version {
        plan::http::TlsVersion::Tls12 => TlsVersion::Tls12,
        plan::http::TlsVersion::Tls13 => TlsVersion::Tls13,
    };
    let certificate = |certificate: &plan::http::ClientCertificate| {
        Ok(ClientCertificate {
            name: certificate.certificate_source.to_string(),
            chain: certificate.chain.clone(),
            key: Arc::clone(certificate.key.expose()),
            hosts: certificate
                .domains
                .iter()
                .map(same::<HostPattern>)
                .collect::<Result<_, _>>()?,
        })
    };
    let authorities = tls.authorities.iter();
    let (min, max) = (version(tls.versions.min()), version(tls.versions.max()));
    Ok(TlsSettings {
        insecure_skip_verify: tls.insecure_skip_verify,
        extra_roots: authorities
            .flat_map(|authorities| authorities.certificates.clone())
            .collect(),
        client_certificates: tls
            .client_certificates
            .iter()
            .map(certificate)
            .collect::<Result<_, Error>>()?,
        versions: TlsVersions::between(min, max).unwrap_or_default(),
        key_log: tls.key_log.clone(),
    })
}

fn network(http: &plan::http::HttpPlan) -> Result<NetworkSettings, Error> {
    let allowed = http.allowed.iter().map(|host| same(&host.pattern));
    let places = http.hosts.iter().map(|place| {
        let pattern = same::<HostPattern>(&place.pattern)?;
        Ok((pattern, same::<Destination>(&place.target)?))
    });
    let refused = http.refused.names.iter().map(same);
    let ranges = http.local_ips.as_slice().iter();
    let ranges = ranges.map(|range| format!("{}-{}", range.first(), range.last()));
    let ranges: Vec<String> = ranges.collect();
    Ok(NetworkSettings {
        allowed: allowed.collect::<Result<AllowedHosts, _>>()?,
        refused: RefusedHosts {
            hosts: refused.collect::<Result<_, _>>()?,
            addresses: http
                .refused
                .networks
                .iter()
                .map(|network| network.net())
                .collect(),
        },
        hosts: places.collect::<Result<_, Error>>()?,
        dns: dns(&http.dns),
        source_addresses: match &*ranges {
            [] => None,
            ranges => Some(same(&ranges.join(","))?),
        },
        proxies: proxies(&http.proxy)?,
    })
}

fn dns(dns: &plan::http::DnsPlan) -> DnsSettings {
    DnsSettings {
        ttl: match dns.ttl {
            plan::http::DnsTtl::For(span) if span.0.is_zero() => DnsTtl::Nothing,
            plan::http::DnsTtl::For(span) => DnsTtl::For(span.0),
            plan::http::DnsTtl::Forever => DnsTtl::Forever,
        },
        select: match dns.select {
            plan::http::DnsSelect::First => DnsSelect::First,
            plan::http::DnsSelect::RoundRobin => DnsSelect::RoundRobin,
            plan::http::DnsSelect::Random => DnsSelect::Random,
        },
        policy: match dns.policy {
            plan::http::DnsPolicy::PreferIpv4 => DnsPolicy::PreferIpv4,
            plan::http::DnsPolicy::PreferIpv6 => DnsPolicy::PreferIpv6,
            plan::http::DnsPolicy::OnlyIpv4 => DnsPolicy::OnlyIpv4,
            plan::http::DnsPolicy::OnlyIpv6 => DnsPolicy::OnlyIpv6,
            plan::http::DnsPolicy::Any => DnsPolicy::Any,
        },
        servers: Vec::new(),
    }
}

fn proxies(proxy: &plan::http::Proxy) -> Result<Proxies, Error> {
    match proxy {
        plan::http::Proxy::None => Ok(Proxies::default()),
        plan::http::Proxy::Always(url) => Proxies::all(url.expose().as_str(), "").map_err(refused),
        plan::http::Proxy::Environment {
            http,
            https,
            except,
        } => {
            let url = |url: &'_ Option<plan::http::ProxyUrl>| {
                url.as_ref().map(|url| url.expose().as_str().to_owned())
            };
            let (http, https) = (url(http), url(https));
            Proxies::from_environment(|name| match name {
                "HTTP_PROXY" => http.as_deref(),
                "HTTPS_PROXY" => https.as_deref(),
                "NO_PROXY" => Some(except),
                _ => None,
            })
            .map_err(|(_, bad)| refused(bad))
        }
    }
}

/// What the engine makes of something that plan and engine write alike.
fn same<T: FromStr<Err = BadSetting>>(of: &impl Display) -> Result<T, Error> {
    of.to_string().parse().map_err(refused)
}

fn refused(bad: BadSetting) -> Error {
    Error::Other {
        subject: "the settings of the HTTP engine".into(),
        cause: bad.to_string(),
    }
}

/// From one request to the next. A part of a run has its share of the limit, so
/// that all parts together keep to it.
fn period(rps: NonZeroU32, part: &ExecutionPart) -> Duration {
    // The share of so many VUs: exact where the pattern of shares divides their
    // number, and else as near as makes no difference to a limit.
    const WHOLE: u64 = 1_000_000;
    let share = part.vus().below(WHOLE).max(1) as f64 / WHOLE as f64;
    Duration::from_secs_f64(1.0 / (f64::from(rps.get()) * share))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_a_plan_can_name_is_one_to_the_engine() {
        for text in [
            "example.com",
            "*",
            "*:8443",
            "*.example.com",
            "*example.com:80",
            "my_service:9000",
            "10.0.0.1",
            "10.0.0.1:80",
            "::1",
            "[::1]:80",
        ] {
            let planned: plan::http::HostPattern = text.parse().unwrap();
            assert!(same::<HostPattern>(&planned).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_place_that_a_plan_can_name_is_one_to_the_engine() {
        for text in [
            "1.2.3.4",
            "1.2.3.4:8443",
            "::1",
            "[::1]:80",
            "unix:/run/a.sock",
        ] {
            let planned: plan::http::HostTarget = text.parse().unwrap();
            assert!(same::<Destination>(&planned).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_part_has_its_share_of_the_limit() {
        let part = |segment: &str| {
            let segment = segment.parse().unwrap();
            ExecutionPart::new(Some(segment), None).unwrap()
        };
        let limit = NonZeroU32::new(100).unwrap();
        let milliseconds = |part: &ExecutionPart| period(limit, part).as_millis();
        assert_eq!(milliseconds(&ExecutionPart::whole()), 10);
        assert_eq!(milliseconds(&part("0:1/4")), 40);
    }
}
