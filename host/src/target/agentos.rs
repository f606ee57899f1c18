//! AgentOS: health, status, metrics, and the JSON-RPC methods of its agents.

use hyper::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::access::Access;
use super::faults::Fault;
use super::json_rpc::{Code, Members, NoCall};
use super::response::{Answer, json, json_ok, typed};
use super::routes::Agent;

/// `GET /health`.
pub(super) fn health() -> Answer {
    json_ok(r#"{"status":"ok","service":"agentos","version":"1.0.0","database":"connected"}"#)
}

/// `GET /agents/dashboard/health`.
pub(super) fn dashboard_health() -> Answer {
    json_ok(
        r#"{"status":"healthy","agent":"dashboard_gateway","checks":{"model":"ok","memory":"ok","tools":"ok"},"active_runs":2}"#,
    )
}

/// `GET /agents/pm/a2a/status`.
pub(super) fn pm_status() -> Answer {
    json_ok(
        r#"{"status":"ok","agents":{"navi":{"available":true},"pulse":{"available":true},"herald":{"available":true}},"protocol":"1.0"}"#,
    )
}

/// `GET /metrics`, in Prometheus' text format.
pub(super) fn prometheus() -> Answer {
    typed(
        StatusCode::OK,
        "text/plain; version=0.0.4; charset=utf-8",
        PROMETHEUS,
    )
}

const PROMETHEUS: &str = "\
# HELP agentos_requests_total Requests by agent and outcome.
# TYPE agentos_requests_total counter
agentos_requests_total{agent=\"dashboard_gateway\",outcome=\"ok\"} 18342
agentos_requests_total{agent=\"dashboard_gateway\",outcome=\"error\"} 17
agentos_requests_total{agent=\"navi\",outcome=\"ok\"} 9120
agentos_requests_total{agent=\"navi\",outcome=\"error\"} 4
agentos_requests_total{agent=\"pulse\",outcome=\"ok\"} 4410
agentos_requests_total{agent=\"herald\",outcome=\"ok\"} 2207
# HELP agentos_request_duration_seconds Time to answer.
# TYPE agentos_request_duration_seconds histogram
agentos_request_duration_seconds_bucket{le=\"0.005\"} 19022
agentos_request_duration_seconds_bucket{le=\"0.01\"} 28110
agentos_request_duration_seconds_bucket{le=\"0.025\"} 33581
agentos_request_duration_seconds_bucket{le=\"0.05\"} 34011
agentos_request_duration_seconds_bucket{le=\"0.1\"} 34090
agentos_request_duration_seconds_bucket{le=\"+Inf\"} 34100
agentos_request_duration_seconds_sum 232.17
agentos_request_duration_seconds_count 34100
# HELP agentos_active_runs Runs in progress.
# TYPE agentos_active_runs gauge
agentos_active_runs 2
# HELP process_resident_memory_bytes Resident memory size in bytes.
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 2.68435456e+08
";

/// What is read of a call; parameters are accepted as they come.
#[derive(Deserialize)]
struct Call {
    #[serde(default)]
    id: Value,
    method: String,
}

/// `POST /a2a/{agent}/rpc`.
pub(super) fn rpc(agent: Agent, access: Access, body: &[u8], fault: Option<Fault>) -> Answer {
    let call: Call = match serde_json::from_slice(body) {
        Ok(call) => call,
        Err(error) => return unprocessable(error.into()),
    };
    let id = &call.id;
    if access == Access::Missing {
        return json_ok(Members::Both.failure(id, Code::InvalidRequest, "Authentication required"));
    }
    let name = agent.name();
    let result = match call.method.as_str() {
        "health" => format!(r#"{{"status":"healthy","agent":"{name}","version":"1.0.0"}}"#),
        "capabilities" => format!(
            r#"{{"agent":"{name}","capabilities":["health","capabilities","run"],"streaming":false,"tools":["get_project_status","get_recent_activity","render_widget"]}}"#
        ),
        "run" => format!(
            r#"{{"agent":"{name}","success":true,"content":"Three projects are on track and one needs a decision: the beta's scope has grown by two features since Monday.","tool_calls":[],"artifacts":[],"duration_ms":412}}"#
        ),
        method => {
            let message = format!("Method not found: {method}");
            return json_ok(Members::Both.failure(id, Code::MethodNotFound, &message));
        }
    };
    json_ok(match fault {
        Some(Fault::RpcError) => {
            Members::Both.failure(id, Code::Internal, "Agent execution failed")
        }
        Some(Fault::HiddenFailure) => Members::Both.success(id, HIDDEN_FAILURE),
        _ => Members::Both.success(id, &result),
    })
}

/// A result by which the agent hides that its tool failed.
const HIDDEN_FAILURE: &str =
    r#"{"success":true,"content":"{\"status\":\"error\",\"error\":\"upstream model timed out\"}"}"#;

/// What the web framework of AgentOS says of a body that it cannot read.
fn unprocessable(why: NoCall) -> Answer {
    json(
        StatusCode::UNPROCESSABLE_ENTITY,
        match why {
            NoCall::NotJson => {
                r#"{"detail":[{"type":"json_invalid","loc":["body",0],"msg":"JSON decode error","input":{},"ctx":{"error":"Expecting value"}}]}"#
            }
            NoCall::WrongShape => {
                r#"{"detail":[{"type":"missing","loc":["body","method"],"msg":"Field required","input":{}}]}"#
            }
        },
    )
}
