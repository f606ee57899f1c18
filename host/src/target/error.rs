//! What can go wrong before the target serves.

use std::io;
use std::net::SocketAddr;

/// Why a target could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The address could not be listened on.
    #[error(
        "cannot listen on {address}: {source}; choose another address, or port 0 for any free one"
    )]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
    /// The thread or the runtime of the target could not be started.
    #[error("cannot start the target's thread: {0}; free some threads or file descriptors")]
    Thread(io::Error),
    /// A latency that is none of the known forms.
    #[error(
        "`{0}` is not a latency; write `none`, a duration (`5ms`), a range (`2ms..20ms`), \
         `median=8ms,p99=60ms` or two humps (`5ms|50ms@10%`)"
    )]
    Latency(String),
    /// A stall that is not one.
    #[error("`{0}` is not a stall; write how long and when: `2s@20s`")]
    Stall(String),
    /// A share outside 0 to 1.
    #[error("`{0}` is not a fault rate; write a share from 0 to 1, or a percentage (`1%`)")]
    FaultRate(String),
    /// A rate limit that is not a whole number above zero.
    #[error("`{0}` is not a rate limit; write the requests a second as a whole number above 0")]
    RateLimit(String),
}
