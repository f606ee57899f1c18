//! The addresses of this machine that connections come from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use ipnet::IpNet;

use super::bad_setting::BadSetting;

/// The addresses of this machine that connections come from, one after another:
/// those of IPv4 for servers of IPv4, those of IPv6 for servers of IPv6.
///
/// Written as in k6, `10.0.0.1,10.0.0.5-10.0.0.9,10.1.0.0/28`; of a network of
/// IPv4 the first and the last address are no machine's and left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceAddresses {
    v4: Vec<Range>,
    v6: Vec<Range>,
}

/// Addresses that follow one another, in their numbers. A list of a network of
/// IPv6 would be longer than any memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Range {
    first: u128,
    last: u128,
}

/// Whose turn it is, over all clients of a run.
#[derive(Debug, Default)]
pub(super) struct Turns {
    v4: AtomicUsize,
    v6: AtomicUsize,
}

impl SourceAddresses {
    /// The next address to connect from to a server; none where no address is of
    /// the server's kind.
    pub(super) fn next(&self, turns: &Turns, server: IpAddr) -> Option<IpAddr> {
        let (ranges, turn) = match server {
            IpAddr::V4(_) => (&self.v4, &turns.v4),
            IpAddr::V6(_) => (&self.v6, &turns.v6),
        };
        let all = ranges.iter().map(Range::length).sum::<u128>();
        // The turn is taken where there is somebody whose it is.
        let mut place = (all > 0).then(|| turn.fetch_add(1, Relaxed) as u128 % all)?;
        let range = ranges.iter().find(|range| {
            let found = place < range.length();
            if !found {
                place -= range.length();
            }
            found
        })?;
        let number = range.first + place;
        Some(match server {
            // A number of a range of IPv4 has 32 bits.
            IpAddr::V4(_) => Ipv4Addr::from_bits(number as u32).into(),
            IpAddr::V6(_) => Ipv6Addr::from_bits(number).into(),
        })
    }
}

impl Range {
    /// No more than half of all numbers, so that sums of some cannot overflow;
    /// no run has that many connections.
    fn length(&self) -> u128 {
        (self.last - self.first).min(u128::from(u64::MAX)) + 1
    }

    /// From one address to another of its kind that is not before it.
    fn between(first: IpAddr, last: IpAddr) -> Option<Self> {
        let range = Self {
            first: number(first),
            last: number(last),
        };
        (first.is_ipv4() == last.is_ipv4() && range.first <= range.last).then_some(range)
    }

    fn of(network: IpNet) -> Option<Self> {
        let mut range = Self::between(network.network(), network.broadcast())?;
        if network.addr().is_ipv4() && range.length() > 2 {
            range.first += 1;
            range.last -= 1;
        }
        Some(range)
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits().into(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// The addresses that a part of the text stands for, and whether they are of
/// IPv4.
fn parse(text: &str) -> Option<(Range, bool)> {
    if let Some((first, last)) = text.split_once('-') {
        let (first, last): (IpAddr, IpAddr) =
            (first.trim().parse().ok()?, last.trim().parse().ok()?);
        return Some((Range::between(first, last)?, first.is_ipv4()));
    }
    if text.contains('/') {
        let network: IpNet = text.parse().ok()?;
        return Some((Range::of(network)?, network.addr().is_ipv4()));
    }
    let address: IpAddr = text.parse().ok()?;
    Some((Range::between(address, address)?, address.is_ipv4()))
}

impl FromStr for SourceAddresses {
    type Err = BadSetting;

    fn from_str(text: &str) -> Result<Self, BadSetting> {
        let mut addresses = Self {
            v4: Vec::new(),
            v6: Vec::new(),
        };
        for part in text.split(',').map(str::trim) {
            let (range, is_v4) = parse(part).ok_or_else(|| {
                BadSetting::new(
                    part,
                    "address of this machine: write an address, two with `-` between them, or a \
                     network such as `10.1.0.0/28`",
                )
            })?;
            if is_v4 {
                addresses.v4.push(range);
            } else {
                addresses.v6.push(range);
            }
        }
        Ok(addresses)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn first(count: usize, text: &str, server: &str) -> Vec<String> {
        let addresses: SourceAddresses = text.parse().unwrap();
        let turns = Turns::default();
        let server = server.parse().unwrap();
        let next = || addresses.next(&turns, server);
        std::iter::from_fn(next)
            .take(count)
            .map(|address| address.to_string())
            .collect()
    }

    #[test]
    fn addresses_take_turns_in_the_order_of_the_list() {
        let list = "10.0.0.1, 10.0.0.5-10.0.0.6,10.1.0.0/30";
        assert_eq!(
            first(6, list, "192.0.2.1"),
            [
                "10.0.0.1", "10.0.0.5", "10.0.0.6", "10.1.0.1", "10.1.0.2", "10.0.0.1"
            ]
        );
        assert_eq!(
            first(2, "10.1.0.0/31", "192.0.2.1"),
            ["10.1.0.0", "10.1.0.1"]
        );
        assert_eq!(
            first(2, "10.1.0.7/32", "192.0.2.1"),
            ["10.1.0.7", "10.1.0.7"]
        );
    }

    #[test]
    fn a_server_is_reached_from_an_address_of_its_kind() {
        let list = "10.0.0.1,2001:db8::/64,::/0,::/0";
        assert_eq!(first(2, list, "192.0.2.1"), ["10.0.0.1", "10.0.0.1"]);
        assert_eq!(first(2, list, "2001:db8::9"), ["2001:db8::", "2001:db8::1"]);
        assert!(first(1, "10.0.0.1", "::1").is_empty());
    }

    #[test]
    fn what_is_no_address_of_a_machine_is_refused() {
        for text in [
            "",
            "a",
            "10.0.0.1,",
            "10.0.0.9-10.0.0.1",
            "10.0.0.1-::1",
            "10.0.0.0/33",
        ] {
            assert!(text.parse::<SourceAddresses>().is_err(), "{text}");
        }
    }
}
