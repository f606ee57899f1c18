//! Bodies of server-sent events: what is sent when, and how the stream ends.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Sleep;

use super::draws::Draws;

/// How the lines of a stream end. The standard allows both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineEnd {
    /// As the AG-UI encoders write it.
    Lf,
    /// As the server library of the official A2A SDK writes it.
    CrLf,
}

impl LineEnd {
    fn text(self) -> &'static str {
        match self {
            Self::Lf => "\n",
            Self::CrLf => "\r\n",
        }
    }
}

/// How a stream ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StreamEnd {
    /// In good order: the last chunk is sent.
    Finished,
    /// The connection breaks.
    Broken,
}

/// A stream that breaks off, which makes the server drop the connection.
#[derive(Debug, thiserror::Error)]
#[error("the stream was cut on purpose")]
pub(super) struct Cut;

/// A stream of events with pauses between them.
#[derive(Debug)]
pub(super) struct EventStream {
    steps: std::vec::IntoIter<Step>,
    end: StreamEnd,
    /// What is sent once the pause is over.
    next: Option<Step>,
    /// The pause before `next`, where it has one that is not over.
    pause: Option<Pin<Box<Sleep>>>,
}

#[derive(Debug)]
struct Step {
    pause: Duration,
    bytes: Bytes,
}

impl EventStream {
    /// The next part of the body.
    pub(super) fn poll_bytes(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Cut>>> {
        loop {
            if self.next.is_none() {
                self.next = self.steps.next();
                self.pause = match &self.next {
                    Some(step) if !step.pause.is_zero() => {
                        Some(Box::pin(tokio::time::sleep(step.pause)))
                    }
                    _ => None,
                };
            }
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(context));
                self.pause = None;
            }
            match (self.next.take(), self.end) {
                // An empty step stands for a pause before the end.
                (Some(step), _) if step.bytes.is_empty() => {}
                (Some(step), _) => return Poll::Ready(Some(Ok(step.bytes))),
                (None, StreamEnd::Finished) => return Poll::Ready(None),
                (None, StreamEnd::Broken) => {
                    self.end = StreamEnd::Finished;
                    return Poll::Ready(Some(Err(Cut)));
                }
            }
        }
    }

    /// Whether nothing is left to send.
    pub(super) fn is_over(&self) -> bool {
        self.next.is_none() && self.steps.len() == 0 && self.end == StreamEnd::Finished
    }
}

/// Writes a stream, event by event.
pub(super) struct EventStreamWriter {
    line_end: LineEnd,
    mean_pause: Duration,
    draws: Draws,
    steps: Vec<Step>,
}

impl EventStreamWriter {
    pub(super) fn new(line_end: LineEnd, mean_pause: Duration, draws: Draws) -> Self {
        Self {
            line_end,
            mean_pause,
            draws,
            steps: Vec::with_capacity(16),
        }
    }

    /// An event, right behind what came before.
    pub(super) fn event(&mut self, data: &str) {
        self.push(
            Duration::ZERO,
            format!("data: {data}{0}{0}", self.line_end.text()),
        );
    }

    /// An event after a pause.
    pub(super) fn event_after_pause(&mut self, data: &str) {
        let pause = self.pause();
        self.push(pause, format!("data: {data}{0}{0}", self.line_end.text()));
    }

    /// A comment, which keeps a connection alive and is no event.
    pub(super) fn ping(&mut self) {
        self.push(
            Duration::ZERO,
            format!(": ping{0}{0}", self.line_end.text()),
        );
    }

    /// The stream as it stands, ending as asked.
    pub(super) fn end(mut self, end: StreamEnd) -> EventStream {
        if end == StreamEnd::Broken {
            // Without a pause the break could overtake the events before it,
            // which would still wait in the connection's buffer.
            let pause = self.pause().max(Duration::from_millis(1));
            self.push(pause, String::new());
        }
        EventStream {
            steps: self.steps.into_iter(),
            end,
            next: None,
            pause: None,
        }
    }

    /// Half to one and a half of the mean.
    fn pause(&mut self) -> Duration {
        self.mean_pause.mul_f64(0.5 + self.draws.share())
    }

    fn push(&mut self, pause: Duration, text: String) {
        // Events without a pause between them go out as one piece: a client
        // must be able to take several from one read.
        if pause.is_zero()
            && let Some(last) = self.steps.last_mut()
        {
            let mut joined = Vec::with_capacity(last.bytes.len() + text.len());
            joined.extend_from_slice(&last.bytes);
            joined.extend_from_slice(text.as_bytes());
            last.bytes = joined.into();
            return;
        }
        self.steps.push(Step {
            pause,
            bytes: text.into(),
        });
    }
}
