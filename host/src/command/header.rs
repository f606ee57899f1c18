//! What is said of a run before it starts.

use std::collections::BTreeSet;

use super::run::Ready;
use crate::report::{Colour, Paint};

/// The key that says where the load goes.
const TARGET: &str = "BASE_URL";

/// What runs, for how long, against what.
pub(super) fn header(ready: &Ready, paint: Paint) -> String {
    let resolved = &ready.resolved;
    let plan = &resolved.plan;
    let mut text = format!(
        "\n{} {}\n",
        paint.text(
            Colour::Heading,
            concat!("vuelo ", env!("CARGO_PKG_VERSION"))
        ),
        paint.text(Colour::Heading, &plan.name),
    );
    let mut line = |title: &str, content: &str| text.push_str(&format!("  {title:12} {content}\n"));
    let several = ready.components.len() > 1;
    for (artifact, _) in &ready.components {
        let digest = artifact.digest.to_string();
        if several {
            line("artifact", &format!("{}, {digest}", artifact.name));
        } else {
            line("artifact", &digest);
        }
        let origin = if artifact.origin.is_pinned() {
            artifact.origin.to_string()
        } else {
            paint.text(Colour::Notable, &artifact.origin)
        };
        line("", &origin);
    }
    for scenario in resolved.scenario_heads() {
        line("scenario", &scenario);
    }
    line("load", &resolved.extent());
    line(
        "environment",
        &format!("{}, seed {}", plan.environment, plan.seed),
    );
    let targets: BTreeSet<&String> = plan
        .scenarios
        .iter()
        .filter_map(|scenario| {
            let component = &plan.components[scenario.component].config;
            let own = scenario.env.get(TARGET);
            own.or_else(|| component.values.get(TARGET))
        })
        .collect();
    for url in targets {
        line("target", url);
    }
    for note in &resolved.notes {
        let mark = paint.text(Colour::Notable, "note");
        text.push_str(&format!("  {mark} {note}\n"));
    }
    text.push('\n');
    text
}
