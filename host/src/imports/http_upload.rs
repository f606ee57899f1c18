//! The resource `upload`: a request whose body the guest writes while it is sent.

use super::http_sample::Sampler;
use crate::http;

/// The resource `upload`.
#[derive(Debug)]
pub struct Upload(pub(super) UploadPlace);

/// Where an upload is, as long as its iteration lasts.
#[derive(Debug, Clone, Copy)]
pub(super) struct UploadPlace {
    iteration: u64,
    index: usize,
}

/// The uploads of the iteration under way.
#[derive(Debug, Default)]
pub(super) struct Uploads {
    iteration: u64,
    under_way: Vec<Option<Uploading>>,
}

impl Uploads {
    /// Keeps an upload that has begun.
    pub(super) fn keep(&mut self, upload: http::Upload, sampler: Sampler) -> Upload {
        self.under_way.push(Some(Uploading {
            upload: Some(upload),
            sampler,
        }));
        Upload(UploadPlace {
            iteration: self.iteration,
            index: self.under_way.len() - 1,
        })
    }

    fn slot(&mut self, place: UploadPlace) -> Option<&mut Option<Uploading>> {
        if place.iteration != self.iteration {
            return None;
        }
        self.under_way.get_mut(place.index)
    }

    /// The upload, if its body is still written.
    pub(super) fn get(&mut self, place: UploadPlace) -> Option<&mut http::Upload> {
        self.slot(place)?.as_mut()?.upload.as_mut()
    }

    /// The upload, whose body is over, and what records it.
    pub(super) fn take(&mut self, place: UploadPlace) -> Option<(http::Upload, Sampler)> {
        let mut uploading = self.slot(place)?.take()?;
        Some((uploading.upload.take()?, uploading.sampler.clone()))
    }

    /// The guest dropped an upload: one that is not over is interrupted.
    pub(super) fn drop_upload(&mut self, place: UploadPlace) {
        if let Some(slot) = self.slot(place) {
            *slot = None;
        }
    }

    /// Interrupts all uploads that are not over.
    pub(super) fn end_iteration(&mut self) {
        self.under_way.clear();
        self.iteration += 1;
    }
}

/// An upload, and what its samples need when it is dropped before its end.
#[derive(Debug)]
struct Uploading {
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
