//! `vuelo target`.

use std::io::Write;

use tokio::runtime::Builder;
use tokio::signal::unix::{SignalKind, signal};

use super::open_files::allow_open_files;
use super::{Exit, Failure};
use crate::cli::{BehaviourArgs, TargetArgs};
use crate::target::{Presence, Settings, Target, TimesLog, Token};

/// Serves the embedded target until a signal.
///
/// # Errors
///
/// When the address cannot be listened on.
pub fn target(args: &TargetArgs) -> Result<Exit, Failure> {
    allow_open_files();
    let present = |absent: bool| {
        if absent {
            Presence::Absent
        } else {
            Presence::Present
        }
    };
    let times = args.times.as_deref().map(TimesLog::create).transpose();
    let settings = Settings {
        rate_limit: args.rate_limit,
        stall: args.stall,
        times: times.map_err(|error| Failure::System {
            doing: "the file of --times cannot be written",
            error,
        })?,
        token: Some(Token::new(args.token.clone())),
        ccr: present(args.without_ccr),
        web: present(args.without_web),
        ..settings(&args.behaviour, args.seed)
    };
    let system = |doing| move |error| Failure::System { doing, error };
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(system("a runtime for the target cannot be made"))?;
    runtime.block_on(async {
        let mut interrupt =
            signal(SignalKind::interrupt()).map_err(system("signals cannot be listened for"))?;
        let mut terminate =
            signal(SignalKind::terminate()).map_err(system("signals cannot be listened for"))?;
        let target = Target::bind(args.listen, settings).await?;
        // Whoever started this waits for the line, so it must not stay in a
        // buffer.
        let mut stdout = std::io::stdout().lock();
        writeln!(stdout, "listening on http://{}", target.address())
            .and_then(|()| stdout.flush())
            .map_err(system("standard output cannot be written"))?;
        drop(stdout);
        let stop = async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        };
        target.serve(stop).await;
        Ok(Exit::Passed)
    })
}

/// The settings that a command line asks for.
pub(super) fn settings(behaviour: &BehaviourArgs, seed: u64) -> Settings {
    let mut settings = Settings {
        seed,
        ..Settings::default()
    };
    if let Some(latency) = behaviour.latency {
        settings.latency = latency;
    }
    if let Some(fault_rate) = behaviour.fault_rate {
        settings.fault_rate = fault_rate;
    }
    settings
}
