//! The Claude Code Router: health and metrics through AgentOS, messages direct.

use hyper::StatusCode;
use hyper::header::HeaderMap;
use serde::Deserialize;

use super::access::Access;
use super::draws::Draws;
use super::response::{Answer, json, json_ok, quoted, text};

/// `GET /ccr/health`.
pub(super) fn health() -> Answer {
    json_ok(
        r#"{"status":"healthy","connected":true,"providers":{"anthropic":"up","deepseek":"up","openrouter":"up"},"latency_ms":3}"#,
    )
}

/// `GET /ccr/metrics`. Headers ask for more: a routing decision
/// (`X-Requested-Model`), the quota (`X-Quota-Check: true`).
pub(super) fn metrics(headers: &HeaderMap) -> Answer {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let mut body = String::from(
        r#"{"requests_total":34100,"errors_total":21,"fallbacks_total":9,"by_provider":{"anthropic":25110,"deepseek":6120,"openrouter":2870}"#,
    );
    if let Some(model) = header("x-requested-model") {
        let routed = route(model);
        body.push_str(&format!(
            r#","routing":{{"requested_model":{},"routed_model":{},"provider":"{}","task_type":{},"priority":{},"fallback":false}}"#,
            quoted(model),
            quoted(routed),
            provider(routed),
            quoted(header("x-task-type").unwrap_or("default")),
            quoted(header("x-priority").unwrap_or("normal")),
        ));
    }
    if header("x-quota-check").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        body.push_str(
            r#","quota":{"limit":1000000,"used":182340,"remaining":817660,"unit":"tokens","resets_at":"2026-02-01T00:00:00Z"}"#,
        );
    }
    body.push('}');
    json_ok(body)
}

/// What is read of a request for a message.
#[derive(Deserialize)]
struct MessageRequest {
    model: String,
}

/// `POST /v1/messages`, in the shape of Anthropic's Messages; always whole,
/// never streamed. `model` says where the request was routed.
pub(super) fn messages(access: Access, body: &[u8], draws: &mut Draws) -> Answer {
    if access == Access::Missing {
        return text(StatusCode::UNAUTHORIZED, "APIKEY is missing");
    }
    let Ok(request) = serde_json::from_slice::<MessageRequest>(body) else {
        return json(
            StatusCode::BAD_REQUEST,
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"model: Field required"}}"#,
        );
    };
    let (id, model) = (draws.bits(), quoted(route(&request.model)));
    json_ok(format!(
        r#"{{"id":"msg_{id:016x}","type":"message","role":"assistant","model":{model},"content":[{{"type":"text","text":"OK"}}],"stop_reason":"end_turn","stop_sequence":null,"usage":{{"input_tokens":12,"output_tokens":2}}}}"#
    ))
}

/// The routing rule. The router's usual configuration: small models go to a
/// cheap provider, those of other vendors to their nearest kin, and the rest
/// stay what they are.
fn route(requested: &str) -> &str {
    match requested {
        "claude-3-haiku-20240307" => "deepseek-chat",
        "gpt-4-turbo" => "claude-3-opus-20240229",
        "gpt-3.5-turbo" => "claude-3-haiku-20240307",
        other => other,
    }
}

fn provider(model: &str) -> &'static str {
    match model {
        _ if model.starts_with("claude-") => "anthropic",
        _ if model.starts_with("deepseek-") => "deepseek",
        _ => "openrouter",
    }
}
