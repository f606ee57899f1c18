//! What somebody wrote: k6's options as far as this version honours them, and
//! ours. Parsed, and nothing more.
//!
//! The doc comments of the types here are the descriptions in the JSON Schema
//! `wit/options.schema.json`, which is made of them: they speak to the author
//! of a scenario.

mod config_value;
mod connections;
mod declarations;
mod dns;
mod execution;
mod executor_kind;
mod k6;
mod overlay;
mod read;
mod schema;
mod segment;
mod thresholds;
mod tls;
mod written;

use schemars::JsonSchema;
use serde::Deserialize;

pub use config_value::ConfigValue;
pub use connections::ConnectionsOption;
pub use declarations::{ConfigKey, KeyKind, MetricKind, MetricOptions, MetricUnit};
pub use dns::{DnsOptions, TtlOption};
pub use execution::{ArrivalsOption, OnNoVuOption, ScenarioOptions, StageOptions};
pub use executor_kind::ExecutorKind;
pub use read::ReadError;
pub use schema::json_schema;
pub use segment::{SegmentOption, SequenceOption};
pub use thresholds::{NoData, ThresholdOptions, Thresholds};
pub use tls::{PemText, TlsAuthOptions, TlsVersionOption, TlsVersionRange};
pub use written::{Notation, Written};

use super::duration::TimeSpan;
use super::http::{
    AddressRanges, ByteSize, Destination, HostNames, HostPattern, Network, Protocol, ProxySetting,
};
use super::named::Named;
use super::tree::{Read, Tree};

/// How a scenario wants to be run: k6's options in camelCase, and some of our
/// own, `config` and `metrics` among them. Every member can be left out; a scenario that
/// says nothing of when to iterate runs one iteration of one virtual user.
///
/// Either `scenarios`, or `stages`, or `iterations`, or `duration` says when
/// iterations start (`iterations` and `duration` together: the duration limits
/// the iterations). A plan file, a named environment, the process environment
/// and the command line lay over it, in this order.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    /// Several executors side by side, by names of letters, digits, `_` and
    /// `-`. Excludes `stages`, `iterations` and `duration`.
    #[schemars(extend("propertyNames" = {"pattern": "^[0-9A-Za-z_-]+$"}))]
    pub scenarios: Option<Named<ScenarioOptions>>,

    /// Short for one scenario `default` with the executor `ramping-vus`, which
    /// starts with `vus` virtual users.
    pub stages: Option<Vec<StageOptions>>,

    /// How many virtual users; 1 unless set. With `stages` it is where they
    /// start.
    pub vus: Option<u32>,

    /// Short for one scenario `default` with the executor `constant-vus`.
    pub duration: Option<TimeSpan>,

    /// Short for one scenario `default` with the executor `shared-iterations`:
    /// so many iterations in all.
    pub iterations: Option<u64>,

    /// What must be true for the run to pass, by metric (`http_req_duration`)
    /// or by a part of one (`http_req_duration{endpoint:rpc}`). Ours, beside
    /// `name:value`: `!name:value` for samples with another value, and
    /// `name:value*` for those whose value begins so. A metric that is neither built in nor declared in `metrics` is refused. A layer above
    /// replaces a metric's thresholds as a whole; an empty list takes them away.
    pub thresholds: Option<Named<Thresholds>>,

    /// Tags of every sample of the run. Layers add to each other.
    pub tags: Option<Named<String>>,

    /// How long setup may take; `60s` unless set.
    pub setup_timeout: Option<TimeSpan>,

    /// How long teardown may take; `60s` unless set.
    pub teardown_timeout: Option<TimeSpan>,

    /// The `user-agent` header; the product's name and version unless set.
    pub user_agent: Option<String>,

    /// Takes any TLS certificate. Only the environment `development` allows it.
    #[serde(rename = "insecureSkipTLSVerify")]
    pub insecure_skip_tls_verify: Option<bool>,

    /// Opens a connection for each request.
    pub no_connection_reuse: Option<bool>,

    /// Closes the connections of a virtual user at the end of its iteration.
    #[serde(rename = "noVUConnectionReuse")]
    pub no_vu_connection_reuse: Option<bool>,

    /// Ours: who shares connections; `vu` unless set. `shared` excludes
    /// `noConnectionReuse` and `noVUConnectionReuse`.
    pub connections: Option<ConnectionsOption>,

    /// Ours: which version of HTTP is spoken; `auto` unless set, which is
    /// HTTP/2 or HTTP/1.1 with TLS, as the server prefers, and HTTP/1.1
    /// without. `2` without TLS is spoken by prior knowledge.
    pub http_version: Option<Written<Protocol>>,

    /// How many redirects of one request are followed; 10 unless set. The
    /// answer after the last is handed over as it is.
    pub max_redirects: Option<u32>,

    /// Keeps the cookies of a virtual user from one iteration to the next.
    pub no_cookies_reset: Option<bool>,

    /// Ours: how long the making of a connection may take, with name lookup and
    /// TLS; `30s` unless set. A request's own timeout holds beside it.
    pub connect_timeout: Option<TimeSpan>,

    /// Ours: how long the head of an answer may take once the request is sent;
    /// `0s`, which is no limit of its own, unless set.
    pub response_head_timeout: Option<TimeSpan>,

    /// Ours: how long nothing may arrive of a body that has begun; `0s`, which
    /// is no limit, unless set.
    pub stream_idle_timeout: Option<TimeSpan>,

    /// Ours: the most of one body that is kept; `64MiB` unless set. A longer
    /// one is an error.
    pub max_body_size: Option<ByteSize>,

    /// Hosts that are reached elsewhere than DNS says, by name
    /// (`example.com`), by the end of a name (`*.example.com`), or by either
    /// with a port (`example.com:443`): an address, an address with a port, or,
    /// ours and in a plan file alone, a Unix socket
    /// (`unix:/run/server.sock`). Layers add to each other.
    pub hosts: Option<Named<Written<Destination>>>,

    /// How names are looked up. Layers add to each other, member by member.
    pub dns: Option<DnsOptions>,

    /// From which addresses of this machine connections are made: addresses,
    /// ranges and networks, given to connections one after another.
    #[serde(rename = "localIPs")]
    pub local_ips: Option<Written<AddressRanges>>,

    /// Addresses that are not reached, whatever their names: networks, or
    /// addresses alone. Layers add to each other.
    #[serde(rename = "blacklistIPs")]
    pub blacklist_ips: Option<Vec<Written<Network>>>,

    /// Hosts that are not reached, by name or by the end of a name
    /// (`*.example.com`). Layers add to each other.
    pub block_hostnames: Option<Vec<Written<HostNames>>>,

    /// Ours, not in a component: hosts that may be reached beside those of
    /// configuration values that are URLs, by name, by the end of a name
    /// (`*.example.com`), by either with a port, or all (`*`). Layers add to
    /// each other.
    pub allow_hosts: Option<Vec<Written<HostPattern>>>,

    /// Ours, not in a component: the URL of a proxy (`http://proxy:3128`), or
    /// `none`. Unless set, the variables `HTTP_PROXY`, `HTTPS_PROXY`,
    /// `ALL_PROXY` and `NO_PROXY` say.
    pub proxy: Option<Written<ProxySetting>>,

    /// Certificates that this side shows of itself, where a server asks for
    /// one. Of several for one host the closest counts, and of equals the first.
    pub tls_auth: Option<Vec<TlsAuthOptions>>,

    /// Which versions of TLS may be spoken: `tls1.2` or `tls1.3` alone, or from
    /// `min` to `max`; both unless set.
    pub tls_version: Option<TlsVersionOption>,

    /// Ours, not in a component: files with the certificates of authorities that
    /// are trusted beside the machine's own, by their paths from the plan file's
    /// folder. Layers add to each other.
    pub tls_ca_files: Option<Vec<String>>,

    /// Drops every response body as it arrives.
    pub discard_response_bodies: Option<bool>,

    /// How many requests of one batch are under way at a time; 20 unless set.
    #[schemars(range(min = 1))]
    pub batch: Option<u32>,

    /// The same to one host; 6 unless set. 0 sets no limit.
    pub batch_per_host: Option<u32>,

    /// The most requests a second of all virtual users together; 0 sets no
    /// limit. There is none unless set, but in the environment `production`,
    /// where it is 20.
    pub rps: Option<u32>,

    /// Ours: for how many different sets of tags each worker keeps samples apart;
    /// 100000 unless set. Beyond that new values of tags are left out, and no
    /// sample is lost.
    #[schemars(range(min = 1))]
    pub max_series: Option<u32>,

    /// Which part of the whole load this process is: `0:1/4`, `25%`, `1/4`. The
    /// whole unless set.
    pub execution_segment: Option<SegmentOption>,

    /// Into which parts the whole load is divided: `0,1/4,1/2,1`. All processes
    /// of one load are given the same.
    pub execution_segment_sequence: Option<SequenceOption>,

    /// Ours: the configuration keys that the scenario reads, by name (letters,
    /// digits and `_`). What is not declared it cannot see. Only a component
    /// declares keys; a plan file gives them values.
    #[schemars(extend("propertyNames" = {"pattern": "^[A-Za-z_][0-9A-Za-z_]*$"}))]
    pub config: Option<Named<ConfigKey>>,

    /// Ours: the scenario's own metrics, by name (up to 128 letters, digits
    /// and `_`, no digit first). Only a component declares metrics.
    #[schemars(extend("propertyNames" = {"pattern": "^[A-Za-z_][0-9A-Za-z_]{0,127}$"}))]
    pub metrics: Option<Named<MetricOptions>>,
}

impl Options {
    /// Reads the JSON text that a component returns.
    ///
    /// # Errors
    ///
    /// When it is no JSON or does not follow the schema: everything that is
    /// wrong, each with its JSON path.
    pub fn from_json(text: &str) -> Result<Self, Vec<ReadError>> {
        let Read {
            value, mistakes, ..
        } = Self::read(text);
        if mistakes.is_empty() {
            return Ok(value);
        }
        Err(mistakes)
    }

    /// Reads all that is right of the JSON text that a component returns.
    pub(super) fn read(text: &str) -> Read<Self> {
        let (tree, twice) = match Tree::from_json(text) {
            Ok(read) => read,
            Err(syntax) => {
                return Read {
                    value: Self::default(),
                    mistakes: vec![syntax],
                    left_out: Vec::new(),
                };
            }
        };
        let Read {
            value,
            mistakes,
            left_out,
        } = tree.read();
        let mistakes = twice.into_iter().chain(mistakes);
        Read {
            value,
            mistakes: mistakes.map(ReadError::without_place).collect(),
            left_out,
        }
    }

    /// Whether it says when iterations start.
    #[must_use]
    pub fn has_profile(&self) -> bool {
        self.scenarios.is_some()
            || self.stages.is_some()
            || self.duration.is_some()
            || self.iterations.is_some()
    }

    /// Takes away all that says when iterations start.
    pub(super) fn clear_profile(&mut self) {
        self.scenarios = None;
        self.stages = None;
        self.vus = None;
        self.duration = None;
        self.iterations = None;
    }
}

#[cfg(test)]
mod tests;
