//! Addresses and groups of them.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use ipnet::IpNet;

/// Addresses of one after another: `10.0.0.5-10.0.0.9`. The last is not before
/// the first, and both are of one version of IP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressRange {
    first: IpAddr,
    last: IpAddr,
}

impl AddressRange {
    /// The first address.
    #[must_use]
    pub fn first(&self) -> IpAddr {
        self.first
    }

    /// The last address, which belongs to it.
    #[must_use]
    pub fn last(&self) -> IpAddr {
        self.last
    }
}

/// Addresses, ranges and networks in a list:
/// `10.0.0.1,10.0.0.5-10.0.0.9,10.1.0.0/28`. Its order counts, and what stands
/// there twice counts twice. As in k6, an IPv4 network of more than two
/// addresses is without its first and last, which belong to the network itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AddressRanges(Vec<AddressRange>);

impl AddressRanges {
    /// The ranges in their order.
    #[must_use]
    pub fn as_slice(&self) -> &[AddressRange] {
        &self.0
    }
}

/// A network: `10.0.0.0/8`. An address alone is a network of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(IpNet);

impl Network {
    /// The network, without bits of a host in it.
    #[must_use]
    pub fn net(&self) -> IpNet {
        self.0
    }
}

impl FromStr for AddressRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let trimmed = text.trim();
        let wrong = || {
            format!(
                "`{trimmed}` is no address, range or network; write `10.0.0.1`, `10.0.0.5-10.0.0.9` or `10.1.0.0/28`"
            )
        };
        if let Some((first, last)) = trimmed.split_once('-') {
            let address = |text: &str| text.trim().parse::<IpAddr>().map_err(|_| wrong());
            let (first, last) = (address(first)?, address(last)?);
            if first.is_ipv4() != last.is_ipv4() {
                return Err(format!(
                    "`{trimmed}` goes from one version of IP to the other; write a range of each"
                ));
            }
            if last < first {
                return Err(format!(
                    "`{trimmed}` ends before it starts; write `{last}-{first}`"
                ));
            }
            return Ok(Self { first, last });
        }
        if trimmed.contains('/') {
            let net: IpNet = trimmed.parse().map_err(|_| wrong())?;
            return Ok(match net {
                // Of a larger network, which addresses are a host's.
                IpNet::V4(net) if net.prefix_len() < 31 => {
                    let ends = (u32::from(net.network()), u32::from(net.broadcast()));
                    Self {
                        first: IpAddr::V4((ends.0 + 1).into()),
                        last: IpAddr::V4((ends.1 - 1).into()),
                    }
                }
                net => Self {
                    first: net.network(),
                    last: net.broadcast(),
                },
            });
        }
        let address = trimmed.parse().map_err(|_| wrong())?;
        Ok(Self {
            first: address,
            last: address,
        })
    }
}

impl FromStr for AddressRanges {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.split(',')
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let trimmed = text.trim();
        let address = || trimmed.parse::<IpAddr>().map(IpNet::from);
        match trimmed.parse::<IpNet>().or_else(|_| address()) {
            Ok(net) => Ok(Self(net.trunc())),
            Err(_) => Err(format!(
                "`{text}` is no network; write an address and the length of its prefix, such as `10.0.0.0/8`"
            )),
        }
    }
}

/// Where clouds have the metadata of a machine, its passwords among them, and
/// where no server under test is.
pub(in crate::plan) fn is_link_local(address: IpAddr) -> bool {
    /// AWS has the same service at this address, which is none of link-local.
    const METADATA: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
    match address.to_canonical() {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local() || address == METADATA,
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            write!(f, "{}", self.first)
        } else {
            write!(f, "{}-{}", self.first, self.last)
        }
    }
}

impl fmt::Display for AddressRanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, range) in self.0.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            write!(f, "{comma}{range}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn addresses_ranges_and_networks_are_read_as_k6_reads_them() {
        for (text, written) in [
            ("10.0.0.1", "10.0.0.1"),
            (" 10.0.0.5 - 10.0.0.9 ", "10.0.0.5-10.0.0.9"),
            ("10.1.0.0/28", "10.1.0.1-10.1.0.14"),
            ("10.1.0.7/28", "10.1.0.1-10.1.0.14"),
            ("10.1.0.0/31", "10.1.0.0-10.1.0.1"),
            ("10.1.0.1/32", "10.1.0.1"),
            ("0.0.0.0/0", "0.0.0.1-255.255.255.254"),
            ("fd00::/126", "fd00::-fd00::3"),
            ("10.0.0.1,10.0.0.1,::1", "10.0.0.1,10.0.0.1,::1"),
        ] {
            let ranges: AddressRanges = text.parse().unwrap();
            assert_eq!(ranges.to_string(), written, "{text}");
        }
        for (text, reason) in [
            ("", "is no address, range or network"),
            ("10.0.0.1,", "`` is no address, range or network"),
            ("example.com", "is no address, range or network"),
            ("10.0.0.0/33", "is no address, range or network"),
            ("10.0.0.9-10.0.0.5", "write `10.0.0.5-10.0.0.9`"),
            ("10.0.0.9-::1", "from one version of IP to the other"),
        ] {
            let error = text.parse::<AddressRanges>().unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn a_network_is_written_without_the_bits_of_a_host() {
        for (text, written) in [
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("10.1.2.3", "10.1.2.3/32"),
            ("fe80::1/10", "fe80::/10"),
        ] {
            let network: Network = text.parse().unwrap();
            assert_eq!(network.to_string(), written);
        }
        let error = "10.0.0.0-10.0.0.9".parse::<Network>().unwrap_err();
        assert!(error.contains("such as `10.0.0.0/8`"), "{error}");
    }

    #[test]
    fn metadata_services_are_known_by_their_addresses() {
        for (address, is) in [
            ("169.254.169.254", true),
            ("::ffff:169.254.169.254", true),
            ("fe80::1", true),
            ("fd00:ec2::254", true),
            ("fd00:ec2::253", false),
            ("169.253.0.1", false),
            ("127.0.0.1", false),
        ] {
            assert_eq!(is_link_local(address.parse().unwrap()), is, "{address}");
        }
    }
}
