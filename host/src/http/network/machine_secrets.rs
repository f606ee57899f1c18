//! Where clouds tell their machines who they are, with keys.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::embedded::meanings;

/// Where clouds tell their machines who they are, with keys: nothing that a
/// scenario should reach by accident or by a name that leads there.
const NETWORKS: [IpNet; 6] = [
    // Link-local, 169.254.169.254 among them, which nearly all clouds have.
    v4(Ipv4Addr::new(169, 254, 0, 0), 16),
    v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10),
    // Amazon's services of a machine, by IPv6.
    v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0], 32),
    // Google's, by IPv6.
    v6([0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254], 128),
    // Alibaba's.
    v4(Ipv4Addr::new(100, 100, 100, 200), 32),
    // Azure's, beside the one that is link-local.
    v4(Ipv4Addr::new(168, 63, 129, 16), 32),
];

const fn v4(address: Ipv4Addr, prefix: u8) -> IpNet {
    IpNet::V4(Ipv4Net::new_assert(address, prefix))
}

const fn v6([a, b, c, d, e, f, g, h]: [u16; 8], prefix: u8) -> IpNet {
    let address = Ipv6Addr::new(a, b, c, d, e, f, g, h);
    IpNet::V6(Ipv6Net::new_assert(address, prefix))
}

/// Whether a cloud tells its machines' secrets at an address, however that is
/// written.
#[must_use]
pub fn tells_machine_secrets(address: IpAddr) -> bool {
    let tells = |address: IpAddr| NETWORKS.iter().any(|network| network.contains(&address));
    meanings(address).any(tells)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_services_of_clouds_are_known_by_their_addresses_in_every_spelling() {
        for (address, tells) in [
            ("169.254.169.254", true),
            ("169.254.170.2", true),
            ("::ffff:169.254.169.254", true),
            ("64:ff9b::169.254.169.254", true),
            ("fe80::1", true),
            ("fd00:ec2::254", true),
            ("fd00:ec2::23", true),
            ("fd20:ce::254", true),
            ("100.100.100.200", true),
            ("168.63.129.16", true),
            ("::ffff:168.63.129.16", true),
            ("fd00:ec3::254", false),
            ("fd20:ce::253", false),
            ("100.100.100.201", false),
            ("169.253.0.1", false),
            ("64:ff9b::10.0.0.1", false),
            ("127.0.0.1", false),
        ] {
            let found = tells_machine_secrets(address.parse().unwrap());
            assert_eq!(found, tells, "{address}");
        }
    }
}
