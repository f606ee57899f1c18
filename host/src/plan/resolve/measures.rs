//! The components' own metrics, and the thresholds of all layers.

use std::collections::BTreeMap;

use super::layers::Layers;
use crate::metrics::{MetricsError, Registry, Selector, Threshold};
use crate::plan::MetricDeclaration;
use crate::plan::error::{Mistakes, PlanError};
use crate::plan::named::Named;
use crate::plan::profile::TimeScale;

/// All metrics: the built-in ones and the components'. Two components may
/// declare one alike, which is one metric then.
pub(super) fn registry(layers: &Layers<'_>, mistakes: &mut Mistakes) -> Registry {
    let mut registry = Registry::new();
    for layer in layers.iter() {
        for (name, metric) in layer.options.metrics.iter().flat_map(Named::iter) {
            let declared = registry.declare(name, metric.kind.into(), metric.unit.into());
            if let Err(error) = declared {
                let path = format!("metrics.{name}");
                mistakes.add(PlanError::Metrics {
                    origin: layer.origin.clone(),
                    at: layers.position(layer, &path),
                    path,
                    error,
                });
            }
        }
    }
    registry
}

/// The thresholds of all layers. Those that another layer replaces are checked,
/// too: a mistake does not go away by that. Layers of one level, which
/// components that run together have, add to each other.
pub(super) fn thresholds(
    registry: &Registry,
    layers: &Layers<'_>,
    scale: TimeScale,
    mistakes: &mut Mistakes,
) -> Vec<(Selector, Vec<Threshold>)> {
    let mut judged: Vec<(usize, Selector, Vec<Threshold>)> = Vec::new();
    for layer in layers.iter() {
        for (text, written) in layer.options.thresholds.iter().flat_map(Named::iter) {
            let path = format!("thresholds.{text}");
            let wrong = |path: String, error| {
                let path = layer.path_in_text(&path);
                PlanError::Metrics {
                    origin: layer.origin.clone(),
                    at: layers.position(layer, &path),
                    path,
                    error,
                }
            };
            let selector: Selector = match text.parse() {
                Ok(selector) => selector,
                Err(error) => {
                    mistakes.add(wrong(path, error));
                    continue;
                }
            };
            let metric = match registry.require(&selector.metric) {
                Ok(metric) => metric,
                Err(error) => {
                    if !is_explained(layers, &selector.metric, &error) {
                        mistakes.add(wrong(path, error));
                    }
                    continue;
                }
            };
            let mut thresholds: Vec<Threshold> = Vec::new();
            for (index, written) in written.0.iter().enumerate() {
                let mut threshold = Threshold::from(written);
                let metric_type = registry.get(metric).metric_type;
                if let Err(error) = threshold.expression.check(metric_type) {
                    mistakes.add(wrong(format!("{path}[{index}]"), error));
                }
                // It is a point in the profile; a window is a time as people
                // feel it.
                threshold.delay_abort_eval = scale.scale(threshold.delay_abort_eval);
                thresholds.push(threshold);
            }
            // By what it selects: `m{a:b}` and `m{ a:b }` are one.
            match judged.iter_mut().find(|(_, known, _)| *known == selector) {
                Some((level, _, beside)) if *level == layer.level => {
                    thresholds.retain(|threshold| !beside.contains(threshold));
                    beside.extend(thresholds);
                }
                Some((level, _, replaced)) => (*level, *replaced) = (layer.level, thresholds),
                None => judged.push((layer.level, selector, thresholds)),
            }
        }
    }
    let judged = judged.into_iter();
    judged
        .map(|(_, selector, thresholds)| (selector, thresholds))
        .filter(|(_, thresholds)| !thresholds.is_empty())
        .collect()
}

/// Whether a metric is unknown because its declaration does not parse.
fn is_explained(layers: &Layers<'_>, metric: &str, error: &MetricsError) -> bool {
    let path = format!("metrics.{metric}");
    matches!(error, MetricsError::Unknown { .. })
        && layers
            .iter()
            .any(|layer| layer.explains(&path) || layer.explains("metrics"))
}

/// The components' own metrics.
pub(super) fn declarations(layers: &Layers<'_>) -> BTreeMap<String, MetricDeclaration> {
    let metrics = layers
        .iter()
        .flat_map(|layer| layer.options.metrics.iter().flat_map(Named::iter));
    metrics
        .map(|(name, metric)| {
            let declaration = MetricDeclaration {
                metric_type: metric.kind.into(),
                unit: metric.unit.into(),
            };
            (name.to_owned(), declaration)
        })
        .collect()
}
