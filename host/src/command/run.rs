//! `vuelo run`: components, plans, and one run after another.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use super::confirm::confirm;
use super::header::header;
use super::loader::{Loaded, Loader};
use super::mask::mask;
use super::open_files::allow_open_files;
use super::own_summary::own_summary;
use super::target::settings;
use super::{Exit, Failure, current_folder, run_id};
use crate::cli::RunArgs;
use crate::component::{Artifact, Scenario};
use crate::http::Engine;
use crate::output::{self, ArtifactRecord, RunRecord, results, summary_export};
use crate::plan::{self, Component, Part, PlanFile, ProcessEnvironment, Resolved};
use crate::report::{self, Paint, Progress, summary};
use crate::run::capacity::{self, Demand, Machine, TargetPlace};
use crate::run::{self, Endings, Job, Outcome, RunError, Saturation};
use crate::target::{RunningTarget, Target};

/// A run that is ready to start.
pub(super) struct Ready {
    /// In the order of the plan's components.
    pub(super) components: Vec<(Artifact, Arc<Scenario>)>,
    pub(super) resolved: Resolved,
    /// What sends the requests.
    http: Arc<Engine>,
}

impl Ready {
    /// Makes sure that this machine has room for it. What may become scarce is a note of
    /// the plan.
    fn new(
        components: Vec<(Artifact, Arc<Scenario>)>,
        mut resolved: Resolved,
        target: TargetPlace,
    ) -> Result<Self, Failure> {
        let http = run::http_engine(&resolved.plan)?;
        let scenarios: Vec<_> = components.iter().map(|(_, scenario)| &**scenario).collect();
        let demand = Demand::new(&resolved.plan, &scenarios, target, workers());
        for shortage in capacity::check(&demand, &Machine::this()) {
            if shortage.stops_the_run() {
                return Err(RunError::Capacity(shortage).into());
            }
            resolved.notes.push(shortage.to_string());
        }
        Ok(Self {
            http,
            components,
            resolved,
        })
    }
}

/// A worker for each core.
fn workers() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Runs scenarios, one after another, and says how they ended.
///
/// # Errors
///
/// When anything stands in the way before a load starts: everything that can be
/// found out beforehand is.
pub fn run(args: &RunArgs) -> Result<Exit, Failure> {
    if !args.demo && (args.behaviour.latency.is_some() || args.behaviour.fault_rate.is_some()) {
        return Err(Failure::NoEmbeddedTarget);
    }
    allow_open_files();
    let show = Show::new(args);
    let folder = current_folder()?;
    let target = args.demo.then(|| demo_target(args)).transpose()?;
    let ready = ready(args, &folder, &show, target.as_ref())?;
    if args.dry_run {
        for ready in &ready {
            report::print(&dry_run(ready));
        }
        return Ok(Exit::Passed);
    }
    output::check_writable(&args.results)?;
    if let Some(export) = &args.summary_export {
        check_export(export, ready.len())?;
    }
    if !args.yes {
        confirm(ready.iter().map(|ready| &ready.resolved))?;
    }
    let mut worst = Endings::default();
    for ready in &ready {
        let endings = run_one(args, ready, &show)?;
        let stopped = endings.exit_code() == run::Ending::Stopped.exit_code();
        for ending in endings.all() {
            worst.add(ending.clone());
        }
        if stopped {
            break;
        }
    }
    Ok(Exit::Run(worst.exit_code()))
}

/// What is shown, and how.
struct Show {
    quiet: bool,
    verbose: bool,
    stdout: Paint,
    stderr: Paint,
    terminals: (bool, bool),
}

impl Show {
    fn new(args: &RunArgs) -> Self {
        let terminals = (
            std::io::stdout().is_terminal(),
            std::io::stderr().is_terminal(),
        );
        Self {
            quiet: args.quiet,
            verbose: args.verbose,
            stdout: Paint::for_terminal(terminals.0, args.no_color),
            stderr: Paint::for_terminal(terminals.1, args.no_color),
            terminals,
        }
    }
}

fn demo_target(args: &RunArgs) -> Result<RunningTarget, Failure> {
    let any_port: SocketAddr = ([127, 0, 0, 1], 0).into();
    let seed = args.seed.unwrap_or(1);
    Ok(Target::spawn(any_port, settings(&args.behaviour, seed))?)
}

/// Loads what is to run, and makes a plan for each component that was named; or,
/// where none was, one for all that the plan file's scenarios run.
fn ready(
    args: &RunArgs,
    folder: &Path,
    show: &Show,
    target: Option<&RunningTarget>,
) -> Result<Vec<Ready>, Failure> {
    plan::check_names(&args.names)?;
    let lock = args.lock.as_deref();
    let loader = Loader::new(folder, lock, show.quiet, show.terminals.1);
    let flags = args.flags(target.map(|target| format!("http://{}", target.address())));
    let place = match target {
        Some(_) => TargetPlace::Here,
        None => TargetPlace::Elsewhere,
    };
    let process = ProcessEnvironment::current();
    let file = PlanFile::find(args.plan.as_deref(), folder);
    if args.names.is_empty() {
        let file = file?;
        let named = file.components(&process, &flags)?;
        let sources: Vec<_> = named.iter().map(|named| named.source.clone()).collect();
        let loaded = loader.load(&sources)?;
        let parts: Vec<Part<'_>> = named
            .iter()
            .zip(&loaded)
            .map(|(named, loaded)| Part {
                named,
                component: loaded.described(),
            })
            .collect();
        let resolved = plan::resolve_together(&parts, &file, &process, &flags)?;
        let components = loaded.into_iter().map(Loaded::into_component).collect();
        return Ok(vec![Ready::new(components, resolved, place)?]);
    }
    let loaded = loader.load(&args.names)?;
    let described: Vec<Component<'_>> = loaded.iter().map(Loaded::described).collect();
    let resolved = plan::resolve(&described, &file?, &process, &flags)?;
    let ready = loaded.into_iter().zip(resolved);
    ready
        .map(|(loaded, resolved)| Ready::new(vec![loaded.into_component()], resolved, place))
        .collect()
}

fn dry_run(ready: &Ready) -> String {
    let artifacts: Vec<String> = ready
        .components
        .iter()
        .map(|(artifact, _)| format!("{} ({})", artifact.digest, artifact.origin))
        .collect();
    ready.resolved.text(&artifacts)
}

/// Makes sure that the summary can be written where it is to go.
fn check_export(export: &Path, runs: usize) -> Result<(), Failure> {
    if runs > 1 {
        return Err(Failure::OneExport(runs));
    }
    let folder = match export.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    Ok(output::check_writable(folder)?)
}

/// One run, from its header to its results file.
fn run_one(args: &RunArgs, ready: &Ready, show: &Show) -> Result<Endings, Failure> {
    let plan = &ready.resolved.plan;
    let job = Job {
        components: ready
            .components
            .iter()
            .map(|(_, scenario)| Arc::clone(scenario))
            .collect(),
        plan: Arc::new(plan.clone()),
        http: Arc::clone(&ready.http),
        schema: Arc::new(run::schema(plan)?),
        workers: workers(),
        saturation: if args.demo {
            Saturation::Warns
        } else {
            Saturation::Invalidates
        },
    };
    if !show.quiet {
        report::print_error(&header(ready, show.stderr));
    }
    let mut progress = Progress::new(
        plan.load_time(),
        show.quiet,
        show.verbose,
        show.terminals.1,
        show.stderr,
    );
    let outcome = run::execute(&job, &mut progress);
    progress.finish();
    let outcome = outcome?;
    let id = run_id();
    let record = record(ready, &job, &outcome, &id, show);
    let path = args
        .results
        .join(output::file_name(&plan.name, outcome.started, &id));
    let mut value = results::value(&record);
    mask(&mut value, plan);
    let text = format!("{value:#}\n");
    let written = output::write_whole(&path, &text);
    // A record is for merging; it can be larger than a guest's memory.
    if let Some(members) = value.as_object_mut() {
        members.shift_remove("recorded");
    }
    let own = own_summary(&args.results, args.quiet, &job, &format!("{value:#}\n"));
    if !show.quiet && !own {
        let archived = written.is_ok().then_some(path.as_path());
        let summary = summary::text(&record, archived, show.stdout);
        report::print(&plan.masked(&summary));
    }
    if show.quiet && outcome.endings.exit_code() != 0 {
        let ending = outcome.endings.decisive();
        report::print_error(&format!("vuelo: {}: {ending}\n", plan.name));
    }
    // The summary comes first: it is all that is left of a run that cannot be
    // archived.
    written?;
    if let Some(export) = &args.summary_export {
        let text = summary_export::text(&record);
        output::write_whole(export, &plan.masked(&text))?;
    }
    Ok(outcome.endings)
}

fn record<'a>(
    ready: &'a Ready,
    job: &'a Job,
    outcome: &'a Outcome,
    id: &'a str,
    show: &Show,
) -> RunRecord<'a> {
    let plan = &ready.resolved.plan;
    RunRecord {
        id,
        name: &plan.name,
        artifacts: ready
            .components
            .iter()
            .map(|(artifact, _)| ArtifactRecord {
                name: artifact.name.clone(),
                digest: artifact.digest.to_string(),
                source: artifact.origin.to_string(),
                pinned: artifact.origin.is_pinned(),
            })
            .collect(),
        environment: &plan.environment,
        seed: plan.seed.0,
        plan: ready.resolved.json(),
        schema: &job.schema,
        outcome,
        terminals: show.terminals,
        colours: show.stdout == Paint::Coloured,
    }
}
