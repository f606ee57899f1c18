//! One virtual user's visit to the router.

use vuelo_scenario_platform::{Exchange, Outcome, Platform, exchange, join};
use vuelo_sdk::prelude::*;

use crate::SetupData;
use crate::answers::has_quota;
use crate::measures::{AVAILABILITY, HEALTH_DURATION, QUOTA_DURATION};
use crate::routing::Router;

/// What one virtual user asks for: only what answered in setup.
pub(crate) struct Visit {
    health: Vec<Request>,
    poll: Option<Request>,
    pages: Option<Pages>,
    router: Option<Router>,
}

/// AgentOS's page about the router, which is the one place that tells of
/// metrics and quotas.
struct Pages {
    metrics: Request,
    quota: Request,
}

impl Visit {
    pub(crate) fn new(platform: &Platform, data: &SetupData) -> Self {
        let get = |url: &str, kind| {
            platform
                .authenticated("GET", url)
                .tag("endpoint", "ccr")
                .tag("type", kind)
        };
        let direct = data.direct.as_ref().map(|url| join(url, "/health"));
        let proxied = data.through_agentos.then(|| platform.url("/ccr/health"));
        let page = platform.url("/ccr/metrics");
        Self {
            health: [&direct, &proxied]
                .into_iter()
                .flatten()
                .map(|url| get(url, "health").build())
                .collect(),
            poll: direct.or(proxied).map(|url| get(&url, "poll").build()),
            pages: data.through_agentos.then(|| Pages {
                metrics: get(&page, "metrics").build(),
                quota: get(&page, "quota").header("x-quota-check", "true").build(),
            }),
            router: (data.direct.is_some() || data.through_agentos)
                .then(|| Router::new(platform, data)),
        }
    }

    pub(crate) fn make(&mut self) {
        let Some(router) = &mut self.router else {
            // Nothing answers: an iteration without a wait would spin.
            sleep_between(milliseconds(500)..=milliseconds(1500));
            return;
        };
        group("CCR Health", || self.health.iter().for_each(ask_health));
        if let Some(pages) = &self.pages {
            think();
            group("CCR Metrics", || ask_metrics(&pages.metrics));
        }
        group("CCR Routing", || {
            for _ in 0..3 {
                think();
                router.decide();
            }
        });
        if let Some(pages) = &self.pages {
            think();
            group("CCR Quota", || ask_quota(&pages.quota));
        }
        if let Some(poll) = self.poll.as_ref().filter(|_| chance(0.3)) {
            think();
            group("CCR Polling", || {
                for number in 0..3 {
                    if number > 0 {
                        sleep(seconds(1));
                    }
                    ask_health(poll);
                }
            });
        }
        sleep_between(milliseconds(500)..=milliseconds(1500));
    }
}

fn think() {
    sleep_between(milliseconds(50)..=milliseconds(500));
}

fn ask_health(request: &Request) {
    let exchange = exchange(request);
    let outcome = Outcome::of(check("health: status is 200", exchange.has_status(200)));
    outcome.count();
    AVAILABILITY.add(outcome.is_ok());
    HEALTH_DURATION.add_tagged(exchange.duration, &[outcome.tag()]);
}

fn ask_metrics(request: &Request) {
    let exchange = exchange(request);
    let good = exchange.has_status(200) && exchange.json().is_some();
    Outcome::of(check("metrics: answer is JSON", good)).count();
}

fn ask_quota(request: &Request) {
    let exchange: Exchange = exchange(request);
    let good = exchange.has_status(200) && exchange.json().is_some_and(|page| has_quota(&page));
    let outcome = Outcome::of(check("quota: answer tells about it", good));
    outcome.count();
    QUOTA_DURATION.add_tagged(exchange.duration, &[outcome.tag()]);
}
