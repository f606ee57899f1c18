//! Runs the scenario natively, against a host that only remembers.

use {{crate_name}}::Visitor;
use vuelo_sdk::prelude::*;

#[test]
fn a_healthy_server_passes() {
    let report = fake::Host::new()
        .on("GET", "/health", fake::reply(200))
        .iterations(3)
        .run::<Visitor>();
    assert_eq!(report.failures, Vec::<String>::new());
    assert!(report.check_passed("health: status is 200"));
    assert_eq!(report.requests.len(), 3);
    assert_eq!(report.requests[0].tag("endpoint"), Some("health"));
    assert_eq!(report.values("health_duration").len(), 3);
}

#[test]
fn a_server_that_is_not_well_fails_the_check() {
    let report = fake::Host::new()
        .on("GET", "/health", fake::reply(503))
        .run::<Visitor>();
    assert!(!report.check_passed("health: status is 200"));
}

#[test]
fn a_server_that_is_not_there_fails_the_iteration() {
    let report = fake::Host::new()
        .on("GET", "/health", fake::unreachable())
        .run::<Visitor>();
    assert_eq!(report.failures.len(), 1);
}
