//! C, by clang with wasi-libc. The bindings are generated here.

use std::path::{Path, PathBuf};

use wit_bindgen_core::Files;

use super::error::ProjectError;
use super::language::Language;
use super::sdk::write_file;
use super::settings::Project;
use super::tool::Tool;
use super::{encoding, world};

/// What Debian and its children call what is needed.
const INSTALL: &str = "apt-get install clang lld wasi-libc libclang-rt-14-dev-wasm32";

/// Where Debian has wasi-libc.
const LIBC: &str = "/usr/lib/wasm32-wasi/libc.a";

pub(super) fn build(
    project: &Project,
    component: &Path,
    step: &mut dyn FnMut(&str),
) -> Result<(), ProjectError> {
    project.source("scenario.c")?;
    let clang = Tool::find(Language::C, "clang", &[], INSTALL)?;
    Tool::find(Language::C, "wasm-ld", &[], INSTALL)?;
    // Another clang has a libc of its own, and is told where by its options.
    let own_options = std::env::var("WASI_CFLAGS").unwrap_or_default();
    if own_options.is_empty() && !Path::new(LIBC).is_file() {
        return Err(ProjectError::ToolMissing {
            language: Language::C,
            tool: "wasi-libc".to_owned(),
            install: INSTALL.to_owned(),
        });
    }
    let wit = world::write(project)?;
    let bindings = project.build_folder()?.join("bindings");
    generate(&wit, &bindings)?;
    step("clang compiles it");
    let folder = &project.folder;
    let library = project.library(Language::C);
    let module = folder.join("build/module.wasm");
    let remap = |from: &Path, to: &str| format!("-ffile-prefix-map={}={to}", from.display());
    clang
        .command(folder)
        .args([
            "--target=wasm32-wasi",
            "-mexec-model=reactor",
            "-Os",
            "-Wall",
        ])
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
        .run()?;
    step("the module becomes a component");
    write_file(component, &encoding::component(&module, &wit)?)
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
