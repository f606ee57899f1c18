//! `vuelo run`

use std::path::PathBuf;

use clap::Args;

use super::target::BehaviourArgs;
use crate::plan::duration::TimeSpan;
use crate::plan::http::{AddressRanges, HostNames, HostPattern, Network, Protocol};
use crate::plan::options::{DnsOptions, StageOptions};
use crate::plan::{ExecutionSegment, ExecutionSegmentSequence, Flags, TimeScale, Unshown};

/// Run scenarios, one after another, and judge them by their thresholds.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Names from vuelo.lock, paths to .wasm files, or `all`
    ///
    /// A name is one of vuelo.lock, whose digest the component must have: the
    /// nearest one upwards from here, or else the artifacts inside this binary.
    /// `all` is every name there. A path is run as it is, unpinned. Without a
    /// name, --plan FILE runs the file's own scenarios together, as one run.
    #[arg(value_name = "NAME", required_unless_present = "plan")]
    pub names: Vec<String>,

    /// A named environment, or the value of a configuration key
    ///
    /// `--env staging` takes the values of `[environments.staging]` in the plan
    /// file. With a `=` in it, it sets one key that the scenario declares:
    /// `-e WORKSPACE_ID=mine`; an empty value takes the key's value away. A
    /// secret cannot be set here, since others could read it.
    #[arg(
        short = 'e',
        long = "env",
        value_name = "NAME|KEY=VALUE",
        help_heading = "Target"
    )]
    pub env: Vec<Unshown>,

    /// The server under test: sets BASE_URL
    #[arg(long, value_name = "URL", help_heading = "Target")]
    pub base_url: Option<Unshown>,

    /// The web application: sets WEB_URL
    #[arg(long, value_name = "URL", help_heading = "Target")]
    pub web_url: Option<Unshown>,

    /// The Claude Code Router: sets CCR_URL
    #[arg(long, value_name = "URL", help_heading = "Target")]
    pub ccr_url: Option<Unshown>,

    /// A secret, from the environment variable KEY or from a file
    ///
    /// `--secret AUTH_TOKEN` refuses to run unless the variable is set, which is
    /// read without this flag, too. `--secret AUTH_TOKEN=@FILE` reads a file.
    /// The value itself cannot stand here, since others could read it.
    #[arg(long = "secret", value_name = "KEY[=@FILE]", help_heading = "Target")]
    pub secrets: Vec<Unshown>,

    /// Run against an embedded target in this process
    #[arg(long, conflicts_with_all = ["base_url", "web_url", "ccr_url"], help_heading = "Target")]
    pub demo: bool,

    /// How the embedded target behaves.
    #[command(flatten, next_help_heading = "Target")]
    pub behaviour: BehaviourArgs,

    /// How many virtual users
    ///
    /// With --duration or --iterations it replaces the scenario's stages. Alone
    /// it is where they start.
    #[arg(short = 'u', long, value_name = "N", help_heading = "Load")]
    pub vus: Option<u32>,

    /// For how long, such as 30s or 1m30s
    #[arg(
        short = 'd',
        long,
        value_name = "DURATION",
        value_parser = TimeSpan::with_unit,
        help_heading = "Load"
    )]
    pub duration: Option<TimeSpan>,

    /// How many iterations in all, shared by the virtual users
    #[arg(short = 'i', long, value_name = "N", help_heading = "Load")]
    pub iterations: Option<u64>,

    /// A duration and the number of virtual users at its end; can be repeated
    #[arg(
        short = 's',
        long = "stage",
        value_name = "DURATION:VUS",
        value_delimiter = ',',
        help_heading = "Load"
    )]
    pub stages: Vec<StageOptions>,

    /// The most requests a second of all virtual users together; 0 for no limit
    ///
    /// In the environment `production` there is a limit unless one is set here,
    /// in VUELO_RPS or as `rps` in the options.
    #[arg(long, value_name = "N", help_heading = "Load")]
    pub rps: Option<u32>,

    /// Run a part of the load, such as 1/4:1/2 or 25%
    ///
    /// Several processes that are given the same load, the same sequence, the
    /// same --seed and a segment each run what one process would run.
    #[arg(long, value_name = "FROM:TO", help_heading = "Load")]
    pub execution_segment: Option<ExecutionSegment>,

    /// The bounds of all parts, such as 0,1/4,1/2,1
    #[arg(long, value_name = "0,…,1", help_heading = "Load")]
    pub execution_segment_sequence: Option<ExecutionSegmentSequence>,

    /// Multiply the load's durations, such as 0.1; think times stay
    ///
    /// It scales stages, durations, start times and delays of thresholds. What
    /// is there for iterations, which do not become shorter, stays: graceful
    /// periods and limits on the time for a number of iterations.
    #[arg(long, value_name = "FACTOR", help_heading = "Load")]
    pub time_scale: Option<TimeScale>,

    /// What think times and random choices are drawn by
    #[arg(long, value_name = "N", help_heading = "Load")]
    pub seed: Option<u64>,

    /// Open a connection for each request
    #[arg(long, help_heading = "Network")]
    pub no_connection_reuse: bool,

    /// Close a virtual user's connections at the end of each iteration
    #[arg(long, help_heading = "Network")]
    pub no_vu_connection_reuse: bool,

    /// The version of HTTP: auto, 1.1, 2 or 3
    ///
    /// `auto` is what the server prefers of HTTP/2 and HTTP/1.1, and HTTP/1.1
    /// without TLS; `2` without TLS is spoken by prior knowledge.
    #[arg(long, value_name = "VERSION", help_heading = "Network")]
    pub http_version: Option<Protocol>,

    /// How many redirects of one request are followed
    #[arg(long, value_name = "N", help_heading = "Network")]
    pub max_redirects: Option<u32>,

    /// How names are looked up, such as ttl=5m,select=random,policy=preferIPv4
    ///
    /// For how long answers are kept (`ttl`: a duration, 0 or inf), which
    /// address of several is taken (`select`: random, first or roundRobin), and
    /// of which version of IP (`policy`: preferIPv4, preferIPv6, onlyIPv4,
    /// onlyIPv6 or any).
    #[arg(long, value_name = "MEMBER=VALUE,…", help_heading = "Network")]
    pub dns: Option<DnsOptions>,

    /// From which addresses of this machine, such as 10.0.0.5-10.0.0.9
    ///
    /// Addresses, ranges and networks, with commas between them; connections are
    /// given them one after another.
    #[arg(long, value_name = "ADDRESSES", help_heading = "Network")]
    pub local_ips: Option<AddressRanges>,

    /// A host that may be reached beside the target's; can be repeated
    ///
    /// A name, the end of one (`*.example.com`), either with a port, or `*` for
    /// all hosts. The hosts of configuration values that are URLs may be
    /// reached without it.
    #[arg(
        long = "allow-host",
        value_name = "HOST",
        value_delimiter = ',',
        help_heading = "Network"
    )]
    pub allow_hosts: Vec<HostPattern>,

    /// A network that is not reached, such as 10.0.0.0/8; can be repeated
    #[arg(
        long = "blacklist-ip",
        value_name = "NETWORK",
        value_delimiter = ',',
        help_heading = "Network"
    )]
    pub blacklist_ips: Vec<Network>,

    /// A host that is not reached, such as *.example.com; can be repeated
    #[arg(
        long,
        value_name = "HOST",
        value_delimiter = ',',
        help_heading = "Network"
    )]
    pub block_hostnames: Vec<HostNames>,

    /// A proxy for all requests, such as http://proxy:3128, or `none`
    ///
    /// Without it the variables HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY
    /// say. A password cannot stand here, since others could read it: the
    /// variable VUELO_PROXY takes one.
    #[arg(long, value_name = "URL", help_heading = "Network")]
    pub proxy: Option<Unshown>,

    /// A file of authorities to trust beside the machine's own; can be repeated
    #[arg(long = "ca-file", value_name = "FILE", help_heading = "Network")]
    pub ca_files: Vec<PathBuf>,

    /// The plan file, in place of the nearest vuelo.toml upwards
    #[arg(long, value_name = "FILE", help_heading = "Files")]
    pub plan: Option<PathBuf>,

    /// The lock file, in place of the nearest vuelo.lock upwards
    #[arg(long, value_name = "FILE", help_heading = "Files")]
    pub lock: Option<PathBuf>,

    /// The folder in which each run is archived
    #[arg(
        long,
        value_name = "DIR",
        default_value = "results",
        help_heading = "Files"
    )]
    pub results: PathBuf,

    /// Also write a summary in the shape of k6's --summary-export
    #[arg(long, value_name = "FILE", help_heading = "Files")]
    pub summary_export: Option<PathBuf>,

    /// Print the resolved plan, secrets masked, and run nothing
    #[arg(long, help_heading = "Output")]
    pub dry_run: bool,

    /// No progress and no summary, warnings and errors alone
    #[arg(short = 'q', long, help_heading = "Output")]
    pub quiet: bool,

    /// No colours; the variable NO_COLOR says the same
    #[arg(long, help_heading = "Output")]
    pub no_color: bool,

    /// Also print what scenarios log for debugging
    #[arg(short = 'v', long, conflicts_with = "quiet", help_heading = "Output")]
    pub verbose: bool,

    /// Do not ask before an environment that asks is loaded
    #[arg(short = 'y', long, help_heading = "Target")]
    pub yes: bool,
}

impl RunArgs {
    /// What the plan is to be told. `demo` is the URL of the embedded target,
    /// where one runs.
    #[must_use]
    pub fn flags(&self, demo: Option<String>) -> Flags {
        Flags {
            env: self.env.clone(),
            base_url: self.base_url.clone(),
            web_url: self.web_url.clone(),
            ccr_url: self.ccr_url.clone(),
            secrets: self.secrets.clone(),
            vus: self.vus,
            duration: self.duration,
            iterations: self.iterations,
            stages: self.stages.clone(),
            rps: self.rps,
            execution_segment: self.execution_segment,
            execution_segment_sequence: self.execution_segment_sequence.clone(),
            no_connection_reuse: self.no_connection_reuse,
            no_vu_connection_reuse: self.no_vu_connection_reuse,
            http_version: self.http_version,
            max_redirects: self.max_redirects,
            dns: self.dns.clone(),
            local_ips: self.local_ips.clone(),
            blacklist_ips: self.blacklist_ips.clone(),
            block_hostnames: self.block_hostnames.clone(),
            allow_hosts: self.allow_hosts.clone(),
            proxy: self.proxy.clone(),
            ca_files: self.ca_files.clone(),
            seed: self.seed,
            time_scale: self.time_scale,
            demo,
        }
    }
}
