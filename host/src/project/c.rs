//! C, by clang with wasi-libc. The bindings are generated here.

use std::path::{Path, PathBuf};

use wit_bindgen_core::Files;

use super::error::ProjectError;
use super::language::Language;
use super::sdk::write_file;
use super::settings::Project;
use super::tool::Tool;
use super::{Teller, Told, encoding, world};

pub(super) fn build(
    project: &Project,
    component: &Path,
    tell: Teller<'_>,
) -> Result<(), ProjectError> {
    project.source("scenario.c")?;
    let folder = &project.folder;
    let tool = |name| Tool::find(Language::C, name, None, Language::C.installing());
    let clang = tool("clang")?;
    tool("wasm-ld")?;
    // Another C library than Debian's is found by options of the user's own.
    let own_options = std::env::var("WASI_CFLAGS").unwrap_or_default();
    let target = ["--target=wasm32-wasi", "-mexec-model=reactor"];
    for (question, what) in [
        ("-print-file-name=libc.a", "wasi-libc"),
        ("-print-file-name=crt1-reactor.o", "wasi-libc"),
        (
            "-print-libgcc-file-name",
            "the runtime of clang for WebAssembly",
        ),
    ] {
        let found = clang
            .command(folder)
            .args(target)
            .args(own_options.split_whitespace())
            .args(["-rtlib=compiler-rt", question])
            .run(tell)?;
        must_be_there(&clang, found.trim(), what, project)?;
    }
    let wit = world::write(project)?;
    let bindings = project.build_folder()?.join("bindings");
    generate(&wit, &bindings)?;
    tell(Told::Step("clang compiles it"));
    let library = project.library(Language::C);
    let module = project.build_folder()?.join("module.wasm");
    let remap = |from: &Path, to: &str| format!("-ffile-prefix-map={}={to}", from.display());
    clang
        .command(folder)
        .args(target)
        .args(["-Os", "-Wall", "-Wextra"])
        .args(own_options.split_whitespace())
        // No path of this machine in the component.
        .arg(remap(&library, "sdk"))
        .arg(remap(folder, "."))
        .arg(format!("-I{}", bindings.display()))
        .arg(format!("-I{}", library.display()))
        .args(sources(folder)?)
        .args(sources(&library)?)
        .arg(bindings.join("project.c"))
        .arg(bindings.join("project_component_type.o"))
        // Names of functions stay, for traps; a stack that overflows meets the
        // end of memory, and is small: every virtual user has one.
        .args([
            "-Wl,--strip-debug",
            "-Wl,--stack-first",
            "-Wl,-z,stack-size=65536",
        ])
        .arg("-o")
        .arg(&module)
        .run(tell)?;
    tell(Told::Step("the module becomes a component"));
    write_file(component, &encoding::component(&module, &wit)?)
}

/// A file of clang's that it names with its path where it has it, and without
/// where not.
fn must_be_there(
    clang: &Tool,
    found: &str,
    what: &str,
    project: &Project,
) -> Result<(), ProjectError> {
    if Path::new(found).is_absolute() && Path::new(found).is_file() {
        return Ok(());
    }
    let version = clang.command(&project.folder).arg("-dumpversion");
    let version = version.run(&mut |_| {})?;
    let major = version.split('.').next().unwrap_or("14");
    Err(ProjectError::ToolMissing {
        language: Language::C,
        tool: format!("{what} (or WASI_CFLAGS, which says where one is)"),
        install: Language::C
            .installing()
            .replace("libclang-rt-14", &format!("libclang-rt-{major}")),
    })
}

/// Writes the bindings of the world.
fn generate(wit: &Path, folder: &Path) -> Result<(), ProjectError> {
    let (mut resolve, world) = encoding::world(wit)?;
    let mut files = Files::default();
    wit_bindgen_c::Opts::default()
        .build()
        .generate(&mut resolve, world, &mut files)
        .map_err(|error| ProjectError::Encoding(format!("{error:#}")))?;
    for (name, content) in files.iter() {
        write_file(&folder.join(name), content)?;
    }
    Ok(())
}

/// All sources in a folder, in the order of their names.
fn sources(folder: &Path) -> Result<Vec<PathBuf>, ProjectError> {
    let entries = std::fs::read_dir(folder).map_err(ProjectError::file("read", folder))?;
    let mut sources: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "c"))
        .collect();
    sources.sort();
    Ok(sources)
}
