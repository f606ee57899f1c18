//! The command `vuelo`.

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use vuelo::cli::{Cli, Command};
use vuelo::command::{self, Exit};
use vuelo::report;

#[cfg(not(debug_assertions))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Nothing is left to be said where the terminal is gone.
            let _ = error.print();
            return match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
                _ => Exit::Usage.into(),
            };
        }
    };
    let done = match cli.command {
        Command::Run(args) => command::run(&args),
        Command::New(args) => command::new(&args),
        Command::Build(args) => command::build(&args),
        Command::Inspect(args) => command::inspect(&args),
        Command::Conformance(args) => command::conformance(&args),
        Command::Merge(args) => command::merge(&args),
        Command::Target(args) => command::target(&args),
    };
    match done {
        Ok(exit) => exit.into(),
        Err(failure) => {
            report::print_error(&format!("vuelo: {failure}\n"));
            failure.exit().into()
        }
    }
}
