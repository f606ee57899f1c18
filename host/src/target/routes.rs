//! Every endpoint of the target, and what answers it.

use hyper::Method;

/// An endpoint: a method and a path.
#[derive(Debug)]
pub(super) struct Endpoint {
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) subject: Subject,
}

/// What an endpoint is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// Whether AgentOS, and the router behind the same port, is up.
    Health,
    /// The card of the agent that speaks the standard protocol.
    StandardCard,
    /// The list of all agents.
    AgentListing,
    /// The card of one AgentOS agent.
    AgentCard(Agent),
    /// JSON-RPC as AgentOS speaks it.
    AgentRpc(Agent),
    /// JSON-RPC of the A2A standard.
    StandardRpc,
    /// The health of the dashboard agent.
    DashboardHealth,
    /// The status of the project management agent.
    PmStatus,
    /// The metrics page of AgentOS.
    Prometheus,
    /// A run of the AG-UI protocol.
    AgUi,
    /// A part of the web application.
    Web(WebPart),
    /// A part of the Claude Code Router.
    Ccr(CcrPart),
}

/// The agents of AgentOS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Agent {
    DashboardGateway,
    Navi,
    Pulse,
    Herald,
}

impl Agent {
    /// All of them, in the order of the listing.
    pub(super) const ALL: [Self; 4] = [
        Self::DashboardGateway,
        Self::Navi,
        Self::Pulse,
        Self::Herald,
    ];

    /// The name in its paths.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::DashboardGateway => "dashboard_gateway",
            Self::Navi => "navi",
            Self::Pulse => "pulse",
            Self::Herald => "herald",
        }
    }
}

/// What the web application serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WebPart {
    Page,
    Widgets,
    Alerts,
    Activity,
    Metrics,
}

/// What the Claude Code Router serves; all but the messages through AgentOS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CcrPart {
    Health,
    Metrics,
    Messages,
}

/// Where the standard protocol is spoken; the card says so too.
pub(super) const STANDARD_RPC_PATH: &str = "/a2a/rpc";

macro_rules! endpoints {
    ($($method:ident $path:expr => $subject:expr;)*) => {
        &[$(Endpoint { method: Method::$method, path: $path, subject: $subject },)*]
    };
}

/// All endpoints. The index of one is also its slot in the counts.
pub(super) static ENDPOINTS: &[Endpoint] = endpoints! {
    GET "/health" => Subject::Health;
    GET "/.well-known/agent-card.json" => Subject::StandardCard;
    GET "/.well-known/agent.json" => Subject::StandardCard;
    GET "/.well-known/agents" => Subject::AgentListing;
    GET "/a2a/dashboard_gateway/.well-known/agent.json" => Subject::AgentCard(Agent::DashboardGateway);
    GET "/a2a/navi/.well-known/agent.json" => Subject::AgentCard(Agent::Navi);
    GET "/a2a/pulse/.well-known/agent.json" => Subject::AgentCard(Agent::Pulse);
    GET "/a2a/herald/.well-known/agent.json" => Subject::AgentCard(Agent::Herald);
    POST "/a2a/dashboard_gateway/rpc" => Subject::AgentRpc(Agent::DashboardGateway);
    POST "/a2a/navi/rpc" => Subject::AgentRpc(Agent::Navi);
    POST "/a2a/pulse/rpc" => Subject::AgentRpc(Agent::Pulse);
    POST "/a2a/herald/rpc" => Subject::AgentRpc(Agent::Herald);
    POST STANDARD_RPC_PATH => Subject::StandardRpc;
    GET "/agents/dashboard/health" => Subject::DashboardHealth;
    GET "/agents/pm/a2a/status" => Subject::PmStatus;
    GET "/metrics" => Subject::Prometheus;
    POST "/agui" => Subject::AgUi;
    GET "/dashboard" => Subject::Web(WebPart::Page);
    GET "/api/dashboard/widgets" => Subject::Web(WebPart::Widgets);
    GET "/api/dashboard/alerts" => Subject::Web(WebPart::Alerts);
    GET "/api/dashboard/activity" => Subject::Web(WebPart::Activity);
    GET "/api/dashboard/metrics" => Subject::Web(WebPart::Metrics);
    GET "/ccr/health" => Subject::Ccr(CcrPart::Health);
    GET "/ccr/metrics" => Subject::Ccr(CcrPart::Metrics);
    POST "/v1/messages" => Subject::Ccr(CcrPart::Messages);
};

/// What a request found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// The endpoint with this index.
    Endpoint(usize),
    /// A path that is known, but for another method.
    OtherMethod(&'static Method),
    /// Nothing.
    Nothing,
}

/// Finds the endpoint of a request.
pub(super) fn find(method: &Method, path: &str) -> Found {
    let mut found = Found::Nothing;
    // A scan: lengths differ, so most comparisons end before the first byte.
    for (index, endpoint) in ENDPOINTS.iter().enumerate() {
        if endpoint.path == path {
            if endpoint.method == *method {
                return Found::Endpoint(index);
            }
            found = Found::OtherMethod(&endpoint.method);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_found_by_method_and_path_and_no_two_are_the_same() {
        for (index, endpoint) in ENDPOINTS.iter().enumerate() {
            assert_eq!(
                find(&endpoint.method, endpoint.path),
                Found::Endpoint(index),
                "{}",
                endpoint.path
            );
        }
        assert_eq!(
            find(&Method::DELETE, "/health"),
            Found::OtherMethod(&Method::GET)
        );
        assert_eq!(find(&Method::GET, "/healthy"), Found::Nothing);
    }
}
