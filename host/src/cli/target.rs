//! `vuelo target`, and how the embedded target behaves wherever it runs.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use crate::target::{FaultRate, Latency, RateLimit, Stall};

/// Serve the embedded target until it is stopped.
#[derive(Debug, Args)]
pub struct TargetArgs {
    /// Where to listen; with port 0 the system chooses a free one
    ///
    /// The first line on stdout is `listening on http://ADDR`, with the port
    /// that was chosen.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7777")]
    pub listen: SocketAddr,

    /// How it behaves.
    #[command(flatten)]
    pub behaviour: BehaviourArgs,

    /// Answer 429 beyond so many requests a second
    #[arg(long, value_name = "PER_SECOND")]
    pub rate_limit: Option<RateLimit>,

    /// Stall once: 2s@20s answers nothing for 2 s, 20 s after the first request
    #[arg(long, value_name = "HOW_LONG@WHEN")]
    pub stall: Option<Stall>,

    /// Write how long each answer took to a file, in nanoseconds, a line each
    #[arg(long, value_name = "FILE")]
    pub times: Option<PathBuf>,

    /// The bearer token that is right; any other is answered with 403
    ///
    /// This is a token of a server for trials. Others on this machine can read
    /// it from the list of processes.
    #[arg(long, value_name = "TOKEN", default_value = "test-token")]
    pub token: String,

    /// What latencies and faults are drawn by
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,

    /// Leave the web application out, as where AgentOS alone is deployed
    #[arg(long)]
    pub without_web: bool,

    /// Leave the Claude Code Router out
    #[arg(long)]
    pub without_ccr: bool,
}

/// How the embedded target behaves, in a process of its own or with `--demo`.
#[derive(Debug, Clone, Default, Args)]
pub struct BehaviourArgs {
    /// The share of answers of the embedded target that are faults: 0.05 or 5%
    #[arg(long, value_name = "SHARE")]
    pub fault_rate: Option<FaultRate>,

    /// How long answers of the embedded target take: none, 5ms, 2ms..20ms, median=4ms,p99=25ms, or 5ms|50ms@10%
    #[arg(long, value_name = "LATENCY")]
    pub latency: Option<Latency>,
}
