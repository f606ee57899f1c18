use vuelo_sdk::config::Secret;
use vuelo_sdk::http::{self, RequestBuilder};
use vuelo_sdk::prelude::*;

use crate::{FAILED, SUCCESSFUL, join};

/// What the options of all flows have in common: configuration keys, default
/// thresholds, and the metrics that every flow fills.
pub fn options() -> Options {
    Options::new()
        .thresholds("http_req_duration", ["p(95)<500", "p(99)<1000"])
        .threshold("http_req_failed", "rate<0.01")
        .config(
            Key::url("BASE_URL")
                .default("http://localhost:7777")
                .description("the AgentOS server"),
        )
        .config(
            Key::url("WEB_URL")
                .default("http://localhost:3000")
                .description("the web application"),
        )
        .config(
            Key::url("CCR_URL")
                .default("http://localhost:3456")
                .description("the Claude Code Router, an optional service"),
        )
        .config(
            Key::secret("AUTH_TOKEN")
                .default("test-token")
                .description("the bearer token of authenticated requests"),
        )
        .config(
            Key::text("WORKSPACE_ID")
                .default("load-test-workspace")
                .description("the tenant that the load is booked on"),
        )
        .config(
            Key::text("ENVIRONMENT")
                .default("development")
                .description("the environment's name, a tag of every sample"),
        )
        .metric(&SUCCESSFUL)
        .metric(&FAILED)
}

/// The platform as it is configured for this run.
pub struct Platform {
    base_url: String,
    workspace: String,
    token: Option<Secret>,
}

impl Platform {
    /// Reads the configuration, and marks what follows with the environment: as
    /// `start` calls it, every sample of the virtual user.
    ///
    /// # Errors
    ///
    /// Where `BASE_URL` has no value.
    pub fn from_config() -> Result<Self, Failure> {
        if let Some(environment) = config::get("ENVIRONMENT").filter(|name| !name.is_empty()) {
            flow::set_tag("environment", &environment);
        }
        Ok(Self {
            base_url: config::require("BASE_URL")?,
            workspace: config::get("WORKSPACE_ID").unwrap_or_default(),
            token: config::secret("AUTH_TOKEN"),
        })
    }

    /// The URL of a path of AgentOS.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        join(&self.base_url, path)
    }

    /// The base URL of AgentOS.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// A request with the headers that anybody may send.
    pub fn public(&self, method: &str, url: &str) -> RequestBuilder {
        http::request(method, url)
            .header("content-type", "application/json")
            .header("accept", "application/json")
            .header("x-request-source", "load-test")
    }

    /// A request in the name of the workspace, with the token.
    pub fn authenticated(&self, method: &str, url: &str) -> RequestBuilder {
        let request = self
            .public(method, url)
            .header("x-workspace-id", &self.workspace);
        match &self.token {
            Some(token) => request.bearer(token),
            None => request,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_authenticated_request_carries_all_headers_and_the_environment() {
        let host = fake::Host::new()
            .config("BASE_URL", "http://server")
            .config("WORKSPACE_ID", "acme")
            .config("ENVIRONMENT", "staging")
            .secret("AUTH_TOKEN", "letmein");
        let report = host.play(|| {
            let platform = Platform::from_config().unwrap();
            platform
                .authenticated("GET", &platform.url("/x"))
                .send()
                .unwrap();
            platform.public("GET", &platform.url("/y")).send().unwrap();
        });
        let sent = &report.requests[0];
        assert_eq!(sent.url, "http://server/x");
        assert_eq!(sent.tag("environment"), Some("staging"));
        for (name, value) in [
            ("content-type", "application/json"),
            ("accept", "application/json"),
            ("x-request-source", "load-test"),
            ("authorization", "Bearer letmein"),
            ("x-workspace-id", "acme"),
        ] {
            assert_eq!(sent.header(name), Some(value));
        }
        assert_eq!(report.requests[1].header("authorization"), None);
    }
}
