//! The addresses of this machine that connections come from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::addresses::{AddressRange, AddressRanges};

/// Whose turn it is, over all clients of a run.
#[derive(Debug, Default)]
pub(super) struct Turns {
    v4: AtomicUsize,
    v6: AtomicUsize,
}

impl Turns {
    /// The next of some addresses to connect from to a server: one of IPv4 to a
    /// server of IPv4, one of IPv6 to one of IPv6; none where no address is of
    /// the server's kind.
    pub(super) fn next(&self, addresses: &AddressRanges, server: IpAddr) -> Option<IpAddr> {
        let turn = match server {
            IpAddr::V4(_) => &self.v4,
            IpAddr::V6(_) => &self.v6,
        };
        let ranges = || {
            let ranges = addresses.as_slice().iter();
            ranges.filter(|range| range.first().is_ipv4() == server.is_ipv4())
        };
        let all = ranges().map(length).sum::<u128>();
        // The turn is taken where there is somebody whose it is.
        let mut place = (all > 0).then(|| turn.fetch_add(1, Relaxed) as u128 % all)?;
        let range = ranges().find(|range| {
            let found = place < length(range);
            if !found {
                place -= length(range);
            }
            found
        })?;
        let number = number(range.first()) + place;
        Some(match server {
            // A number of a range of IPv4 has 32 bits.
            IpAddr::V4(_) => Ipv4Addr::from_bits(number as u32).into(),
            IpAddr::V6(_) => Ipv6Addr::from_bits(number).into(),
        })
    }
}

/// How many addresses a range has. No more than half of all numbers, so that sums
/// of some cannot overflow; no run has that many connections.
fn length(range: &AddressRange) -> u128 {
    (number(range.last()) - number(range.first())).min(u128::from(u64::MAX)) + 1
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits().into(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn first(count: usize, text: &str, server: &str) -> Vec<String> {
        let addresses: AddressRanges = text.parse().unwrap();
        let turns = Turns::default();
        let server = server.parse().unwrap();
        let next = || turns.next(&addresses, server);
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
}
