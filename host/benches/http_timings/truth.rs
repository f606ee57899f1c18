//! For how long a phase really was: servers that delay it and say so.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime;

use crate::dns_server::{self, Reply};
use crate::phase::{Over, Phase, Trial};
use crate::{http1, http2};

/// What a server says of a request.
#[derive(Debug, Clone, Copy)]
pub enum Truth {
    /// The phase took so long.
    Took(Duration),
    /// It began with the call, of which the server knows nothing, and ended then.
    EndedAt(Instant),
}

/// Servers that delay one phase. They end with the process.
pub struct Servers {
    pub port: u16,
    /// Where names are looked up.
    pub names: Option<SocketAddr>,
    /// One for each request.
    pub truths: Receiver<Truth>,
}

impl Servers {
    pub fn start(trial: Trial) -> Self {
        let (tell, truths) = mpsc::channel();
        let names = (trial.phase == Phase::LookingUp).then(|| names(trial.delay, tell.clone()));
        let port = match trial.over {
            Over::Http1 | Over::Tls => http1::start(trial, tell),
            Over::Http2 => http2::start(trial, tell),
        };
        Self {
            port,
            names,
            truths,
        }
    }
}

/// A name server that answers late.
fn names(delay: Duration, tell: Sender<Truth>) -> SocketAddr {
    let (bound, binding) = mpsc::channel();
    thread::spawn(move || {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async move {
            let server = dns_server::serve(move |_, _| {
                // Nobody else is on this thread.
                let _ = tell.send(Truth::Took(wait(delay)));
                Reply::Addresses(vec![Ipv4Addr::LOCALHOST.into()])
            })
            .await;
            bound.send(server.address).unwrap();
            std::future::pending::<()>().await;
        });
    });
    binding.recv().unwrap()
}

/// How long it really was.
pub fn wait(delay: Duration) -> Duration {
    let begin = Instant::now();
    if !delay.is_zero() {
        thread::sleep(delay);
    }
    begin.elapsed()
}
