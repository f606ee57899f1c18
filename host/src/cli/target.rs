//! `vuelo target`, and how the embedded target behaves in `vuelo run --demo`.

use std::net::SocketAddr;

use clap::Args;

use crate::target::{FaultRate, Latency, RateLimit};

/// Serve every endpoint of the built-in scenarios.
#[derive(Debug, Args)]
pub struct TargetArgs {
    /// The address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7777")]
    pub listen: SocketAddr,

    /// How the target behaves.
    #[command(flatten)]
    pub behaviour: TargetBehaviour,

    /// Repeat the latencies and faults of this seed
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,

    /// The bearer token to ask for; any is taken unless given
    #[arg(long, value_name = "TOKEN")]
    pub token: Option<String>,

    /// Answer 429 beyond this many requests a second
    #[arg(long, value_name = "N")]
    pub rate_limit: Option<RateLimit>,

    /// Answer 404 on the paths of the web application
    #[arg(long)]
    pub without_web: bool,

    /// Answer 404 on the paths of the model router
    #[arg(long)]
    pub without_ccr: bool,
}

/// How slow and how faulty the embedded target is.
#[derive(Debug, Clone, Args)]
pub struct TargetBehaviour {
    /// How long answers of the embedded target take: `none`, `5ms`, `2ms..20ms`, or
    /// `median=4ms,p99=25ms`
    #[arg(long, value_name = "LATENCY")]
    pub latency: Option<Latency>,

    /// The share of answers of the embedded target that are faults: `0.05` or `5%`
    #[arg(long, value_name = "RATE")]
    pub fault_rate: Option<FaultRate>,
}
