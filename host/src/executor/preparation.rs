//! Preparing VUs before the load starts.

use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::{Stop, Urgency};
use crate::vu::VirtualUser;

/// How many VUs a worker prepares at a time. Each may log in somewhere, and the
/// target is not to be met by all of them in one instant.
pub const PREPARED_AT_A_TIME: usize = 100;

/// VUs for the load, each with what it is known by.
#[derive(Debug)]
pub struct Prepared<K, V> {
    /// All of them, the first to be ready first; after a request to stop, only
    /// those that were ready before.
    pub vus: Vec<(K, V)>,
    /// How many of them were not ready in time.
    pub unready: usize,
}

/// Prepares VUs side by side until a deadline, after which the others are taken
/// as they are. An iterator that makes each VU as it comes to it holds no more
/// of them than are prepared.
///
/// # Panics
///
/// When a VU panics.
pub async fn prepare<K, V>(
    mut vus: impl Iterator<Item = (K, V)>,
    deadline: Instant,
    stop: &mut Stop,
) -> Prepared<K, V>
where
    K: Send + 'static,
    V: VirtualUser + Send + 'static,
{
    let mut preparing = JoinSet::new();
    let mut prepared = Prepared {
        vus: Vec::new(),
        unready: 0,
    };
    loop {
        let room = PREPARED_AT_A_TIME.saturating_sub(preparing.len());
        for (key, mut vu) in vus.by_ref().take(room) {
            preparing.spawn(async move {
                // None is begun that is given up at once.
                let ready =
                    Instant::now() < deadline && timeout_at(deadline, vu.prepare()).await.is_ok();
                (key, vu, ready)
            });
        }
        if preparing.is_empty() {
            return prepared;
        }
        tokio::select! {
            biased;
            // No iteration has begun that could come to its end: any stop is at
            // once.
            () = stop.reached(Urgency::Graceful) => return prepared,
            Some(ended) = preparing.join_next() => match ended {
                Ok((key, vu, ready)) => {
                    prepared.vus.push((key, vu));
                    prepared.unready += usize::from(!ready);
                }
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            },
        }
    }
}
