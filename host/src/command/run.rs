//! `vuelo run`: components, plans, and one run after another.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;

use super::confirm::confirm;
use super::own_summary::own_summary;
use super::target::settings;
use super::{Exit, Failure, current_folder};
use crate::cli::RunArgs;
use crate::component::{Artifact, CACHE_VARIABLE, CompileCache, Scenario, Source};
use crate::metrics::{Registry, Schema, Selector};
use crate::output::{self, RunRecord, results, summary_export};
use crate::plan::{self, Component, Plan, PlanFile, ProcessEnvironment, Resolved};
use crate::report::{self, Colour, Paint, Progress, Waiting, summary};
use crate::run::{self, Endings, Job, Outcome};
use crate::target::{RunningTarget, Target};

/// A component that is ready to run.
struct Ready {
    artifact: Artifact,
    scenario: Arc<Scenario>,
    resolved: Resolved,
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
    let show = Show::new(args);
    let folder = current_folder()?;
    let components = load(args, &folder, &show)?;
    let target = args.demo.then(|| demo_target(args)).transpose()?;
    let ready = resolve(args, &folder, components, target.as_ref())?;
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

/// How long a compilation takes that would be worth keeping.
const LONG: Duration = Duration::from_secs(2);

/// Finds, verifies and compiles the components, and asks each for its options.
fn load(
    args: &RunArgs,
    folder: &Path,
    show: &Show,
) -> Result<Vec<(Artifact, Arc<Scenario>, String)>, Failure> {
    let cache = CompileCache::open();
    let mut components = Vec::new();
    for source in Source::resolve(&args.names, args.lock.as_deref(), folder)? {
        let artifact = source.load()?;
        let scenario = compile(&artifact, &cache, show)?;
        let options = run::options(&scenario)?.map_err(|error| Failure::NoOptions {
            name: artifact.name.clone(),
            reason: error.to_string(),
        })?;
        components.push((artifact, Arc::new(scenario), options));
    }
    Ok(components)
}

fn compile(artifact: &Artifact, cache: &CompileCache, show: &Show) -> Result<Scenario, Failure> {
    let (name, size) = (&artifact.name, artifact.bytes.len() as f64 / 1e6);
    let kept = match cache {
        CompileCache::On(_) => "; it is kept for the next run",
        CompileCache::Off | CompileCache::Unusable(_) => "",
    };
    let started = Instant::now();
    let waiting = Waiting::new(
        format!("compiling {name} ({size:.1} MB){kept}"),
        show.quiet,
        show.terminals.1,
    );
    let scenario = Scenario::compile(artifact, cache)?;
    drop(waiting);
    let took = started.elapsed();
    if let CompileCache::Unusable(reason) = cache
        && took > LONG
        && !show.quiet
    {
        report::print_error(&format!(
            "  {} compiling took {took:.1?}, and nothing is kept of it: {reason}; \
             {CACHE_VARIABLE} names another folder\n",
            show.stderr.text(Colour::Notable, "note"),
        ));
    }
    Ok(scenario)
}

fn demo_target(args: &RunArgs) -> Result<RunningTarget, Failure> {
    let any_port: SocketAddr = ([127, 0, 0, 1], 0).into();
    let seed = args.seed.unwrap_or(1);
    Ok(Target::spawn(any_port, settings(&args.behaviour, seed))?)
}

/// Makes a plan for each component.
fn resolve(
    args: &RunArgs,
    folder: &Path,
    components: Vec<(Artifact, Arc<Scenario>, String)>,
    target: Option<&RunningTarget>,
) -> Result<Vec<Ready>, Failure> {
    let file = PlanFile::find(args.plan.as_deref(), folder)?;
    let flags = args.flags(target.map(|target| format!("http://{}", target.address())));
    let described: Vec<Component<'_>> = components
        .iter()
        .map(|(artifact, _, options)| Component {
            name: &artifact.name,
            options,
        })
        .collect();
    let resolved = plan::resolve(&described, &file, &ProcessEnvironment::current(), &flags)?;
    let ready = components
        .into_iter()
        .zip(resolved)
        .map(|((artifact, scenario, _), resolved)| Ready {
            artifact,
            scenario,
            resolved,
        });
    Ok(ready.collect())
}

fn dry_run(ready: &Ready) -> String {
    let Ready {
        artifact, resolved, ..
    } = ready;
    resolved.text(&format!("{} ({})", artifact.digest, artifact.origin))
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
        scenario: Arc::clone(&ready.scenario),
        plan: Arc::new(plan.clone()),
        schema: Arc::new(schema(plan)?),
        workers: std::thread::available_parallelism().map_or(1, usize::from),
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
    let own = own_summary(&args.results, args.quiet, &job, &text);
    if !show.quiet && !own {
        let archived = written.is_ok().then_some(path.as_path());
        let summary = summary::text(&record, archived, show.stdout);
        report::print(&plan.config.masked(&summary));
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
        output::write_whole(export, &plan.config.masked(&text))?;
    }
    Ok(outcome.endings)
}

/// Masks secrets in every text of a value: a server that echoes one gets it into
/// tags, checks, and what setup found.
fn mask(value: &mut Value, plan: &Plan) {
    match value {
        Value::String(text) => *text = plan.config.masked(text),
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, plan)),
        Value::Object(members) => members.values_mut().for_each(|member| mask(member, plan)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Which metrics a plan has.
fn schema(plan: &Plan) -> Result<Schema, Failure> {
    let wrong = |error: crate::metrics::MetricsError| run::RunError::Schema(error.to_string());
    let mut registry = Registry::new();
    for (name, declared) in &plan.metrics {
        registry
            .declare(name, declared.metric_type, declared.unit)
            .map_err(wrong)?;
    }
    let selectors: Vec<&Selector> = plan
        .thresholds
        .iter()
        .map(|(selector, _)| selector)
        .collect();
    Ok(Schema::new(registry, selectors, plan.tags.keys().cloned()).map_err(wrong)?)
}

fn header(ready: &Ready, paint: Paint) -> String {
    let Ready {
        artifact, resolved, ..
    } = ready;
    let plan = &resolved.plan;
    let mut text = format!(
        "\n{} {}\n  artifact     {}\n               {}\n",
        paint.text(
            Colour::Heading,
            concat!("vuelo ", env!("CARGO_PKG_VERSION"))
        ),
        paint.text(Colour::Heading, &plan.name),
        artifact.digest,
        if artifact.origin.is_pinned() {
            artifact.origin.to_string()
        } else {
            paint.text(Colour::Notable, &artifact.origin)
        },
    );
    for scenario in resolved.scenario_heads() {
        text.push_str(&format!("  scenario     {scenario}\n"));
    }
    text.push_str(&format!("  load         {}\n", resolved.extent()));
    text.push_str(&format!(
        "  environment  {}, seed {}\n",
        plan.environment, plan.seed
    ));
    if let Some(url) = plan.config.values.get("BASE_URL") {
        text.push_str(&format!("  target       {url}\n"));
    }
    for note in &resolved.notes {
        text.push_str(&format!(
            "  {} {note}\n",
            paint.text(Colour::Notable, "note")
        ));
    }
    text.push('\n');
    text
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
        digest: ready.artifact.digest.to_string(),
        source: ready.artifact.origin.to_string(),
        pinned: ready.artifact.origin.is_pinned(),
        environment: &plan.environment,
        seed: plan.seed.0,
        plan: ready.resolved.json(),
        schema: &job.schema,
        outcome,
        terminals: show.terminals,
        colours: show.stdout == Paint::Coloured,
    }
}

/// What tells a run from all others: 8 hexadecimal digits.
fn run_id() -> String {
    let by_time = || {
        SystemTime::UNIX_EPOCH
            .elapsed()
            .map_or(0, |since| since.subsec_nanos())
    };
    format!("{:08x}", getrandom::u32().unwrap_or_else(|_| by_time()))
}
