//! Addresses and groups of them.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net};

use super::bad_setting::BadSetting;

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
    /// Without bits of a host in it, and of IPv4 where it is one of IPv4 that is
    /// mapped into IPv6.
    fn of(net: IpNet) -> Self {
        const MAPPED: u8 = 96;
        let net = match net {
            IpNet::V6(net) if net.prefix_len() >= MAPPED => {
                let mapped = net.addr().to_ipv4_mapped();
                let within = |address| Ipv4Net::new(address, net.prefix_len() - MAPPED).ok();
                mapped.and_then(within).map_or(IpNet::V6(net), IpNet::V4)
            }
            net => net,
        };
        Self(net.trunc())
    }

    /// Whether an address is one of it.
    pub(super) fn holds(&self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }
}

impl FromStr for AddressRange {
    type Err = BadSetting;

    fn from_str(text: &str) -> Result<Self, BadSetting> {
        let trimmed = text.trim();
        let wrong = || {
            BadSetting::new(format!(
                "`{trimmed}` is no address, range or network; write `10.0.0.1`, `10.0.0.5-10.0.0.9` or `10.1.0.0/28`"
            ))
        };
        if let Some((first, last)) = trimmed.split_once('-') {
            let address = |text: &str| text.trim().parse::<IpAddr>().map_err(|_| wrong());
            let (first, last) = (address(first)?, address(last)?);
            if first.is_ipv4() != last.is_ipv4() {
                return Err(BadSetting::new(format!(
                    "`{trimmed}` goes from one version of IP to the other; write a range of each"
                )));
            }
            if last < first {
                return Err(BadSetting::new(format!(
                    "`{trimmed}` ends before it starts; write `{last}-{first}`"
                )));
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
    type Err = BadSetting;

    fn from_str(text: &str) -> Result<Self, BadSetting> {
        text.split(',')
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl FromStr for Network {
    type Err = BadSetting;

    fn from_str(text: &str) -> Result<Self, BadSetting> {
        let trimmed = text.trim();
        let address = || trimmed.parse::<IpAddr>().map(IpNet::from);
        match trimmed.parse::<IpNet>().or_else(|_| address()) {
            Ok(net) => Ok(Self::of(net)),
            Err(_) => Err(BadSetting::new(format!(
                "`{text}` is no network; write an address and the length of its prefix, such as `10.0.0.0/8`"
            ))),
        }
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
            let error = text.parse::<AddressRanges>().unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn a_network_is_written_without_the_bits_of_a_host_and_in_one_version_of_ip() {
        for (text, written) in [
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("10.1.2.3", "10.1.2.3/32"),
            ("fe80::1/10", "fe80::/10"),
            ("::ffff:10.1.2.3/104", "10.0.0.0/8"),
            ("::ffff:10.1.2.3", "10.1.2.3/32"),
            ("::ffff:0:0/96", "0.0.0.0/0"),
            ("::ffff:0:0/95", "::fffe:0:0/95"),
        ] {
            let network: Network = text.parse().unwrap();
            assert_eq!(network.to_string(), written);
        }
        let error = "10.0.0.0-10.0.0.9".parse::<Network>().unwrap_err();
        let error = error.to_string();
        assert!(error.contains("such as `10.0.0.0/8`"), "{error}");
    }
}
