//! Until when a connection has to be made.

use std::time::Duration;

use tokio::time::{Instant, timeout};

/// What an address has at least, where there is as much: with less, a server that
/// is only far away would be given up. As in Go's dialer, hence in k6.
const LEAST: Duration = Duration::from_secs(2);

/// Until when a connection has to be made, and how much of that one address of
/// several may take, so that one from which nothing comes leaves some to the
/// others.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct ConnectDeadline {
    begun: Instant,
    within: Duration,
}

impl ConnectDeadline {
    /// That of a connection that is begun now.
    pub(in crate::http) fn after(within: Duration) -> Self {
        Self {
            begun: Instant::now(),
            within,
        }
    }

    /// What comes of making the connection; `None` where the time is up before.
    pub(in crate::http) async fn limit<F: Future>(self, making: F) -> Option<F::Output> {
        timeout(self.left(), making).await.ok()
    }

    /// What comes of trying the next of some addresses that are still to be
    /// tried; `None` where its share of the time is up before. The last one has
    /// all that is left, at the end of which the whole is given up.
    pub(in crate::http) async fn limit_next<F: Future>(
        self,
        to_be_tried: usize,
        trying: F,
    ) -> Option<F::Output> {
        match to_be_tried {
            0 | 1 => Some(trying.await),
            several => timeout(self.share(several), trying).await.ok(),
        }
    }

    fn share(self, addresses: usize) -> Duration {
        let left = self.left();
        let addresses = u32::try_from(addresses).unwrap_or(u32::MAX);
        (left / addresses).max(LEAST.min(left))
    }

    fn left(self) -> Duration {
        self.within.saturating_sub(self.begun.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn addresses_share_what_is_left_of_the_time() {
        let seconds = Duration::from_secs;
        let deadline = ConnectDeadline::after(seconds(30));
        assert_eq!(deadline.share(3), seconds(10));
        sleep(seconds(10)).await;
        assert_eq!(deadline.share(2), seconds(10));
        sleep(seconds(17)).await;
        // Less than makes sense is taken from those that come later.
        assert_eq!(deadline.share(3), seconds(2));
        sleep(seconds(2)).await;
        assert_eq!(deadline.share(3), seconds(1));
        sleep(seconds(2)).await;
        assert_eq!(deadline.share(3), Duration::ZERO);
    }
}
