//! Names into addresses.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use hickory_resolver::config::{
    ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolveHosts, ResolverConfig,
    ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::{Query, ResponseCode};
use hickory_resolver::proto::rr::{Name, RecordType};
use hickory_resolver::system_conf::read_system_conf;
use hickory_resolver::{Hosts, Resolver as DnsClient};
use tokio::net::lookup_host;
use tokio::sync::{Mutex, OnceCell};
use tokio::task::spawn_blocking;

use super::dns::{DnsPolicy, DnsSelect, DnsSettings, DnsTtl};

/// How many names are known at most. A run that makes up its names would fill
/// the memory with them; beyond that, all are looked up anew.
const MOST_NAMES: usize = 10_000;

/// Names into addresses, for all clients of a run: what one has found the others
/// need not look up.
///
/// Only the making of a connection comes here, which enters the kernel several
/// times: beside that a lock held for a look into a table is nothing, and one
/// table keeps turns among addresses exactly.
#[derive(Default)]
pub(super) struct Resolver {
    known: RwLock<HashMap<Box<str>, Arc<Known>>>,
    source: OnceCell<Source>,
    chance: RandomState,
}

/// What is known of a name.
#[derive(Default)]
struct Known {
    found: RwLock<Option<Found>>,
    /// One looks up, the others wait for what it finds, or does not: when that
    /// was, the last time.
    looking: Mutex<Option<(Instant, NotFound)>>,
    turn: AtomicUsize,
}

/// The addresses of a name.
#[derive(Clone)]
struct Found {
    addresses: Arc<[IpAddr]>,
    since: Instant,
}

/// Whom to ask.
enum Source {
    /// The name servers, after the machine's own table of names.
    NameServers(Box<NameServers>),
    /// The system's own function, where its name servers cannot be found out.
    System,
}

/// Name servers, and how to ask them.
struct NameServers {
    config: ResolverConfig,
    options: ResolverOpts,
    /// The machine's own table of names.
    hosts: Hosts,
}

/// Why a name led to no address.
#[derive(Debug, Clone)]
pub(super) struct NotFound {
    pub(super) cause: String,
    /// There is no such name, or it has no address; not that nobody could say.
    pub(super) no_such_name: bool,
}

impl Resolver {
    /// The addresses of a name, in the order in which they are to be tried.
    pub(super) async fn look_up(
        &self,
        name: &str,
        settings: &DnsSettings,
    ) -> Result<Vec<IpAddr>, NotFound> {
        let known = self.known(name);
        let addresses = match known.still_good(settings.ttl) {
            Some(addresses) => addresses,
            None if settings.ttl == DnsTtl::Nothing => self.ask(name, settings).await?,
            None => {
                let since = Instant::now();
                let mut looking = known.looking.lock().await;
                match known.still_good(settings.ttl) {
                    Some(addresses) => addresses,
                    None => match &*looking {
                        // Whoever waited for this answer has it, too.
                        Some((at, not_found)) if *at >= since => return Err(not_found.clone()),
                        _ => match self.ask(name, settings).await {
                            Ok(addresses) => {
                                known.keep(Arc::clone(&addresses));
                                addresses
                            }
                            Err(not_found) => {
                                *looking = Some((Instant::now(), not_found.clone()));
                                return Err(not_found);
                            }
                        },
                    },
                }
            }
        };
        let first = match settings.select {
            DnsSelect::First => 0,
            DnsSelect::RoundRobin => known.turn.fetch_add(1, Relaxed),
            // A number that nobody can guess, made without a lock.
            DnsSelect::Random => self.chance.hash_one(known.turn.fetch_add(1, Relaxed)) as usize,
        };
        let mut ordered = addresses.to_vec();
        ordered.rotate_left(first % addresses.len());
        Ok(ordered)
    }

    fn known(&self, name: &str) -> Arc<Known> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(name) {
            return Arc::clone(known);
        }
        drop(known);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_NAMES {
            known.clear();
        }
        Arc::clone(known.entry(name.into()).or_default())
    }

    /// Looks a name up; returns at least one address.
    async fn ask(&self, name: &str, settings: &DnsSettings) -> Result<Arc<[IpAddr]>, NotFound> {
        let source = self.source.get_or_init(|| Source::of(settings)).await;
        let found = match source {
            Source::NameServers(servers) => match in_table(&servers.hosts, name) {
                Some(addresses) => addresses,
                None => servers.ask(name, settings.policy).await?,
            },
            Source::System => {
                // The port is the connection's, and here any.
                let found = lookup_host((name, 0)).await.map_err(NotFound::of_system)?;
                found.map(|address| address.ip()).collect()
            }
        };
        let addresses = by_policy(found, settings.policy);
        if addresses.is_empty() {
            return Err(NotFound {
                cause: "the name has no address".to_owned(),
                no_such_name: true,
            });
        }
        Ok(addresses.into())
    }
}

impl Known {
    fn still_good(&self, ttl: DnsTtl) -> Option<Arc<[IpAddr]>> {
        let found = self.found.read().unwrap_or_else(PoisonError::into_inner);
        let found = found.as_ref()?;
        let good = match ttl {
            DnsTtl::Nothing => false,
            DnsTtl::For(time) => found.since.elapsed() < time,
            DnsTtl::Forever => true,
        };
        good.then(|| Arc::clone(&found.addresses))
    }

    fn keep(&self, addresses: Arc<[IpAddr]>) {
        let mut found = self.found.write().unwrap_or_else(PoisonError::into_inner);
        *found = Some(Found {
            addresses,
            since: Instant::now(),
        });
    }
}

impl Source {
    async fn of(settings: &DnsSettings) -> Self {
        let configured = if settings.servers.is_empty() {
            // Both read files.
            let read = spawn_blocking(|| (read_system_conf(), Hosts::from_system())).await;
            read.ok()
                .and_then(|(servers, hosts)| Some((servers.ok()?, hosts)))
        } else {
            let servers = settings.servers.iter().copied().map(name_server).collect();
            let config = ResolverConfig::from_parts(None, Vec::new(), servers);
            let hosts = spawn_blocking(Hosts::from_system).await;
            hosts
                .ok()
                .map(|hosts| ((config, ResolverOpts::default()), hosts))
        };
        match configured {
            Some(((config, mut options), hosts)) => {
                // Both are done here: for all names alike, wherever they come
                // from, and for the time that the settings say.
                options.use_hosts_file = ResolveHosts::Never;
                options.cache_size = 0;
                Self::NameServers(Box::new(NameServers {
                    config,
                    options,
                    // A machine without a table has no names of its own.
                    hosts: hosts.unwrap_or_default(),
                }))
            }
            None => Self::System,
        }
    }
}

fn name_server(address: SocketAddr) -> NameServerConfig {
    let mut server = NameServerConfig::udp_and_tcp(address.ip());
    let on_port = |mut connection: ConnectionConfig| {
        connection.port = address.port();
        connection
    };
    server.connections = server.connections.into_iter().map(on_port).collect();
    server
}

/// The addresses that the machine's own table has. A name that stands there is
/// asked for nowhere else, as in the system's own function.
fn in_table(hosts: &Hosts, name: &str) -> Option<Vec<IpAddr>> {
    let name = Name::from_ascii(name).ok()?;
    let of_kind = |kind| {
        let found = hosts.lookup_static_host(&Query::query(name.clone(), kind));
        let answers = found.iter().flat_map(|found| found.answers());
        answers
            .filter_map(|record| record.data.ip_addr())
            .collect::<Vec<_>>()
    };
    let mut addresses = of_kind(RecordType::A);
    addresses.extend(of_kind(RecordType::AAAA));
    (!addresses.is_empty()).then_some(addresses)
}

impl NameServers {
    /// Makes a client for each question: its sockets belong to the runtime that
    /// they were made on, and whoever asks next may run on another. Answers are
    /// kept, so that questions are few.
    async fn ask(&self, name: &str, policy: DnsPolicy) -> Result<Vec<IpAddr>, NotFound> {
        let mut options = self.options.clone();
        options.ip_strategy = strategy(policy);
        let provider = TokioRuntimeProvider::default();
        let client = DnsClient::builder_with_config(self.config.clone(), provider)
            .with_options(options)
            .build()
            .map_err(NotFound::of_servers)?;
        let found = client.lookup_ip(name).await.map_err(NotFound::of_servers)?;
        Ok(found.iter().collect())
    }
}

fn strategy(policy: DnsPolicy) -> LookupIpStrategy {
    match policy {
        DnsPolicy::PreferIpv4 => LookupIpStrategy::Ipv4thenIpv6,
        DnsPolicy::PreferIpv6 => LookupIpStrategy::Ipv6thenIpv4,
        DnsPolicy::OnlyIpv4 => LookupIpStrategy::Ipv4Only,
        DnsPolicy::OnlyIpv6 => LookupIpStrategy::Ipv6Only,
        DnsPolicy::Any => LookupIpStrategy::Ipv4AndIpv6,
    }
}

/// As in k6: where a kind of address is preferred, the other kind counts only
/// where there is none of it.
fn by_policy(addresses: Vec<IpAddr>, policy: DnsPolicy) -> Vec<IpAddr> {
    let (v4, v6): (Vec<_>, Vec<_>) = match policy {
        DnsPolicy::Any => return addresses,
        _ => addresses.into_iter().partition(IpAddr::is_ipv4),
    };
    match policy {
        DnsPolicy::PreferIpv4 if v4.is_empty() => v6,
        DnsPolicy::PreferIpv6 if v6.is_empty() => v4,
        DnsPolicy::PreferIpv4 | DnsPolicy::OnlyIpv4 | DnsPolicy::Any => v4,
        DnsPolicy::PreferIpv6 | DnsPolicy::OnlyIpv6 => v6,
    }
}

impl NotFound {
    fn of_servers(error: NetError) -> Self {
        let no_such_name = match &error {
            NetError::Dns(DnsError::NoRecordsFound(none)) => matches!(
                none.response_code,
                ResponseCode::NXDomain | ResponseCode::NoError
            ),
            _ => false,
        };
        let cause = match &error {
            _ if error.is_nx_domain() => "the name servers know no such name".to_owned(),
            _ if no_such_name => "the name has no address of the kind that is wanted".to_owned(),
            error => format!("the name servers gave no answer: {error}"),
        };
        Self {
            cause,
            no_such_name,
        }
    }

    fn of_system(error: io::Error) -> Self {
        let cause = error.to_string();
        // The system has no kinds of this error, only texts.
        let no_such_name = [
            "not known",
            "No address",
            "nodename nor servname",
            "No such host",
        ]
        .iter()
        .any(|text| cause.contains(text));
        Self {
            cause,
            no_such_name,
        }
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Resolver").finish_non_exhaustive()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn addresses(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn a_policy_keeps_the_kind_that_it_wants() {
        let both = addresses(&["::1", "10.0.0.1", "10.0.0.2"]);
        let v4 = addresses(&["10.0.0.1", "10.0.0.2"]);
        let v6 = addresses(&["::1"]);
        let by = |from: &Vec<IpAddr>, policy| by_policy(from.clone(), policy);
        assert_eq!(by(&both, DnsPolicy::PreferIpv4), v4);
        assert_eq!(by(&both, DnsPolicy::PreferIpv6), v6);
        assert_eq!(by(&both, DnsPolicy::OnlyIpv4), v4);
        assert_eq!(by(&both, DnsPolicy::OnlyIpv6), v6);
        assert_eq!(by(&both, DnsPolicy::Any), both);
        assert_eq!(by(&v6, DnsPolicy::PreferIpv4), v6);
        assert_eq!(by(&v4, DnsPolicy::PreferIpv6), v4);
        assert!(by(&v6, DnsPolicy::OnlyIpv4).is_empty());
    }

    #[test]
    fn the_machines_own_table_is_read_for_both_kinds_of_address() {
        let mut hosts = Hosts::default();
        let table = "127.0.0.1 localhost here.test\n::1 localhost\n10.0.0.1 Other.test\n";
        hosts.read_hosts_conf(table.as_bytes()).unwrap();
        assert_eq!(
            in_table(&hosts, "localhost"),
            Some(addresses(&["127.0.0.1", "::1"]))
        );
        assert_eq!(
            in_table(&hosts, "here.test"),
            Some(addresses(&["127.0.0.1"]))
        );
        assert_eq!(
            in_table(&hosts, "other.test."),
            Some(addresses(&["10.0.0.1"]))
        );
        assert_eq!(in_table(&hosts, "elsewhere.test"), None);
    }

    #[test]
    fn a_run_that_makes_up_names_does_not_fill_the_memory_with_them() {
        let resolver = Resolver::default();
        for number in 0..MOST_NAMES + 10 {
            resolver.known(&number.to_string());
        }
        assert_eq!(resolver.known.read().unwrap().len(), 10);
        // A name that stayed is the same one.
        let name = MOST_NAMES.to_string();
        assert!(Arc::ptr_eq(&resolver.known(&name), &resolver.known(&name)));
    }

    #[tokio::test]
    async fn the_systems_own_function_stands_in_for_name_servers() {
        let resolver = Resolver::default();
        resolver.source.set(Source::System).ok().unwrap();
        let settings = DnsSettings::default();
        let found = resolver.look_up("localhost", &settings).await.unwrap();
        assert!(found.iter().all(IpAddr::is_loopback), "{found:?}");
        let error = resolver.look_up("no-such-host.invalid", &settings).await;
        assert!(!error.unwrap_err().cause.is_empty());
    }
}
