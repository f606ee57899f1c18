//! Judging what a router answers.

use serde_json::Value;

/// The model that an Anthropic Messages answer was made by. Errors come with
/// status 200, too, as `{"type":"error",…}` or with an `error` beside nothing.
pub(crate) fn answering_model(message: &Value) -> Option<&str> {
    if message["type"] == "error" || !message["error"].is_null() {
        return None;
    }
    message["model"].as_str().filter(|model| !model.is_empty())
}

/// The model that AgentOS's metrics page says a request was routed to, if it
/// says so.
pub(crate) fn routed_model(page: &Value) -> Option<&str> {
    [page, &page["routing"]].into_iter().find_map(|place| {
        ["routed_model", "selected_model", "model"]
            .iter()
            .find_map(|name| place[name].as_str())
    })
}

/// Whether a metrics page tells about a quota.
pub(crate) fn has_quota(page: &Value) -> bool {
    page["quota"].is_object()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_model_of_a_message_is_where_it_was_routed() {
        let message = json!({"type": "message", "model": "glm-4.5", "content": []});
        assert_eq!(answering_model(&message), Some("glm-4.5"));
    }

    #[test]
    fn an_error_at_status_200_was_routed_nowhere() {
        assert_eq!(
            answering_model(&json!({"type": "error", "error": {"message": "no"}})),
            None
        );
        assert_eq!(
            answering_model(&json!({"model": "x", "error": {"message": "no"}})),
            None
        );
        assert_eq!(answering_model(&json!({"type": "message"})), None);
        assert_eq!(answering_model(&json!([])), None);
    }

    #[test]
    fn a_metrics_page_names_the_routed_model_in_one_of_several_places() {
        assert_eq!(
            routed_model(&json!({"routing": {"routed_model": "a"}})),
            Some("a")
        );
        assert_eq!(routed_model(&json!({"model": "b"})), Some("b"));
        assert_eq!(routed_model(&json!({"requests": 3})), None);
    }

    #[test]
    fn a_quota_is_an_object() {
        assert!(has_quota(&json!({"quota": {"remaining": 3}})));
        assert!(!has_quota(&json!({"quota": "plenty"})));
        assert!(!has_quota(&json!({})));
    }
}
