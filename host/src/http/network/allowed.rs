//! Which hosts and addresses a run may reach.

use std::net::IpAddr;
use std::sync::Arc;

use super::NetworkSettings;
use super::addresses::Network;
use super::embedded::meanings;
use super::host_pattern::{HostNames, HostPattern};
use super::machine_secrets::tells_machine_secrets;
use crate::http::error::{Error, Refusal};
use crate::http::origin::Origin;

/// The hosts that may be reached; all of them unless set. The addresses that
/// clouds tell their machines' secrets at are allowed only where they are named,
/// in digits, whatever else is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedHosts(Vec<HostPattern>);

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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefusedHosts {
    /// No connection is made to an address of these, looked up or written in a
    /// URL (k6: `blacklistIPs`).
    pub networks: Vec<Network>,
    /// These are never looked up (k6: `blockHostnames`).
    pub names: Vec<HostNames>,
}

impl NetworkSettings {
    /// Whether the run may go there, as far as can be told without looking up
    /// the name.
    pub(super) fn admit(&self, origin: &Origin) -> Result<(), Error> {
        let mut refused = self.refused.names.iter();
        let mut allowed = self.allowed.0.iter();
        let refusal = if let Some(names) = refused.find(|names| names.matches(&origin.host)) {
            Refusal::HostRefused {
                pattern: names.to_string(),
            }
        } else if allowed.any(|pattern| pattern.matches(&origin.host, origin.port)) {
            return Ok(());
        } else {
            Refusal::NotListed
        };
        Err(not_allowed(origin, refusal))
    }

    /// Why the run may not go to an address, if so.
    pub(super) fn refusal_of(&self, address: IpAddr) -> Option<Refusal> {
        let holds = |network: &&Network| meanings(address).any(|address| network.holds(address));
        // As it would have to be written to be allowed.
        let shown = address.to_canonical();
        if let Some(network) = self.refused.networks.iter().find(holds) {
            return Some(Refusal::AddressRefused {
                address: shown,
                network: network.to_string(),
            });
        }
        let is_named = || {
            let mut patterns = self.allowed.0.iter();
            patterns.any(|pattern| meanings(address).any(|address| pattern.is_address(address)))
        };
        let is_secret = tells_machine_secrets(address) && !is_named();
        is_secret.then_some(Refusal::MachineSecrets { address: shown })
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
        settings.refused.names = vec!["*.a.test".parse().unwrap()];
        assert_eq!(settings.admit(&origin("http://a.test/")), Ok(()));
        let error = settings.admit(&origin("http://b.a.test/")).unwrap_err();
        assert_eq!(error.code().0, 1111);
        assert!(error.to_string().contains("`*.a.test`"), "{error}");
    }

    #[test]
    fn a_refused_address_is_refused_in_every_spelling() {
        let mut settings = settings(&["*"]);
        settings.refused.names = vec!["10.0.0.1".parse().unwrap()];
        for url in [
            "http://10.0.0.1/",
            "http://[::ffff:10.0.0.1]/",
            "http://[::ffff:a00:1]:81/",
            "http://0x0a.1/",
        ] {
            let error = settings.admit(&origin(url)).unwrap_err();
            assert_eq!(error.code().0, 1111, "{url}");
        }
        assert_eq!(settings.admit(&origin("http://10.0.0.2/")), Ok(()));
        for network in ["10.0.0.0/8", "::ffff:10.0.0.0/104"] {
            settings.refused.networks = vec![network.parse().unwrap()];
            for refused in ["10.0.0.2", "::ffff:10.0.0.2", "64:ff9b::10.0.0.2"] {
                let refusal = settings.refusal_of(address(refused));
                let is_refused = matches!(refusal, Some(Refusal::AddressRefused { .. }));
                assert!(is_refused, "{network} {refused}");
            }
            assert_eq!(settings.refusal_of(address("64:ff9b::11.0.0.2")), None);
        }
        settings.refused.networks = vec!["64:ff9b::/96".parse().unwrap()];
        assert!(settings.refusal_of(address("64:ff9b::11.0.0.2")).is_some());
    }

    #[test]
    fn addresses_that_tell_a_machines_secrets_want_to_be_named_in_digits() {
        for secret in [
            "169.254.169.254",
            "fe80::1",
            "fd00:ec2::254",
            "100.100.100.200",
            "::ffff:169.254.169.254",
            "64:ff9b::169.254.169.254",
        ]
        .map(address)
        {
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
        settings.refused.networks = vec!["10.0.0.0/8".parse().unwrap()];
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
