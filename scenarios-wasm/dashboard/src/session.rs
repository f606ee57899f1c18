//! One person's visit, from the page's load to leaving it.

use vuelo_scenario_platform::{Exchange, Outcome, Platform, exchange, exchange_all, join};
use vuelo_sdk::prelude::*;

use crate::SetupData;
use crate::agui::Agent;
use crate::measures::WIDGET_DURATION;

/// What one virtual user asks for.
pub(crate) struct Session {
    has_web: bool,
    page: Vec<Asked>,
    widgets: Vec<Asked>,
    metrics: Vec<Asked>,
    poll: Asked,
    agent: Agent,
}

/// A request, and what makes its answer good.
struct Asked {
    request: Request,
    name: &'static str,
    /// Whether the web application answers it, which may be absent.
    of_web: bool,
    expects: Expects,
}

#[derive(Clone, Copy)]
enum Expects {
    Status,
    Json,
    /// Prometheus text: names and numbers, a line each.
    Metrics,
}

const HEALTH: &str = "/agents/dashboard/health";

impl Session {
    pub(crate) fn new(platform: &Platform, data: &SetupData) -> Self {
        let agentos = |path: &str, endpoint, name, expects| Asked {
            request: platform
                .authenticated("GET", &platform.url(path))
                .tag("endpoint", endpoint)
                .build(),
            name,
            of_web: false,
            expects,
        };
        let web = |path: &str, endpoint, name, expects| {
            let url = join(data.web_url.as_deref().unwrap_or_default(), path);
            let request = platform
                .authenticated("GET", &url)
                .tag("endpoint", endpoint);
            Asked {
                request: request.build(),
                name,
                of_web: true,
                expects,
            }
        };
        let widget = |kind: &'static str| Asked {
            request: platform
                .authenticated("GET", &platform.url(HEALTH))
                .header("x-widget-type", kind)
                .tag("endpoint", "widget")
                .build(),
            name: "widget: agent status",
            of_web: false,
            expects: Status,
        };
        let present = |mut list: Vec<Asked>| {
            list.retain(|asked| data.web_url.is_some() || !asked.of_web);
            list
        };
        use Expects::{Json, Metrics, Status};
        Self {
            has_web: data.web_url.is_some(),
            page: present(vec![
                agentos("/health", "health", "page: AgentOS is healthy", Status),
                web("/dashboard", "page", "page: dashboard loads", Status),
                agentos(HEALTH, "health", "page: dashboard agent is healthy", Status),
                agentos(
                    "/agents/pm/a2a/status",
                    "health",
                    "page: A2A status is known",
                    Status,
                ),
            ]),
            // A batch takes the first three, four or five of these, so that each
            // has an agent's widget, and is not empty without the web application.
            widgets: vec![
                web("/api/dashboard/widgets", "widget", "widget: widgets", Json),
                web("/api/dashboard/alerts", "widget", "widget: alerts", Json),
                widget("agents"),
                web(
                    "/api/dashboard/activity",
                    "widget",
                    "widget: activity",
                    Json,
                ),
                widget("tasks"),
            ],
            metrics: present(vec![
                web(
                    "/api/dashboard/metrics",
                    "metrics",
                    "metrics: dashboard metrics",
                    Json,
                ),
                agentos("/metrics", "metrics", "metrics: Prometheus text", Metrics),
            ]),
            poll: agentos(HEALTH, "poll", "poll: dashboard agent is healthy", Status),
            agent: Agent::new(platform, &data.run),
        }
    }

    pub(crate) fn spend(&mut self) {
        group("Page Load", || self.load_page());
        sleep_between(milliseconds(500)..=milliseconds(1500));
        group("Widgets", || self.fill_widgets());
        sleep_between(milliseconds(1000)..=milliseconds(2000));
        group("Metrics", || {
            for asked in &self.metrics {
                asked.ask();
            }
        });
        sleep_between(milliseconds(2000)..=milliseconds(4000));
        group("Polling", || {
            for number in 0..3 {
                if number > 0 {
                    sleep(seconds(2));
                }
                self.poll.ask();
            }
        });
        if chance(0.2) {
            group("AG-UI", || self.agent.talk());
        }
        sleep_between(milliseconds(1000)..=milliseconds(3000));
    }

    fn load_page(&self) {
        for (number, asked) in self.page.iter().enumerate() {
            if number > 0 {
                sleep_between(milliseconds(50)..=milliseconds(300));
            }
            asked.ask();
        }
    }

    fn fill_widgets(&self) {
        let size = *pick(&[3, 4, 5]);
        let batch: Vec<_> = self.widgets[..size]
            .iter()
            .filter(|asked| self.has_web || !asked.of_web)
            .collect();
        let requests: Vec<_> = batch.iter().map(|asked| &asked.request).collect();
        for (asked, exchange) in batch.iter().zip(exchange_all(&requests)) {
            let outcome = asked.judge(&exchange);
            WIDGET_DURATION.add_tagged(exchange.duration, &[outcome.tag()]);
        }
    }
}

impl Asked {
    fn ask(&self) -> Outcome {
        self.judge(&exchange(&self.request))
    }

    fn judge(&self, exchange: &Exchange) -> Outcome {
        let good = exchange.has_status(200)
            && match self.expects {
                Expects::Status => true,
                Expects::Json => exchange.json().is_some(),
                Expects::Metrics => exchange
                    .body()
                    .is_some_and(|body| is_prometheus_text(&body)),
            };
        let outcome = Outcome::of(check(self.name, good));
        outcome.count();
        outcome
    }
}

/// Whether the first line that is no comment ends in a number, as all must.
fn is_prometheus_text(body: &[u8]) -> bool {
    let text = std::str::from_utf8(body).unwrap_or_default();
    let mut lines = text.lines().filter(|line| !line.is_empty());
    lines.next().is_some_and(|line| {
        line.starts_with("# ")
            || line.split(' ').nth(1).is_some_and(|value| {
                value.starts_with(|first: char| {
                    first.is_ascii_digit() || matches!(first, '-' | '+' | 'N')
                })
            })
    })
}
