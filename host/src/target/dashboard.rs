//! The web application: the dashboard's page and the data of its widgets.

use std::fmt::Write;

use bytes::Bytes;
use hyper::StatusCode;
use serde_json::{Value, json};

use super::response::{Answer, json_ok, typed};
use super::routes::WebPart;

/// What the web application serves, written once.
#[derive(Debug)]
pub(super) struct WebPages {
    page: Bytes,
    widgets: Bytes,
    alerts: Bytes,
    activity: Bytes,
    metrics: Bytes,
}

impl WebPages {
    pub(super) fn new() -> Self {
        let body = |value: Value| Bytes::from(value.to_string());
        Self {
            page: page(),
            widgets: body(widgets()),
            alerts: body(alerts()),
            activity: body(activity()),
            metrics: body(metrics()),
        }
    }

    pub(super) fn answer(&self, part: WebPart) -> Answer {
        match part {
            WebPart::Page => typed(
                StatusCode::OK,
                "text/html; charset=utf-8",
                self.page.clone(),
            ),
            WebPart::Widgets => json_ok(self.widgets.clone()),
            WebPart::Alerts => json_ok(self.alerts.clone()),
            WebPart::Activity => json_ok(self.activity.clone()),
            WebPart::Metrics => json_ok(self.metrics.clone()),
        }
    }
}

const WIDGETS: [&str; 8] = [
    "project-status",
    "task-list",
    "team-activity",
    "alerts",
    "metrics",
    "milestones",
    "budget",
    "agent-runs",
];

/// About 40 kB, as a page rendered on the server has before its scripts.
fn page() -> Bytes {
    let mut html = String::with_capacity(48 * 1024);
    html.push_str(concat!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Dashboard</title>",
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><style>",
    ));
    // Writing to a String cannot fail.
    for step in 0..120 {
        let _ = write!(
            html,
            ".gap-{step}{{gap:{step}px}}.w-{step}{{width:{}%}}.pad-{step}{{padding:{step}px}}",
            step % 101
        );
    }
    html.push_str("</style></head><body><main id=\"dashboard\">");
    for widget in WIDGETS {
        let _ = write!(
            html,
            "<section class=\"widget gap-8 pad-16\" data-widget=\"{widget}\"><h2>{widget}</h2><ul>"
        );
        for row in 0..30 {
            let _ = write!(
                html,
                "<li class=\"row w-100\"><a href=\"/projects/{row}\">Project {row}</a><span class=\"state\">on track</span><time>2026-01-01</time></li>"
            );
        }
        html.push_str("</ul></section>");
    }
    html.push_str("</main></body></html>\n");
    html.into()
}

fn widgets() -> Value {
    let widgets: Vec<Value> = WIDGETS
        .iter()
        .enumerate()
        .map(|(index, name)| {
            json!({
                "id": format!("widget-{index}"),
                "type": name,
                "position": { "x": index % 3 * 4, "y": index / 3 * 3, "w": 4, "h": 3 },
                "data": { "title": name, "value": 10 + index * 7, "trend": [3, 5, 4, 8, 7, 9, 12] },
            })
        })
        .collect();
    json!({ "widgets": widgets, "total": WIDGETS.len() })
}

fn alerts() -> Value {
    json!({
        "alerts": [
            { "id": "alert-1", "severity": "warning", "message": "Scope of the beta has grown", "read": false },
            { "id": "alert-2", "severity": "info", "message": "Weekly report is ready", "read": true },
        ],
        "unread": 1,
    })
}

fn activity() -> Value {
    let activity: Vec<Value> = (0..20)
        .map(|number| {
            json!({
                "id": format!("activity-{number}"),
                "actor": if number % 3 == 0 { "navi" } else { "pulse" },
                "action": "task.updated",
                "target": format!("task-{}", 100 + number),
                "at": format!("2026-01-01T09:{number:02}:00Z"),
            })
        })
        .collect();
    json!({ "activity": activity, "nextCursor": null })
}

fn metrics() -> Value {
    json!({
        "metrics": {
            "projects": { "active": 12, "atRisk": 1, "done": 34 },
            "tasks": { "open": 87, "closedThisWeek": 41 },
            "agents": { "runsToday": 212, "successRate": 0.994, "avgDurationMs": 412 },
        },
        "period": "7d",
    })
}
