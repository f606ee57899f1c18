//! What holds for all requests.

use super::layers::Layers;
use crate::plan::HttpPlan;
use crate::plan::error::{Mistakes, PlanError};
use crate::plan::file::DEVELOPMENT;
use crate::plan::options::Options;
use crate::plan::profile::Wrongs;

/// k6's defaults of `batch` and `batchPerHost`.
const BATCH: u32 = 20;
const BATCH_PER_HOST: u32 = 6;

pub(super) fn http(
    options: &Options,
    environment: &str,
    layers: &Layers<'_>,
    wrongs: &mut Wrongs,
    mistakes: &mut Mistakes,
) -> HttpPlan {
    let insecure = options.insecure_skip_tls_verify.unwrap_or(false);
    let layer = layers.last(|options| options.insecure_skip_tls_verify.is_some());
    if let Some(layer) = layer.filter(|_| insecure && environment != DEVELOPMENT) {
        mistakes.add(PlanError::InsecureTls {
            origin: layer.origin.clone(),
            environment: environment.to_owned(),
        });
    }
    let user_agent = options
        .user_agent
        .clone()
        .unwrap_or_else(|| concat!("vuelo/", env!("CARGO_PKG_VERSION")).to_owned());
    if !user_agent.chars().all(|c| c == ' ' || c.is_ascii_graphic()) {
        wrongs.say(
            "userAgent",
            "a header takes printable ASCII characters alone; write it with them",
        );
    }
    if options.batch == Some(0) {
        wrongs.say(
            "batch",
            "with 0 requests at a time none would be sent; ask for 1 or more",
        );
    }
    let as_usize = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    HttpPlan {
        user_agent,
        insecure_skip_tls_verify: insecure,
        no_connection_reuse: options.no_connection_reuse.unwrap_or(false),
        discard_response_bodies: options.discard_response_bodies.unwrap_or(false),
        batch: as_usize(options.batch.unwrap_or(BATCH)),
        batch_per_host: match options.batch_per_host.unwrap_or(BATCH_PER_HOST) {
            0 => usize::MAX,
            most => as_usize(most),
        },
    }
}
