//! Scenarios that are run by the built command, and must pass.

use crate::harness::Folder;

/// Runs a guest by four users, with this plan beside the thresholds: all of these
/// are counts, and all checks must hold. Says `passed`, or what the command says.
pub fn run(
    guest: &[u8],
    iterations: usize,
    values: &[(&str, &str)],
    counts: &[(&str, usize)],
    plan: &str,
) -> String {
    let mut plan = format!(
        "{plan}\n\
         [components.guest.options.thresholds]\n\
         checks = [\"rate==1\"]\n\
         iterations_failed = [\"count==0\"]\n"
    );
    for (metric, count) in counts {
        plan += &format!("\"{metric}\" = [\"count=={count}\"]\n");
    }
    let folder = Folder::new()
        .with("guest.wasm", guest)
        .with("vuelo.toml", plan);
    let mut arguments = vec!["run", "guest.wasm", "-u", "4", "-i"];
    let iterations = iterations.to_string();
    arguments.push(&iterations);
    let values: Vec<String> = values
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    for value in &values {
        arguments.extend(["-e", value]);
    }
    let ran = folder.vuelo(&arguments);
    match ran.code {
        0 => "passed".to_owned(),
        code => format!("exit code {code}:\n{}\n{}", ran.stdout, ran.stderr),
    }
}
