//! Which hosts and addresses a run may reach.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::NetworkSettings;
use super::host_pattern::HostPattern;
use crate::http::error::{Error, Refusal};
use crate::http::origin::Origin;

/// Where the machines of clouds are told who they are, with keys: nothing that
/// a scenario should reach by accident or by a name that leads there.
const MACHINE_SECRETS: [IpNet; 3] = [
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(169, 254, 0, 0), 16)),
    IpNet::V6(Ipv6Net::new_assert(
        Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0),
        10,
    )),
    IpNet::V6(Ipv6Net::new_assert(
        Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
        128,
    )),
];

/// The hosts that may be reached; all of them unless set. The addresses that
/// clouds tell their machines' secrets at are allowed only where they are named,
/// in digits, whatever else is.
#[derive(Debug, Clone)]
pub struct AllowedHosts(Vec<HostPattern>);

impl AllowedHosts {
    /// Adds hosts to those that may be reached.
    pub fn extend(&mut self, patterns: impl IntoIterator<Item = HostPattern>) {
        self.0.extend(patterns);
    }
}

impl Default for AllowedHosts {
    fn default() -> Self {
        Self(vec![HostPattern::any()])
    }
}

/// These and no others.
impl FromIterator<HostPattern> for AllowedHosts {
    fn from_iter<I: IntoIterator<Item = HostPattern>>(patterns: I) -> Self {
        Self(patterns.into_iter().collect())
    }
}

/// Hosts and addresses that may not be reached, though they were allowed.
#[derive(Debug, Clone, Default)]
pub struct RefusedHosts {
    /// These are never looked up (k6: `blockHostnames`).
    pub hosts: Vec<HostPattern>,
    /// No connection is made to these, whatever name leads there (k6:
    /// `blacklistIPs`).
    pub addresses: Vec<IpNet>,
}

impl NetworkSettings {
    /// Whether the run may go there, as far as can be told without looking up
    /// the name.
    pub(super) fn admit(&self, origin: &Origin) -> Result<(), Error> {
        let matches = |pattern: &&HostPattern| pattern.matches(&origin.host, origin.port);
        let refusal = if let Some(pattern) = self.refused.hosts.iter().find(matches) {
            Refusal::HostRefused {
                pattern: pattern.to_string(),
            }
        } else if self.allowed.0.iter().any(|pattern| matches(&pattern)) {
            return Ok(());
        } else {
            Refusal::NotListed
        };
        Err(not_allowed(origin, refusal))
    }

    /// Why the run may not go to an address, if so.
    pub(super) fn refusal_of(&self, address: IpAddr) -> Option<Refusal> {
        // An address of IPv4 is the same one in the clothes of IPv6.
        let address = address.to_canonical();
        let holds = |network: &&IpNet| network.contains(&address);
        if let Some(network) = self.refused.addresses.iter().find(holds) {
            return Some(Refusal::AddressRefused {
                address,
                network: network.to_string(),
            });
        }
        let is_named = || {
            let mut patterns = self.allowed.0.iter();
            patterns.any(|pattern| pattern.is_address(address))
        };
        let tells_secrets = MACHINE_SECRETS.iter().any(|network| holds(&network));
        (tells_secrets && !is_named()).then_some(Refusal::MachineSecrets { address })
    }

    /// The addresses of a host that the run may go to.
    pub(super) fn admitted(
        &self,
        origin: &Origin,
        addresses: impl IntoIterator<Item = IpAddr>,
    ) -> Result<Vec<IpAddr>, Error> {
        let mut refused = None;
        let mut admitted = Vec::new();
        for address in addresses {
            match self.refusal_of(address) {
                None => admitted.push(address),
                Some(refusal) => refused = Some(refusal),
            }
        }
        match refused {
            Some(refusal) if admitted.is_empty() => Err(not_allowed(origin, refusal)),
            _ => Ok(admitted),
        }
    }
}

fn not_allowed(origin: &Origin, refusal: Refusal) -> Error {
    Error::NotAllowed {
        authority: Arc::clone(&origin.authority),
        refusal,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use url::Url;

    use super::*;

    fn settings(allowed: &[&str]) -> NetworkSettings {
        NetworkSettings {
            allowed: allowed.iter().map(|text| text.parse().unwrap()).collect(),
            ..NetworkSettings::default()
        }
    }

    fn origin(url: &str) -> Origin {
        Origin::of(&Url::parse(url).unwrap()).unwrap()
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn hosts_that_are_not_listed_are_refused_with_the_flag_that_lists_them() {
        let settings = settings(&["a.test", "*.b.test", "c.test:81"]);
        for url in ["http://a.test/", "https://x.b.test/", "http://c.test:81/"] {
            assert_eq!(settings.admit(&origin(url)), Ok(()), "{url}");
        }
        for url in ["http://b.test/", "http://c.test/", "http://10.0.0.1:8080/"] {
            let error = settings.admit(&origin(url)).unwrap_err().to_string();
            let authority = origin(url).authority;
            let flag = format!("--allow-host {authority}");
            assert!(error.contains(&flag), "{error}");
        }
    }

    #[test]
    fn refused_hosts_are_refused_though_they_are_allowed() {
        let mut settings = settings(&["*"]);
        settings.refused.hosts = vec!["*.a.test".parse().unwrap()];
        assert_eq!(settings.admit(&origin("http://a.test/")), Ok(()));
        let error = settings.admit(&origin("http://b.a.test/")).unwrap_err();
        assert_eq!(error.code().0, 1111);
        assert!(error.to_string().contains("`*.a.test`"), "{error}");
    }

    #[test]
    fn addresses_that_tell_a_machines_secrets_want_to_be_named_in_digits() {
        let secrets = ["169.254.169.254", "fe80::1", "fd00:ec2::254"].map(address);
        let mapped = address("::ffff:169.254.169.254");
        for secret in secrets.into_iter().chain([mapped]) {
            let refusal = settings(&["*"]).refusal_of(secret);
            let canonical = secret.to_canonical();
            assert_eq!(
                refusal,
                Some(Refusal::MachineSecrets { address: canonical })
            );
            let named = settings(&[&canonical.to_string()]);
            assert_eq!(named.refusal_of(secret), None);
        }
        assert_eq!(settings(&["*"]).refusal_of(address("10.0.0.1")), None);
        assert_eq!(settings(&["*"]).refusal_of(address("fd00::1")), None);
    }

    #[test]
    fn a_name_keeps_those_of_its_addresses_that_are_not_refused() {
        let mut settings = settings(&["*"]);
        settings.refused.addresses = vec!["10.0.0.0/8".parse().unwrap()];
        let origin = origin("http://a.test/");
        let both = [address("10.1.2.3"), address("11.1.2.3")];
        assert_eq!(settings.admitted(&origin, both), Ok(vec![both[1]]));
        let error = settings.admitted(&origin, [both[0]]).unwrap_err();
        assert_eq!(error.code().0, 1110);
        let text = error.to_string();
        assert!(text.contains("10.1.2.3") && text.contains("10.0.0.0/8"));
        assert_eq!(settings.admitted(&origin, []), Ok(Vec::new()));
    }
}
