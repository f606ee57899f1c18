//! What a plan says of the HTTP engine, in the engine's own terms.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use crate::http::{ClientCertificate, NetworkSettings, Proxies, Settings, TlsSettings};
use crate::plan::http::{HttpPlan, Proxy, TlsPlan};
use crate::plan::{self, ExecutionPart, Plan};

/// The settings of a plan's engine.
pub(super) fn http_settings(plan: &Plan) -> Settings {
    let http = &plan.http;
    Settings {
        user_agent: http.user_agent.clone(),
        tls: tls(&http.tls),
        network: network(http),
        connections: http.connections,
        protocol: http.protocol,
        discard_bodies: http.discard_response_bodies,
        body_limit: http.max_body_size.0,
        per_host: http.batch_per_host,
        batch: http.batch,
        request_period: plan.rps.map(|rps| period(rps, &plan.part)),
        connect_timeout: http.connect_timeout,
        head_timeout: http.response_head_timeout,
        idle_timeout: http.stream_idle_timeout,
        max_redirects: http.max_redirects,
        cookies: http.cookies,
    }
}

fn tls(tls: &TlsPlan) -> TlsSettings {
    let certificates = tls.client_certificates.iter();
    let authorities = tls.authorities.iter();
    TlsSettings {
        insecure_skip_verify: tls.insecure_skip_verify,
        extra_roots: authorities
            .flat_map(|authorities| authorities.certificates.clone())
            .collect(),
        client_certificates: certificates.map(client_certificate).collect(),
        versions: tls.versions,
        key_log: tls.key_log.clone(),
    }
}

fn client_certificate(certificate: &plan::http::ClientCertificate) -> ClientCertificate {
    let domains = certificate.domains.iter().cloned();
    ClientCertificate {
        name: certificate.certificate_source.to_string(),
        chain: certificate.chain.clone(),
        key: Arc::clone(certificate.key.expose()),
        hosts: domains.map(Into::into).collect(),
    }
}

fn network(http: &HttpPlan) -> NetworkSettings {
    let allowed = http.allowed.iter().map(|host| host.pattern.clone());
    let places = http.hosts.iter();
    NetworkSettings {
        allowed: allowed.collect(),
        refused: http.refused.clone(),
        hosts: places
            .map(|place| (place.pattern.clone(), place.target.clone()))
            .collect(),
        dns: http.dns.clone(),
        source_addresses: http.local_ips.clone(),
        proxies: match &http.proxy {
            Proxy::None => Proxies::default(),
            Proxy::Always(url) => Proxies::by_scheme(Some(url.clone()), Some(url.clone()), ""),
            Proxy::Environment {
                http,
                https,
                except,
            } => Proxies::by_scheme(http.clone(), https.clone(), except),
        },
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
    use std::path::Path;

    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};

    use super::*;
    use crate::http::{
        ConnectionLife, CookieLife, Destination, DnsPolicy, DnsSelect, DnsSettings, DnsTtl,
        Protocol, ProxyUrl, RefusedHosts, TlsVersion, TlsVersions,
    };
    use crate::plan::{Component, Flags, PlanFile, ProcessEnvironment, resolve};

    fn plan(options: &str, flags: &Flags, process: &[(&str, &str)]) -> Plan {
        plan_of(&PlanFile::default(), options, flags, process)
    }

    fn plan_of(file: &PlanFile, options: &str, flags: &Flags, process: &[(&str, &str)]) -> Plan {
        let component = Component { name: "a", options };
        let process: ProcessEnvironment = process.iter().copied().collect();
        let resolved = resolve(&[component], file, &process, flags);
        resolved.unwrap().remove(0).plan
    }

    /// A certificate and its key.
    fn certified(folder: &Path, name: &str) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
        std::fs::write(folder.join(format!("{name}.pem")), &certificate).unwrap();
        std::fs::write(folder.join(format!("{name}-key.pem")), &key).unwrap();
        (
            CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap(),
            PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap(),
        )
    }

    const FILE: &str = r#"
[options]
userAgent = "other/1"
insecureSkipTLSVerify = true
noVUConnectionReuse = true
httpVersion = "2"
maxRedirects = 3
noCookiesReset = true
connectTimeout = "4s"
responseHeadTimeout = "5s"
streamIdleTimeout = "6s"
maxBodySize = "7KiB"
discardResponseBodies = true
batch = 8
batchPerHost = 9
rps = 10
localIPs = "10.0.0.5-10.0.0.9"
blacklistIPs = ["10.1.0.0/16"]
blockHostnames = ["*.refused.test"]
allowHosts = ["*.allowed.test:81"]
proxy = "http://me:word@proxy:3128"
tlsVersion = "tls1.3"
tlsCaFiles = ["authority.pem"]

[options.hosts]
"placed.test" = "10.0.0.1:82"
"socket.test" = "unix:/run/a.sock"

[options.dns]
ttl = "11s"
select = "roundRobin"
policy = "onlyIPv6"

[[options.tlsAuth]]
domains = ["*.own.test"]
cert = "own.pem"
key = "own-key.pem"
"#;

    #[test]
    fn every_option_of_a_plan_arrives_at_the_engine() {
        let folder = tempfile::tempdir().unwrap();
        let (authority, _) = certified(folder.path(), "authority");
        let (own, key) = certified(folder.path(), "own");
        let file = PlanFile::parse(&folder.path().join("vuelo.toml"), FILE).unwrap();
        let plan = plan_of(
            &file,
            "{}",
            &Flags::default(),
            &[("SSLKEYLOGFILE", "keys.txt")],
        );
        let proxy: ProxyUrl = "http://me:word@proxy:3128".parse().unwrap();
        let place = |host: &str, place: Destination| (host.parse().unwrap(), place);
        // Every field is named, so that a new one is missed here.
        let expected = Settings {
            user_agent: "other/1".to_owned(),
            tls: TlsSettings {
                insecure_skip_verify: true,
                extra_roots: vec![authority],
                client_certificates: vec![ClientCertificate {
                    name: folder.path().join("own.pem").display().to_string(),
                    chain: vec![own],
                    key: Arc::new(key),
                    hosts: vec!["*.own.test".parse().unwrap()],
                }],
                versions: TlsVersions::only(TlsVersion::Tls13),
                key_log: Some("keys.txt".into()),
            },
            connections: ConnectionLife::Iteration,
            protocol: Protocol::Http2,
            network: NetworkSettings {
                allowed: ["*.allowed.test:81".parse().unwrap()].into_iter().collect(),
                refused: RefusedHosts {
                    networks: vec!["10.1.0.0/16".parse().unwrap()],
                    names: vec!["*.refused.test".parse().unwrap()],
                },
                hosts: [
                    place("placed.test", "10.0.0.1:82".parse().unwrap()),
                    place("socket.test", Destination::Unix("/run/a.sock".into())),
                ]
                .into_iter()
                .collect(),
                dns: DnsSettings {
                    ttl: DnsTtl::For(Duration::from_secs(11)),
                    select: DnsSelect::RoundRobin,
                    policy: DnsPolicy::OnlyIpv6,
                    servers: Vec::new(),
                },
                source_addresses: "10.0.0.5-10.0.0.9".parse().unwrap(),
                proxies: Proxies::by_scheme(Some(proxy.clone()), Some(proxy), ""),
            },
            discard_bodies: true,
            body_limit: 7 * 1024,
            per_host: 9,
            batch: 8,
            request_period: Some(Duration::from_millis(100)),
            connect_timeout: Duration::from_secs(4),
            head_timeout: Some(Duration::from_secs(5)),
            idle_timeout: Some(Duration::from_secs(6)),
            max_redirects: 3,
            cookies: CookieLife::Vu,
        };
        assert_eq!(http_settings(&plan), expected);
    }

    #[test]
    fn without_options_the_engine_has_its_own_defaults_and_reaches_nobody() {
        let settings = http_settings(&plan("{}", &Flags::default(), &[]));
        let expected = Settings {
            network: NetworkSettings {
                allowed: std::iter::empty().collect(),
                ..NetworkSettings::default()
            },
            ..Settings::default()
        };
        assert_eq!(settings, expected);
    }

    #[test]
    fn connections_live_as_long_as_the_options_say() {
        for (options, life) in [
            (r#"{"noConnectionReuse": true}"#, ConnectionLife::Request),
            (
                r#"{"noVUConnectionReuse": true}"#,
                ConnectionLife::Iteration,
            ),
            (r#"{"connections": "vu"}"#, ConnectionLife::Vu),
            (r#"{"connections": "shared"}"#, ConnectionLife::Worker),
        ] {
            let settings = http_settings(&plan(options, &Flags::default(), &[]));
            assert_eq!(settings.connections, life, "{options}");
        }
    }

    #[test]
    fn proxies_of_the_environment_spare_this_machine() {
        let variables = [
            ("http_proxy", "one:3128"),
            ("ALL_PROXY", "socks5h://two:1080"),
            ("NO_PROXY", "inside.test"),
        ];
        let settings = http_settings(&plan("{}", &Flags::default(), &variables));
        let url = |text: &str| Some(text.parse().unwrap());
        let exceptions = "inside.test,localhost,127.0.0.0/8,::1";
        let expected = Proxies::by_scheme(
            url("http://one:3128"),
            url("socks5h://two:1080"),
            exceptions,
        );
        assert_eq!(settings.network.proxies, expected);
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
