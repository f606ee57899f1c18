//! A guest that brings a client of its own, by `wasi:http`, against nginx.

use crate::guests;
use crate::nginx::{NAME, Nginx};
use crate::rows::Table;
use crate::scenario::run;

/// Each iteration sends three, and a fourth that is refused here.
const ITERATIONS: usize = 5;

pub fn try_all(table: &mut Table) {
    let nginx = Nginx::start();
    let thresholds = [
        ("http_reqs{status:404}", ITERATIONS),
        ("http_reqs{status:200,name:mine}", ITERATIONS),
        ("http_reqs{status:303}", ITERATIONS),
    ];
    let came = run(
        guests::rust(),
        ITERATIONS,
        &[("DO", "use another client"), ("BASE_URL", &nginx.url(""))],
        &thresholds,
        "",
    );
    table.row(
        NAME,
        "a refusal, a body and a redirect of a guest's own client, by `wasi:http`",
        "passed",
        came,
    );
}
