//! What is said of a demand and a machine.

use super::*;

/// A machine with Linux's own defaults, and a small process on it.
fn machine() -> Machine {
    Machine {
        mappings: Some(Limit {
            allowed: 65_530,
            used: 82,
        }),
        has_lightweight_guards: true,
        files: Some(Limit {
            allowed: 20_000,
            used: 20,
        }),
        most_files: Some(1_048_576),
        ports: Some(28_232),
    }
}

/// So many VUs that take so many mappings each.
fn demand(vus: u64, mappings: f64) -> Demand {
    Demand {
        vus,
        mappings: vus as f64 * mappings,
        connections: vus,
        target: TargetPlace::Elsewhere,
        addresses: 1,
        workers: 2,
    }
}

#[track_caller]
fn only(shortages: &[Shortage]) -> String {
    assert_eq!(shortages.len(), 1, "{shortages:?}");
    shortages[0].to_string()
}

#[track_caller]
fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
}

#[test]
fn a_plan_that_fits_is_told_nothing() {
    assert_eq!(check(&demand(10_000, 4.0), &machine()), []);
    let alone = Demand {
        connections: 0,
        ..demand(100_000, 0.013)
    };
    assert_eq!(check(&alone, &machine()), []);
    assert_eq!(check(&demand(0, 0.0), &machine()), []);
}

#[test]
fn what_the_system_does_not_tell_is_taken_for_enough() {
    let unknown = Machine {
        mappings: None,
        has_lightweight_guards: false,
        files: None,
        most_files: None,
        ports: None,
    };
    assert_eq!(check(&demand(u32::MAX.into(), 6.0), &unknown), []);
}

#[test]
fn too_many_mappings_stop_the_run_and_the_line_that_allows_them_is_said() {
    let alone = Demand {
        connections: 0,
        ..demand(50_000, 4.0)
    };
    let shortages = check(&alone, &machine());
    assert!(shortages[0].stops_the_run());
    let text = only(&shortages);
    says(
        &text,
        &[
            "50000 VUs do not fit into this process, and 15846 do",
            "it needs up to 202146 mappings of memory, and the kernel allows it 65530",
            "`sysctl -w vm.max_map_count=210000`",
        ],
    );
    assert!(!text.contains("Linux 6.13"), "{text}");
}

#[test]
fn as_many_users_as_are_said_to_fit_do_and_one_more_does_not() {
    let alone = |vus| Demand {
        connections: 0,
        ..demand(vus, 4.0)
    };
    assert_eq!(check(&alone(15_846), &machine()), []);
    assert_eq!(check(&alone(15_847), &machine()).len(), 1);
    // And the line that was said is enough.
    let raised = Machine {
        mappings: Some(Limit {
            allowed: 210_000,
            used: 82,
        }),
        ..machine()
    };
    assert_eq!(check(&alone(50_000), &raised), []);
}

#[test]
fn where_guards_take_mappings_the_kernel_that_needs_none_is_named() {
    let older = Machine {
        has_lightweight_guards: false,
        ..machine()
    };
    let alone = Demand {
        connections: 0,
        ..demand(100_000, 2.013)
    };
    says(
        &only(&check(&alone, &older)),
        &["31487 do", "vm.max_map_count=210000", "Linux 6.13"],
    );
}

#[test]
fn too_few_files_are_a_warning_with_the_number_of_users_who_can_be_connected() {
    let shortages = check(&demand(25_000, 0.013), &machine());
    assert!(!shortages[0].stops_the_run());
    says(
        &only(&shortages),
        &[
            "25000 VUs may want a connection each",
            "may have 20000 files open: 19900 of them can be connected",
            "error_code 1210",
            "raise the limit by `ulimit -n 26000`",
            "`LimitNOFILE=26000`",
        ],
    );
}

#[test]
fn where_the_kernel_allows_nobody_as_many_files_its_own_limit_is_said_as_well() {
    let one_port_each = Demand {
        addresses: u64::MAX,
        ..demand(1_100_000, 0.013)
    };
    says(
        &only(&check(&one_port_each, &machine())),
        &["by `sysctl -w fs.nr_open=1200000` and `ulimit -n 1200000`"],
    );
}

#[test]
fn a_target_in_this_process_takes_a_file_for_each_connection_as_well() {
    let here = Demand {
        target: TargetPlace::Here,
        ..demand(10_000, 0.013)
    };
    says(
        &only(&check(&here, &machine())),
        &["a connection is two", "9950 of them", "`ulimit -n 21000`"],
    );
}

#[test]
fn too_few_ports_are_a_warning_with_the_line_that_makes_them_more() {
    let enough_files = Machine {
        files: None,
        ..machine()
    };
    let shortages = check(&demand(30_000, 0.013), &enough_files);
    assert!(!shortages[0].stops_the_run());
    says(
        &only(&shortages),
        &[
            "from one address of this machine at most 28232 at a time",
            "error_code 1210",
            "make it 64512 by `sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\"`",
            "--local-ips",
        ],
    );
}

#[test]
fn addresses_to_connect_from_multiply_ports() {
    let enough_files = Machine {
        files: None,
        ..machine()
    };
    let from = |addresses| Demand {
        addresses,
        ..demand(60_000, 0.013)
    };
    assert_eq!(check(&from(3), &enough_files), []);
    assert_eq!(check(&from(u64::MAX), &enough_files), []);
    says(
        &only(&check(&from(2), &enough_files)),
        &["from 2 addresses of this machine at most 56464"],
    );
}

#[test]
fn where_all_ports_are_allowed_already_no_line_is_said_that_would_change_nothing() {
    let all_ports = Machine {
        files: None,
        ports: Some(64_512),
        ..machine()
    };
    let text = only(&check(&demand(100_000, 0.013), &all_ports));
    assert!(!text.contains("sysctl"), "{text}");
    says(&text, &["Connect from more addresses"]);
}

#[test]
fn connections_that_users_share_need_nothing_that_could_be_counted_beforehand() {
    let shared = Demand {
        connections: 0,
        ..demand(60_000, 0.013)
    };
    assert_eq!(check(&shared, &machine()), []);
}

#[test]
fn everything_that_does_not_fit_is_said_together() {
    let shortages = check(&demand(100_000, 4.0), &machine());
    assert_eq!(shortages.len(), 3);
}
