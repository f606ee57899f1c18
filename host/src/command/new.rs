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
        // It is there where Rust is, but for the target.
        Language::Rust => "rustup target add wasm32-wasip2",
        other => other.installing(),
    };
    report::print(&format!(
        "made {}, a scenario in {language}; README.md there says more:\n\n  \
         cd {}\n  {prepare}\n  vuelo build\n  vuelo run ./{}.wasm --demo\n",
        args.name,
        folder.display(),
        args.name,
    ));
    Ok(Exit::Passed)
}
