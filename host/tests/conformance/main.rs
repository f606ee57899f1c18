//! The HTTP engine against servers that nobody here wrote, all on this machine.
//!
//! Every row of `docs/http-conformance.md` is made by a request to such a server.
//! `cargo test` compares the table with the committed one, `make conformance`
//! writes it anew. It lives with the tests of the host, and not with the
//! scenarios, since most rows are about settings of the engine that a scenario
//! does not see; what installs the servers is shared with `scenarios-wasm/real`.
//!
//! - `rows`: what was tried, what must come and what came; the table
//! - `servers`: where servers come from, and how they live
//! - `certificates`: who the servers and the clients say they are
//! - `scenario`: what is tried by scenarios, since a guest has a part in it
//! - a file for each server, with its rows
#![allow(clippy::unwrap_used)]

mod certificates;
mod event_streams;
#[path = "../command/guests.rs"]
#[allow(dead_code)]
mod guests;
#[path = "../command/harness.rs"]
#[allow(dead_code)]
mod harness;
#[cfg(feature = "http3")]
mod http3;
mod httpbin;
mod microsocks;
mod name_server;
mod nginx;
mod node;
mod openssl;
mod own_client;
mod rows;
mod scenario;
mod servers;
mod starlette;
mod tinyproxy;
mod unhurried;
mod websockets;

use rows::Table;

const INTRODUCTION: &str = "\
# HTTP: what servers of others get and give

Each row is a request, or a few, of the HTTP engine to a server that nobody here wrote. `make conformance` starts the \
servers, tries every row and writes this table; `cargo test` fails where a row does not hold or the table differs. What \
HTTP/3 gets and gives stands in [a table of its own](http3-conformance.md).
";

#[test]
fn servers_of_others_get_and_give_what_the_table_says() {
    let worker = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut table = Table::default();
    worker.block_on(async {
        nginx::try_all(&mut table).await;
        node::try_all(&mut table).await;
        openssl::try_all(&mut table).await;
        event_streams::try_all(&mut table).await;
        httpbin::try_all(&mut table).await;
        starlette::try_all(&mut table).await;
        unhurried::try_all(&mut table).await;
        tinyproxy::try_all(&mut table).await;
        microsocks::try_all(&mut table).await;
        name_server::try_all(&mut table).await;
    });
    own_client::try_all(&mut table);
    websockets::try_all(&mut table);
    table.compare_or_write("http-conformance.md", INTRODUCTION);
}
