//! The resource `upload`: a request whose body the guest writes while it is sent.

use super::http_sample::Sampler;
use super::per_iteration::{PerIteration, Place};
use crate::http;

/// The resource `upload`.
#[derive(Debug)]
pub struct Upload(pub(super) Place<Uploading>);

/// The uploads of the iteration under way.
#[derive(Debug, Default)]
pub(super) struct Uploads(PerIteration<Uploading>);

impl Uploads {
    /// Keeps an upload that has begun.
    pub(super) fn keep(&mut self, upload: http::Upload, sampler: Sampler) -> Upload {
        Upload(self.0.keep(Uploading {
            upload: Some(upload),
            sampler,
        }))
    }

    /// The upload, if its body is still written.
    pub(super) fn get(&mut self, place: Place<Uploading>) -> Option<&mut http::Upload> {
        self.0.get(place)?.upload.as_mut()
    }

    /// The upload, whose body is over, and what records it.
    pub(super) fn take(&mut self, place: Place<Uploading>) -> Option<(http::Upload, Sampler)> {
        let mut uploading = self.0.take(place)?;
        Some((uploading.upload.take()?, uploading.sampler.clone()))
    }

    /// The guest dropped an upload: one that is not over is interrupted.
    pub(super) fn drop_upload(&mut self, place: Place<Uploading>) {
        self.0.release(place);
    }

    /// Interrupts all uploads that are not over.
    pub(super) fn end_iteration(&mut self) {
        self.0.end_iteration().for_each(drop);
    }
}

/// An upload, and what its samples need when it is dropped before its end.
#[derive(Debug)]
pub(super) struct Uploading {
    upload: Option<http::Upload>,
    sampler: Sampler,
}

impl Drop for Uploading {
    fn drop(&mut self) {
        if let Some(exchange) = self.upload.take().and_then(http::Upload::abandon) {
            self.sampler.record(&exchange);
        }
    }
}
