use vuelo_sdk::prelude::*;

use crate::Platform;

/// Asks for `{BASE_URL}/health`, as setup does before the load.
///
/// # Errors
///
/// Anything but status 200: a text that names the URL, what happened, and what
/// to try.
pub fn require_health(platform: &Platform) -> Result<(), Failure> {
    let url = platform.url("/health");
    let request = platform
        .authenticated("GET", &url)
        .tag("endpoint", "health")
        .build();
    match request.send() {
        Ok(answer) if answer.status() == 200 => Ok(()),
        Ok(answer) => {
            let status = answer.status();
            let hint = match status {
                401 | 403 => "the server refuses the token: check AUTH_TOKEN",
                404 => "this is no AgentOS server, or BASE_URL lacks a path: check --base-url",
                429 => "the server limits requests: wait, or raise the limit of WORKSPACE_ID",
                500..=599 => "the server is not well: check its log before putting load on it",
                _ => "only 200 is health: check --base-url",
            };
            Err(Failure::new(format_args!(
                "the health check failed: GET {url} answered {status}; {hint}"
            )))
        }
        Err(error) => Err(Failure::new(format_args!(
            "the health check failed: GET {url}: {error}; is the server running there? \
             (--base-url says where)"
        ))),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn asked(host: fake::Host) -> Result<(), Failure> {
        let mut outcome = Ok(());
        let host = host
            .config("BASE_URL", "http://server:7777/")
            .secret("AUTH_TOKEN", "t");
        host.play(|| outcome = require_health(&Platform::from_config().unwrap()));
        outcome
    }

    #[test]
    fn status_200_is_health() {
        asked(fake::Host::new().on("GET", "/health", fake::reply(200))).unwrap();
    }

    #[test]
    fn another_status_says_where_what_and_what_to_try() {
        let failure = asked(fake::Host::new().on("GET", "/health", fake::reply(403))).unwrap_err();
        assert_eq!(
            failure.text(),
            "the health check failed: GET http://server:7777/health answered 403; \
             the server refuses the token: check AUTH_TOKEN"
        );
    }

    #[test]
    fn no_answer_says_where_and_why() {
        let host = fake::Host::new().on("GET", "/health", fake::unreachable());
        let failure = asked(host).unwrap_err();
        assert!(
            failure
                .text()
                .contains("GET http://server:7777/health: nobody listens")
        );
    }
}
