//! Load as a person at the dashboard makes it: the page, its widgets, polls,
//! and now and then a talk with the agent over AG-UI.

#![deny(missing_docs)]

mod agui;
mod measures;
mod session;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use vuelo_scenario_platform::{Platform, join, options, require_health};
use vuelo_sdk::http::ErrorKind;
use vuelo_sdk::prelude::*;

use session::Session;

/// What setup found out.
#[derive(Serialize, Deserialize)]
pub struct SetupData {
    /// Where the web application is; nothing where only AgentOS is deployed.
    web_url: Option<String>,
    /// Keeps the threads of one run apart from those of another.
    run: String,
}

/// One virtual user, who visits again and again.
pub struct Visitor(Session);

impl Scenario for Visitor {
    type Data = SetupData;

    fn options() -> Options {
        measures::declare(options())
            .stages([stage("1m", 30), stage("3m", 30), stage("1m", 0)])
            .thresholds("dashboard_widget_duration", ["p(95)<800", "p(99)<1500"])
            // The page alone is all the web application's.
            .threshold(
                "http_req_duration{endpoint:page}",
                Threshold::new("p(95)<1000").or_no_data(),
            )
            .threshold(
                "http_req_duration{endpoint:widget}",
                Threshold::new("p(95)<500").or_no_data(),
            )
            .threshold("http_req_duration{endpoint:poll}", "p(95)<300")
    }

    fn start(data: SetupData) -> Result<Self, Failure> {
        let platform = Platform::from_config()?;
        Ok(Self(Session::new(&platform, &data)))
    }

    fn iteration(&mut self, flow: &str) -> Result<(), Failure> {
        if flow != "default" {
            return Err(flow::unknown_flow(flow, &["default"]));
        }
        self.0.spend();
        Ok(())
    }
}

impl Setup for Visitor {
    fn setup() -> Result<SetupData, Failure> {
        let platform = Platform::from_config()?;
        require_health(&platform)?;
        Ok(SetupData {
            web_url: find_web(&platform),
            run: run_name(),
        })
    }
}

/// Where the web application is, if it is there. Only an address where nobody
/// listens counts as absence: one that answers badly is there, and is loaded.
fn find_web(platform: &Platform) -> Option<String> {
    let Some(url) = config::get("WEB_URL").filter(|url| !url.is_empty()) else {
        warn!("WEB_URL is not set: requests to the web application are left out");
        return None;
    };
    let page = platform.public("GET", &join(&url, "/dashboard"));
    match page.tag("endpoint", "probe").unjudged().send() {
        Err(error) if is_absence(error.kind()) => {
            warn!("requests to the web application are left out, WEB_URL is {url}: {error}");
            None
        }
        _ => Some(url),
    }
}

fn is_absence(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionRefused | ErrorKind::NameLookup | ErrorKind::Connect
    )
}

/// A name that no other run has. Draws would repeat it with the run's seed, and
/// servers remember the threads of earlier runs.
fn run_name() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    [
        "load-test-",
        &now.unwrap_or_default().as_millis().to_string(),
    ]
    .concat()
}

vuelo_sdk::scenario!(Visitor, setup);
