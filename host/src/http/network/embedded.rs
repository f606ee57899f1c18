//! Addresses of IPv4 within addresses of IPv6.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What RFC 6052 has the addresses of IPv4 begin with that a gateway of NAT64
/// leads to.
const NAT64: [u16; 6] = [0x64, 0xff9b, 0, 0, 0, 0];

/// All that an address stands for. The system itself takes an address of IPv4
/// that is mapped into IPv6 for what it is; one that a gateway of NAT64
/// translates is both: an address of IPv6, and where the gateway leads to.
pub(super) fn meanings(address: IpAddr) -> impl Iterator<Item = IpAddr> {
    let address = address.to_canonical();
    let behind = match address {
        IpAddr::V4(_) => None,
        IpAddr::V6(address) => behind_nat64(address),
    };
    [address].into_iter().chain(behind.map(IpAddr::from))
}

fn behind_nat64(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [prefix @ .., high, low] = address.segments();
    let bits = u32::from(high) << 16 | u32::from(low);
    (prefix == NAT64).then(|| Ipv4Addr::from_bits(bits))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_ipv4_is_found_in_the_clothes_of_ipv6() {
        for (text, expected) in [
            ("10.0.0.1", &["10.0.0.1"][..]),
            ("::ffff:10.0.0.1", &["10.0.0.1"]),
            ("64:ff9b::10.0.0.1", &["64:ff9b::a00:1", "10.0.0.1"]),
            ("64:ff9b:1::10.0.0.1", &["64:ff9b:1::a00:1"]),
            ("2001:db8::1", &["2001:db8::1"]),
        ] {
            let meanings = meanings(text.parse().unwrap());
            let meanings: Vec<_> = meanings.map(|address| address.to_string()).collect();
            assert_eq!(meanings, expected, "{text}");
        }
    }
}
