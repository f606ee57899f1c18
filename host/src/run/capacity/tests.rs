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
        address_space: Some(Limit {
            allowed: 1 << 47,
            used: 1 << 28,
        }),
        is_address_space_limited: false,
        files: Some(Limit {
            allowed: 20_000,
            used: 20,
        }),
        most_files: Some(1_048_576),
        ports: Some(28_232),
    }
}

/// What each user of a scenario in Python takes of address space: one memory, one stack.
const OF_PYTHON: u64 = (4 << 30) + (64 << 20) + (1344 << 10);

/// So many VUs that take so many mappings each, for sure.
fn demand(vus: u64, mappings: f64) -> Demand {
    let need = Need {
        mappings: vus as f64 * mappings,
        address_space: 0.0,
    };
    Demand {
        vus,
        possible: need,
        certain: need,
        connections: vus,
        target: TargetPlace::Elsewhere,
        addresses: 1,
        workers: 2,
    }
}

/// So many VUs of a scenario in Python, of which so many are surely there.
fn python(vus: u64, surely: u64) -> Demand {
    let need = |vus: u64, mappings: f64| Need {
        mappings: vus as f64 * mappings,
        address_space: vus as f64 * OF_PYTHON as f64,
    };
    Demand {
        vus,
        possible: need(vus, 4.0),
        certain: need(surely, 3.0),
        connections: 0,
        ..demand(0, 0.0)
    }
}

/// A machine that allows as many mappings as are asked for.
fn with_mappings() -> Machine {
    Machine {
        mappings: Some(Limit {
            allowed: 10_000_000,
            used: 82,
        }),
        ..machine()
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
        address_space: None,
        is_address_space_limited: false,
        files: None,
        most_files: None,
        ports: None,
    };
    let all = python(u32::MAX.into(), u32::MAX.into());
    let with_connections = Demand {
        connections: all.vus,
        ..all
    };
    assert_eq!(check(&with_connections, &unknown), []);
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
fn mappings_that_might_be_too_many_are_a_note_with_the_same_numbers_and_line() {
    // Users whom an arrival rate may never make; and heaps that may never grow.
    for surely in [100, 20_000] {
        let shortages = check(&python(20_000, surely), &machine());
        assert!(!shortages[0].stops_the_run(), "{shortages:?}");
        says(
            &only(&shortages),
            &["20000 VUs may not fit into this process, and 15846 do"],
        );
    }
    let refused = check(&python(25_000, 25_000), &machine());
    assert!(refused[0].stops_the_run());
    let noted = only(&check(&python(25_000, 100), &machine()));
    assert_eq!(only(&refused).replace("do not fit", "may not fit"), noted);
}

#[test]
fn too_little_address_space_stops_the_run_and_no_line_is_said_that_would_change_nothing() {
    let shortages = check(&python(40_000, 40_000), &with_mappings());
    assert!(shortages[0].stops_the_run());
    let text = only(&shortages);
    says(
        &text,
        &[
            "40000 VUs do not fit into this process, and 32252 do",
            "needs up to 162556 GiB of address space, and there are 131072",
            "Divide the run over several processes (`--execution-segment`)",
        ],
    );
    assert!(
        !text.contains("sysctl") && !text.contains("ulimit"),
        "{text}"
    );
    assert_eq!(check(&python(32_252, 32_252), &with_mappings()), []);
}

#[test]
fn address_space_that_might_be_too_little_is_a_note() {
    let shortages = check(&python(40_000, 30_000), &with_mappings());
    assert!(!shortages[0].stops_the_run());
    says(&only(&shortages), &["40000 VUs may not fit", "32252 do"]);
}

#[test]
fn where_a_limit_on_address_space_was_set_it_is_named() {
    let limited = Machine {
        address_space: Some(Limit {
            allowed: 50 << 30,
            used: 1 << 28,
        }),
        is_address_space_limited: true,
        ..machine()
    };
    says(
        &only(&check(&python(20, 20), &limited)),
        &[
            "20 VUs do not fit into this process, and 11 do",
            "needs up to 86 GiB of address space, and its limit is 50",
            "or raise the limit (`ulimit -v`)",
        ],
    );
}

#[test]
fn under_a_low_limit_on_address_space_some_find_room() {
    let low = Machine {
        address_space: Some(Limit {
            allowed: 4 << 30,
            used: 1 << 30,
        }),
        is_address_space_limited: true,
        ..machine()
    };
    let in_slots = |vus: u64| Demand {
        possible: Need {
            address_space: (vus << 20) as f64,
            ..Need::default()
        },
        certain: Need::default(),
        connections: 0,
        ..python(vus, 0)
    };
    assert_eq!(check(&in_slots(2_000), &low), []);
    says(
        &only(&check(&in_slots(3_000), &low)),
        &["and 2048 do", "up to 6 GiB", "its limit is 4"],
    );
    let as_it_says = Machine {
        address_space: Some(Limit {
            allowed: 6 << 30,
            used: 1 << 30,
        }),
        ..low
    };
    assert_eq!(check(&in_slots(3_000), &as_it_says), []);
}

#[test]
fn an_address_space_of_39_bits_has_room_for_little_more_than_a_hundred_interpreters() {
    let small = Machine {
        address_space: Some(Limit {
            allowed: 1 << 39,
            used: 1 << 28,
        }),
        ..machine()
    };
    says(
        &only(&check(&python(200, 200), &small)),
        &["200 VUs do not fit into this process, and 124 do"],
    );
}

#[test]
fn mappings_are_allowed_for_no_more_users_than_find_address_space() {
    let shortages = check(&python(50_000, 50_000), &machine());
    // That of which there is the least is what refuses the run.
    let [of_mappings, of_address_space] = &shortages[..] else {
        panic!("{shortages:?}");
    };
    says(
        &of_mappings.to_string(),
        &[
            "50000 VUs do not fit into this process, and 15846 do",
            "allow 32252 VUs by `sysctl -w vm.max_map_count=140000`",
            "as many as find address space",
        ],
    );
    says(&of_address_space.to_string(), &["and 32252 do"]);
    let small = Machine {
        address_space: Some(Limit {
            allowed: 1 << 39,
            used: 1 << 28,
        }),
        ..machine()
    };
    let shortages = check(&python(50_000, 50_000), &small);
    says(&shortages[0].to_string(), &["and 124 do"]);
    let text = shortages[1].to_string();
    assert!(!text.contains("sysctl"), "{text}");
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
