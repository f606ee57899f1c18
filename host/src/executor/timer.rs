//! Waiting for a moment, more precisely than the runtime's timer does.
//!
//! tokio's timer counts in milliseconds. At thousands of iterations a second
//! that is several periods: iterations would start in bursts, each up to a
//! millisecond late. So the last part of a wait is left to a timer of the
//! system's own where there is one (Linux's `timerfd`). It is an open file, one
//! for each dispatcher and not one for each VU.

use std::time::Duration;

use tokio::time::Instant;

/// What is left to the precise timer: more than the coarse one is late by.
#[cfg(target_os = "linux")]
const FINE: Duration = Duration::from_millis(3);

/// Waits for moments, one after another.
#[derive(Debug)]
pub struct Timer(Kind);

#[derive(Debug)]
enum Kind {
    Plain,
    #[cfg(target_os = "linux")]
    Precise(precise::TimerFd),
}

impl Timer {
    /// The runtime's timer, and with it the runtime's clock, which tests pause.
    /// Late by up to 1 ms and what the system adds.
    #[must_use]
    pub fn plain() -> Self {
        Self(Kind::Plain)
    }

    /// The system's precise timer, late by some microseconds where the worker is
    /// not busy; elsewhere than on Linux the plain one. To be made on a runtime
    /// with I/O, and not to be used on a paused clock.
    ///
    /// # Errors
    ///
    /// When the process has as many open files as it may.
    pub fn precise() -> std::io::Result<Self> {
        #[cfg(target_os = "linux")]
        return Ok(Self(Kind::Precise(precise::TimerFd::new()?)));
        #[cfg(not(target_os = "linux"))]
        return Ok(Self::plain());
    }

    /// Waits until a moment; not at all where it is past. The wait may be given
    /// up at any time.
    pub async fn sleep_until(&mut self, at: Instant) {
        let left = at.saturating_duration_since(Instant::now());
        if left == Duration::ZERO {
            return;
        }
        match &mut self.0 {
            Kind::Plain => tokio::time::sleep_until(at).await,
            #[cfg(target_os = "linux")]
            Kind::Precise(timer) => {
                if let Some(coarse) = left.checked_sub(FINE) {
                    tokio::time::sleep(coarse).await;
                }
                // A timer that the system refuses to set is worth no lost run.
                if timer.sleep_until(at).await.is_err() {
                    tokio::time::sleep_until(at).await;
                }
            }
        }
    }
}

#[cfg(target_os = "linux")]
mod precise {
    use std::io;
    use std::os::fd::OwnedFd;
    use std::time::Duration;

    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;
    use tokio::time::Instant;

    #[derive(Debug)]
    pub(super) struct TimerFd {
        file: AsyncFd<OwnedFd>,
        /// What it is set to. A wait that was given up and taken up again, as
        /// each time a VU comes free, does not set it again.
        set: Option<Instant>,
    }

    impl TimerFd {
        pub(super) fn new() -> io::Result<Self> {
            let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
            let file = timerfd_create(TimerfdClockId::Monotonic, flags)?;
            // What replaces it asks for a promise, in unsafe code, that an
            // `OwnedFd` keeps by itself: the file stays open and the same.
            #[allow(deprecated)]
            let file = AsyncFd::with_interest(file, Interest::READABLE)?;
            Ok(Self { file, set: None })
        }

        pub(super) async fn sleep_until(&mut self, at: Instant) -> io::Result<()> {
            if self.set != Some(at) {
                let left = at.saturating_duration_since(Instant::now());
                self.set = None;
                if left == Duration::ZERO {
                    return Ok(());
                }
                self.set(left)?;
                self.set = Some(at);
            }
            loop {
                let mut ready = self.file.readable().await?;
                let mut expirations = [0; 8];
                let read =
                    ready.try_io(|file| Ok(rustix::io::read(file.get_ref(), &mut expirations)?));
                match read {
                    Ok(read) => {
                        self.set = None;
                        return read.map(drop);
                    }
                    // It was set anew after it had become ready.
                    Err(_would_block) => {}
                }
            }
        }

        /// Sets it off after so long. Relative: the moments of `Instant` are no
        /// numbers that the system can be told.
        fn set(&self, left: Duration) -> io::Result<()> {
            let never = Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            };
            let value = Timespec::try_from(left).map_err(|_| io::ErrorKind::InvalidInput)?;
            let new = Itimerspec {
                it_interval: never,
                it_value: value,
            };
            timerfd_settime(self.file.get_ref(), TimerfdTimerFlags::empty(), &new)?;
            Ok(())
        }
    }
}
