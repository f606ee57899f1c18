//! `vuelo new`.

use super::{Exit, Failure};
use crate::cli::NewArgs;
use crate::project::{self, Language};
use crate::report;

/// Makes a scenario's project.
///
/// # Errors
///
/// When something is where it was to be made, or it cannot be written.
pub fn new(args: &NewArgs) -> Result<Exit, Failure> {
    let language = Language::from(args.lang);
    let named = args.name.as_str().into();
    let folder = args.folder.as_ref().unwrap_or(&named);
    project::create(&args.name, language, folder)?;
    let prepare = match language {
        Language::Rust => "rustup target add wasm32-wasip2\n  ",
        Language::JavaScript | Language::TypeScript => "npm install\n  ",
        Language::Python => {
            "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt\n  "
        }
        Language::C => "apt-get install clang lld wasi-libc libclang-rt-14-dev-wasm32\n  ",
        Language::Go => "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt\n  ",
    };
    report::print(&format!(
        "made {}, a scenario in {language}; README.md there says more:\n\n  \
         cd {}\n  {prepare}vuelo build\n  vuelo run ./{}.wasm --demo\n",
        args.name,
        folder.display(),
        args.name,
    ));
    Ok(Exit::Passed)
}
