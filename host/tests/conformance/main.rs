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
//! - a file for each server, with its rows; `websocket/` has the server and the runs
//!   of the one that scenarios speak to
#![allow(clippy::unwrap_used)]

mod certificates;
mod event_streams;
#[path = "../command/guests.rs"]
#[allow(dead_code)]
mod guests;
mod httpbin;
mod nginx;
mod node;
mod openssl;
mod rows;
mod servers;
mod starlette;
mod tinyproxy;
mod websockets;

use rows::Table;

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
        tinyproxy::try_all(&mut table).await;
    });
    websockets::try_all(&mut table);
    table.compare_or_write();
}
