//! Over which connections requests come to nginx, and from where.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use vuelo::http::{Client, ConnectionLife, Engine, Settings};

use super::{NAME, Nginx};
use crate::rows::{Table, client_with, get, told, try_get};

pub async fn try_all(nginx: &Nginx, table: &mut Table) {
    lives(nginx, table).await;
    sources(nginx, table).await;
    making(nginx, table).await;
}

/// Two users, each of which asks in two iterations, twice in each; and over which
/// connections, numbered as they come.
async fn lives(nginx: &Nginx, table: &mut Table) {
    for (what, life, expected) in [
        (
            "each request has its own",
            ConnectionLife::Request,
            "1 2, 3 4; 5 6, 7 8",
        ),
        (
            "each iteration has its own",
            ConnectionLife::Iteration,
            "1 1, 2 2; 3 3, 4 4",
        ),
        (
            "each user has its own",
            ConnectionLife::Vu,
            "1 1, 1 1; 2 2, 2 2",
        ),
        (
            "users share them",
            ConnectionLife::Worker,
            "1 1, 1 1; 1 1, 1 1",
        ),
    ] {
        let settings = Settings {
            connections: life,
            ..Settings::default()
        };
        let engine = Engine::new(settings).unwrap();
        let mut users = [(); 2].map(|()| Client::new(Arc::clone(&engine)));
        let mut known = Vec::new();
        let mut came = Vec::new();
        for user in &mut users {
            let mut iterations = Vec::new();
            for _ in 0..2 {
                let mut numbers = Vec::new();
                for _ in 0..2 {
                    let told = try_get(user, nginx.url("/which")).await;
                    let number = known.iter().position(|other| *other == told);
                    let number = number.unwrap_or_else(|| {
                        known.push(told);
                        known.len() - 1
                    });
                    numbers.push((number + 1).to_string());
                }
                user.end_iteration();
                iterations.push(numbers.join(" "));
            }
            came.push(iterations.join(", "));
        }
        table.row(
            NAME,
            format!("connections of two users with two iterations of two requests, where {what}"),
            expected,
            came.join("; "),
        );
    }
}

async fn sources(nginx: &Nginx, table: &mut Table) {
    let mut own = client_with(|settings| {
        settings.connections = ConnectionLife::Request;
        settings.network.source_addresses = "127.0.0.2,127.0.0.8-127.0.0.9".parse().unwrap();
    });
    let mut came = Vec::new();
    for _ in 0..4 {
        let exchange = own.send(&get(nginx.url("/from")), &()).await;
        came.push(told(&exchange).replace("200 by HTTP/1.1, ", ""));
    }
    table.row(
        NAME,
        "where four connections come from that have three addresses in turn",
        "`127.0.0.2` `127.0.0.8` `127.0.0.9` `127.0.0.2`",
        came.join(" "),
    );
}

/// The system takes connections for a process that is stopped, and TLS waits.
async fn making(nginx: &Nginx, table: &mut Table) {
    const ALLOWED: Duration = Duration::from_millis(300);
    let mut own = client_with(|settings| settings.connect_timeout = ALLOWED);
    let came = {
        let _stopped = Stopped::new(nginx);
        let begin = Instant::now();
        let came = try_get(&mut own, nginx.secure("/hello")).await;
        let took = begin.elapsed();
        let in_time = (ALLOWED..10 * ALLOWED).contains(&took);
        format!("{came}; in time: {in_time}")
    };
    let later = try_get(&mut own, nginx.secure("/hello")).await;
    table.row(
        NAME,
        "no handshake in the time that the making of a connection may take, and the next request",
        "error 1211; in time: true; 200 by HTTP/2.0, `hello`",
        format!("{came}; {later}"),
    );
}

/// It goes on when this is dropped.
struct Stopped<'a>(&'a Nginx);

impl<'a> Stopped<'a> {
    fn new(nginx: &'a Nginx) -> Self {
        nginx.server().signal(Signal::STOP);
        Self(nginx)
    }
}

impl Drop for Stopped<'_> {
    fn drop(&mut self) {
        self.0.server().signal(Signal::CONT);
    }
}
