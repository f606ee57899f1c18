//! When the time of a call is up.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use tokio::task::coop::unconstrained;
use tokio::time::{Instant, Sleep, sleep_until};

/// One timer for all calls of a client, which are one after another.
///
/// To set a timer of the runtime and to take it back costs a lock each. Calls
/// mostly have the same time, so one that was set for an earlier call is good for
/// those after it: it goes off too early once, and is set anew then.
#[derive(Debug, Default)]
pub(super) struct Alarm(Option<Pin<Box<Sleep>>>);

impl Alarm {
    /// What comes of the future, or `None` when the time is up before; `None` for
    /// the time is no limit.
    pub(super) async fn limit<F: Future>(
        &mut self,
        at: Option<Instant>,
        future: F,
    ) -> Option<F::Output> {
        let Some(at) = at else {
            return Some(future.await);
        };
        let mut future = pin!(future);
        poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => self.poll(at, cx).map(|()| None),
        })
        .await
    }

    fn poll(&mut self, at: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let sleep = self.0.get_or_insert_with(|| Box::pin(sleep_until(at)));
        if sleep.deadline() > at {
            sleep.as_mut().reset(at);
        }
        loop {
            // A server that keeps the task busy does not stop the clock.
            ready!(pin!(unconstrained(sleep.as_mut())).poll(cx));
            if sleep.deadline() >= at {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::time::Duration;

    use tokio::time::sleep;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn each_call_has_its_own_time_whatever_the_one_before_it_had() {
        let mut alarm = Alarm::default();
        for time in [SECOND * 3, SECOND, SECOND * 5, SECOND * 2] {
            let start = Instant::now();
            let quick = alarm.limit(Some(start + time), sleep(time / 2)).await;
            assert_eq!((quick, start.elapsed()), (Some(()), time / 2));
            let start = Instant::now();
            let slow = alarm.limit(Some(start + time), pending::<()>()).await;
            assert_eq!((slow, start.elapsed()), (None, time));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_time_that_was_up_long_ago_is_nothing_to_the_next_call() {
        let mut alarm = Alarm::default();
        let soon = Some(Instant::now() + SECOND);
        assert!(alarm.limit(soon, async {}).await.is_some());
        assert!(alarm.limit(soon, pending::<()>()).await.is_none());
        sleep(SECOND * 100).await;
        let start = Instant::now();
        let limit = Some(start + SECOND);
        assert!(alarm.limit(limit, pending::<()>()).await.is_none());
        assert_eq!(start.elapsed(), SECOND);
        assert!(alarm.limit(None, sleep(SECOND)).await.is_some());
    }
}
