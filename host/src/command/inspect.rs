//! `vuelo inspect`.

use std::fmt::Write;
use std::io::IsTerminal;

use serde_json::{Value, json};

use super::loader::Loader;
use super::{Exit, Failure};
use crate::cli::InspectArgs;
use crate::component::{
    self, Artifact, CONTRACT_VERSION, Contents, MOST_DATA_IN_SLOTS, MemoryPlace, Optional,
    Producer, Source, is_offered,
};
use crate::report;
use crate::run;
use crate::vu::Footprint;

/// Says what a component is.
///
/// # Errors
///
/// When there is no such component, or it is none.
pub fn inspect(args: &InspectArgs) -> Result<Exit, Failure> {
    let folder = super::current_folder()?;
    let lock = args.lock.as_deref();
    let names = std::slice::from_ref(&args.file);
    let terminal = std::io::stderr().is_terminal();
    let loader = Loader::new(&folder, lock, args.json, terminal);
    for source in Source::resolve(names, lock, &folder)? {
        let artifact = source.load()?;
        let contents = component::contents(&artifact)?;
        let lively = lively(&loader, &artifact);
        if args.json {
            report::print(&format!("{:#}\n", as_json(&artifact, &contents, &lively)));
        } else {
            report::print(&as_text(&artifact, &contents, &lively));
        }
    }
    Ok(Exit::Passed)
}

/// What only an instance can tell.
struct Lively {
    options: Value,
    footprint: Footprint,
    memory_place: MemoryPlace,
}

/// Makes instances of it; or why that cannot be done: a component that cannot be
/// run can still be looked at.
fn lively(loader: &Loader<'_>, artifact: &Artifact) -> Result<Lively, String> {
    let scenario = loader
        .compile(artifact)
        .map_err(|error| error.to_string())?;
    let text = run::options(&scenario)
        .map_err(|error| error.to_string())?
        .map_err(|error| error.to_string())?;
    let options =
        serde_json::from_str(&text).map_err(|error| format!("its options are no JSON: {error}"))?;
    let measuring = loader.waiting(format!("making VUs of {}", artifact.name));
    let footprint = run::footprint(&scenario)
        .map_err(|error| error.to_string())?
        .map_err(|error| error.to_string())?;
    drop(measuring);
    Ok(Lively {
        options,
        footprint,
        memory_place: scenario.memory_place(),
    })
}

fn as_json(artifact: &Artifact, of: &Contents, lively: &Result<Lively, String>) -> Value {
    json!({
        "name": artifact.name,
        "digest": artifact.digest.to_string(),
        "source": artifact.origin.to_string(),
        "pinned": artifact.origin.is_pinned(),
        "size": artifact.bytes.len(),
        "languages": of.languages,
        "tools": of.tools,
        "contract": CONTRACT_VERSION,
        "imports": of.imports,
        "unknown_imports": of.imports.iter().filter(|name| !is_offered(name)).collect::<Vec<_>>(),
        "exports": of.exports,
        "memories": of.memories,
        "functions": of.functions,
        "vu_memory": lively.as_ref().ok().map(|lively| json!({
            "linear": lively.footprint.linear,
            "resident": lively.footprint.resident,
            "in": match lively.memory_place {
                MemoryPlace::Slots => "slots",
                MemoryPlace::OwnMappings => "own mappings",
            },
        })),
        "options": lively.as_ref().ok().map(|lively| &lively.options),
        "error": lively.as_ref().err(),
    })
}

fn as_text(artifact: &Artifact, of: &Contents, lively: &Result<Lively, String>) -> String {
    let mut text = format!("{}\n", artifact.name);
    let mut line = |title: &str, content: &str| {
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "  {title:9} {content}");
    };
    line("digest", &artifact.digest.to_string());
    line("source", &artifact.origin.to_string());
    line("size", &format!("{} bytes", artifact.bytes.len()));
    line("language", &producers(&of.languages));
    line("made by", &producers(&of.tools));
    line("contract", &format!("vuelo:load {CONTRACT_VERSION}"));
    if let Ok(lively) = lively {
        line("a VU", &memory(lively.footprint, of.memories));
        if let Some(word) = word_on_mappings(lively.memory_place) {
            line("", &word);
        }
    }
    for (place, name) in of.imports.iter().enumerate() {
        let offered = if is_offered(name) {
            ""
        } else {
            "  (this host does not offer it)"
        };
        let title = if place == 0 { "imports" } else { "" };
        line(title, &format!("{}{offered}", report::plain(name)));
    }
    for (place, name) in of.exports.iter().enumerate() {
        let title = if place == 0 { "exports" } else { "" };
        line(title, &format!("{}{}", report::plain(name), meaning(name)));
    }
    match lively {
        Ok(lively) => {
            let options = format!("{:#}", lively.options).replace('\n', "\n            ");
            line("options", &options);
        }
        Err(reason) => line("cannot be run:", reason),
    }
    text
}

fn producers(producers: &[Producer]) -> String {
    let named = producers.iter().map(|producer| {
        let version = producer
            .version
            .split([' ', '('])
            .next()
            .unwrap_or_default();
        report::plain([&producer.name, version].join(" ").trim())
    });
    match producers.len() {
        0 => "not said".to_owned(),
        _ => named.collect::<Vec<_>>().join(", "),
    }
}

/// What an export is to the contract.
fn meaning(export: &str) -> &'static str {
    let is = |interface: &str| {
        let name = export.split('@').next().unwrap_or_default();
        name.strip_prefix("vuelo:load/") == Some(interface)
    };
    if is("scenario")
        || Optional::ALL
            .iter()
            .any(|optional| is(optional.interface()))
    {
        ""
    } else {
        "  (nobody calls it)"
    }
}

/// What an author may want to change about where memories lie.
fn word_on_mappings(place: MemoryPlace) -> Option<String> {
    // Elsewhere all lie so, and there is nothing to be changed.
    (place == MemoryPlace::OwnMappings && cfg!(target_os = "linux")).then(|| {
        format!(
            "its memories are in mappings of their own, so that fewer VUs fit into a process: \
             it starts with more than {} KiB of data",
            MOST_DATA_IN_SLOTS / 1024
        )
    })
}

fn memory(footprint: Footprint, memories: u32) -> String {
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    let linear = format!(
        "{:.1} MiB of linear memory in {memories} {}",
        mib(footprint.linear),
        if memories == 1 { "memory" } else { "memories" }
    );
    match footprint.resident {
        Some(resident) => format!(
            "{} KiB resident before its start; {linear}",
            resident / 1024
        ),
        None => linear,
    }
}
