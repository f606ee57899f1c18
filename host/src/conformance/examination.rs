//! All cases, one run each.

use std::sync::Arc;
use std::time::Instant;

use thiserror::Error;

use super::case::{Case, Url};
use super::cases::CASES;
use super::ran::{Listener, Ran};
use super::server::Server;
use crate::component::{Artifact, Scenario};
use crate::output::{ArtifactRecord, RunRecord, results};
use crate::plan::{
    self, Component, Flags, PlanErrors, PlanFile, ProcessEnvironment, Seed, Unshown,
};
use crate::run::{self, Job, RunError, Saturation};

/// The scenario's name in every run.
pub(super) const SCENARIO: &str = "case";

/// What every run's draws are keyed by.
pub(super) const SEED: Seed = Seed(7);

/// What the key `GREETING` holds.
const GREETING: &str = "Grüße, 世界 🦉";

/// What the secret `TOKEN` holds.
const TOKEN: &str = "open-sesame";

/// Why a component could not be examined at all.
#[derive(Debug, Error)]
pub enum ConformanceError {
    /// The server could not be started.
    #[error("the server for the guest's requests cannot be started: {0}")]
    Server(std::io::Error),
    /// No case has such a name.
    #[error("no case has `{only}` in its name{}", way_out(.near))]
    NoSuchCase {
        /// What was asked for.
        only: String,
        /// The name that was probably meant.
        near: Option<&'static str>,
    },
}

fn way_out(near: &Option<&'static str>) -> String {
    let hint = near.map(|near| format!("; did you mean `{near}`?"));
    hint.unwrap_or_else(|| ": `vuelo conformance --plan` has them all".to_owned())
}

/// Why a case could not be run.
#[derive(Debug, Error)]
enum NotRun {
    #[error("the options make no plan: {0}")]
    Plan(#[from] PlanErrors),
    #[error(transparent)]
    Run(#[from] RunError),
}

/// What came of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// It is as the plan has it.
    Holds,
    /// The language has no such thing: what the guest says of it.
    Unsupported(String),
    /// What is not as the plan has it.
    Fails(Vec<String>),
}

/// A case, and what came of it.
#[derive(Debug, Clone)]
pub struct Row {
    /// The subject of the case.
    pub subject: &'static str,
    /// The case's name.
    pub case: &'static str,
    /// What came of it.
    pub finding: Finding,
}

/// Runs every case that has `only` in its name, or all, and tells each as it is
/// done. What a component does wrong is a [`Finding`].
///
/// # Errors
///
/// When there is no such case, or the server cannot be started.
pub fn examine(
    artifact: &Artifact,
    scenario: &Arc<Scenario>,
    options: &str,
    only: Option<&str>,
    mut told: impl FnMut(&Row),
) -> Result<Vec<Row>, ConformanceError> {
    let wanted = |case: &Case| only.is_none_or(|only| case.name.contains(only));
    let mut all = CASES.iter().flat_map(|(_, cases)| *cases);
    if let Some(only) = only
        && !all.any(wanted)
    {
        let names = CASES.iter().flat_map(|(_, cases)| *cases);
        let names = names.map(|case| (strsim::damerau_levenshtein(only, case.name), case.name));
        return Err(ConformanceError::NoSuchCase {
            only: only.to_owned(),
            near: names
                .min()
                .filter(|(distance, _)| *distance < 4)
                .map(|(_, name)| name),
        });
    }
    let server = Server::start().map_err(ConformanceError::Server)?;
    let mut rows = Vec::new();
    for (subject, cases) in CASES {
        for case in cases.iter().filter(|case| wanted(case)) {
            let finding = match run(case, artifact, scenario, options, &server) {
                Ok(ran) => judge(case, &ran),
                // Of one case: the next may do.
                Err(error) => Finding::Fails(vec![error.to_string()]),
            };
            let row = Row {
                subject,
                case: case.name,
                finding,
            };
            told(&row);
            rows.push(row);
        }
    }
    Ok(rows)
}

fn judge(case: &Case, ran: &Ran) -> Finding {
    if case.may_be_unsupported
        && let Some(why) = ran.unsupported()
    {
        return Finding::Unsupported(why.to_owned());
    }
    let mut wrong = Vec::new();
    let exit = &ran.results["run"]["verdict"]["exit_code"];
    if *exit != case.exit {
        let reasons = &ran.results["run"]["verdict"]["reasons"];
        let (expected, words) = (case.exit, ran.last_words());
        wrong.push(format!(
            "the run should end with {expected}, and ended with {exit}: {reasons}{words}"
        ));
    }
    let failed = ran.value("iterations_failed", "count").unwrap_or(0.0);
    if failed != f64::from(case.failed) {
        let (expected, words) = (case.failed, ran.last_words());
        wrong.push(format!(
            "{expected} iterations should fail, and {failed} did{words}"
        ));
    }
    let expected = case.expected.iter();
    wrong.extend(expected.filter_map(|expected| expected.judge(ran).err()));
    if wrong.is_empty() {
        Finding::Holds
    } else {
        Finding::Fails(wrong)
    }
}

fn run(
    case: &Case,
    artifact: &Artifact,
    scenario: &Arc<Scenario>,
    options: &str,
    server: &Server,
) -> Result<Ran, NotRun> {
    let begin = Instant::now();
    let file = PlanFile::parse("the conformance plan".as_ref(), &plan_file(case))?;
    let set = |key: &str, value: &str| Unshown(format!("{key}={value}"));
    let flags = Flags {
        env: vec![
            set("CASE", case.name),
            set("GREETING", GREETING),
            set("URL", &url(case.url, server)?),
        ],
        base_url: Some(Unshown(server.url())),
        seed: Some(SEED.0),
        ..Flags::default()
    };
    let environment: ProcessEnvironment = [("TOKEN", TOKEN)].into_iter().collect();
    let component = Component {
        name: &artifact.name,
        options,
    };
    let resolved = plan::resolve(&[component], &file, &environment, &flags)?;
    let Some(resolved) = resolved.into_iter().next() else {
        return Err(RunError::Schema("there is no plan".to_owned()).into());
    };
    let plan = &resolved.plan;
    let job = Job {
        components: vec![Arc::clone(scenario)],
        plan: Arc::new(plan.clone()),
        http: run::http_engine(plan)?,
        schema: Arc::new(run::schema(plan)?),
        workers: 1,
        saturation: Saturation::Warns,
    };
    let mut listener = Listener::default();
    let outcome = run::execute(&job, &mut listener)?;
    let results = results::value(&RunRecord {
        id: case.name,
        name: &plan.name,
        artifacts: vec![ArtifactRecord {
            name: artifact.name.clone(),
            digest: artifact.digest.to_string(),
            source: artifact.origin.to_string(),
            pinned: artifact.origin.is_pinned(),
        }],
        environment: &plan.environment,
        seed: plan.seed.0,
        plan: resolved.json(),
        schema: &job.schema,
        outcome: &outcome,
        terminals: (false, false),
        colours: false,
    });
    let summary = run::summarize(&job, &results.to_string())?;
    Ok(Ran {
        options: options.to_owned(),
        server: server.url(),
        results,
        lines: listener.lines,
        summary: summary
            .map(Option::unwrap_or_default)
            .map_err(|error| error.to_string()),
        took: begin.elapsed(),
    })
}

fn url(url: Url, server: &Server) -> Result<String, RunError> {
    Ok(match url {
        Url::None => String::new(),
        Url::Path(path) => server.url() + path,
        Url::Tls => server.url().replace("http:", "https:"),
        Url::Refused => server.refused_url()?,
        Url::Text(text) => text.to_owned(),
    })
}

/// The options of a case, over those of the guest.
fn plan_file(case: &Case) -> String {
    let (longest, graceful) = match case.flow {
        // The start of an interpreter included.
        ENDLESS => ("3s", "0s"),
        _ => ("30s", "1s"),
    };
    format!(
        "[options]\n\
         thresholds.checks = [{{ threshold = \"rate>=0\", onNoData = \"pass\" }}]\n\
         {}\n\
         [options.scenarios.{SCENARIO}]\n\
         executor = \"per-vu-iterations\"\n\
         vus = 1\n\
         iterations = {}\n\
         exec = \"{}\"\n\
         maxDuration = \"{longest}\"\n\
         gracefulStop = \"{graceful}\"\n",
        case.options, case.iterations, case.flow
    )
}

/// The flow that has no end of its own.
const ENDLESS: &str = "endless";
