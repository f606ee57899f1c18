//! A body that is made while it is sent.

use std::future::poll_fn;

use bytes::Bytes;
use h2::{Reason, SendStream};
use http_body_util::BodyExt;

use crate::http::body::OutgoingBody;

/// Sends a body as fast as it is made and the server takes it. Dropping the
/// future ends it there.
pub(super) async fn send(mut body: OutgoingBody, mut stream: SendStream<Bytes>) {
    // Where it fails the stream is broken, which whoever waits for the answer is
    // told.
    if pass_on(&mut body, &mut stream).await.is_none() {
        stream.send_reset(Reason::CANCEL);
    }
}

async fn pass_on(body: &mut OutgoingBody, stream: &mut SendStream<Bytes>) -> Option<()> {
    while let Some(frame) = body.frame().await {
        match frame.ok()?.into_data() {
            Ok(piece) => send_piece(piece, stream).await?,
            Err(frame) => {
                let trailers = frame.into_trailers().ok()?;
                return stream.send_trailers(trailers).ok();
            }
        }
    }
    stream.send_data(Bytes::new(), true).ok()
}

async fn send_piece(mut piece: Bytes, stream: &mut SendStream<Bytes>) -> Option<()> {
    while !piece.is_empty() {
        stream.reserve_capacity(piece.len());
        let capacity = match stream.capacity() {
            0 => poll_fn(|cx| stream.poll_capacity(cx)).await?.ok()?,
            capacity => capacity,
        };
        let now = piece.split_to(capacity.min(piece.len()));
        if !now.is_empty() {
            stream.send_data(now, false).ok()?;
        }
    }
    Some(())
}
