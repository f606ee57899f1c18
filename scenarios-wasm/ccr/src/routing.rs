//! Routing decisions: made where routing happens, by the router itself if it
//! can be reached, else through AgentOS.

use serde::Serialize;
use vuelo_scenario_platform::{Outcome, Platform, exchange, join};
use vuelo_sdk::prelude::*;

use crate::SetupData;
use crate::answers::{answering_model, routed_model};
use crate::measures::{ROUTING_DECISIONS, ROUTING_DURATION};

const MODELS: [&str; 5] = [
    "claude-3-opus-20240229",
    "claude-3-sonnet-20240229",
    "claude-3-haiku-20240307",
    "gpt-4-turbo",
    "gpt-3.5-turbo",
];
const TASKS: [&str; 3] = ["code", "analysis", "chat"];
const PRIORITIES: [&str; 3] = ["low", "normal", "high"];

/// A request for each model.
pub(crate) struct Router {
    is_direct: bool,
    questions: Vec<Question>,
}

struct Question {
    model: &'static str,
    request: Request,
}

#[derive(Serialize)]
struct Messages {
    model: &'static str,
    max_tokens: u32,
    messages: [Message; 1],
}

#[derive(Serialize)]
struct Message {
    role: &'static str,
    content: &'static str,
}

impl Router {
    pub(crate) fn new(platform: &Platform, data: &SetupData) -> Self {
        let request = |model| match &data.direct {
            Some(url) => platform
                .authenticated("POST", &join(url, "/v1/messages"))
                .header("anthropic-version", "2023-06-01")
                .timeout(seconds(30))
                .json(&Messages {
                    model,
                    max_tokens: 16,
                    messages: [Message {
                        role: "user",
                        content: "Answer with one word: ready?",
                    }],
                }),
            None => platform
                .authenticated("GET", &platform.url("/ccr/metrics"))
                .header("x-requested-model", model),
        };
        let questions = MODELS.map(|model| Question {
            model,
            request: request(model)
                .tag("endpoint", "ccr")
                .tag("type", "routing")
                .tag("model", model)
                .build(),
        });
        Self {
            is_direct: data.direct.is_some(),
            questions: questions.into(),
        }
    }

    /// Asks for one model at random.
    pub(crate) fn decide(&mut self) {
        let Some(question) = pick_mut(&mut self.questions) else {
            return;
        };
        if !self.is_direct {
            question
                .request
                .set_header("x-task-type", pick::<&str>(&TASKS));
            question
                .request
                .set_header("x-priority", pick::<&str>(&PRIORITIES));
        }
        let exchange = exchange(&question.request);
        let json = exchange.json().unwrap_or_default();
        let found = check("routing: status is 200", exchange.has_status(200));
        let routed = match self.is_direct {
            true => answering_model(&json),
            false if json.is_object() => Some(routed_model(&json).unwrap_or("unknown")),
            false => None,
        };
        let outcome = Outcome::of(check(
            "routing: answer says where",
            found && routed.is_some(),
        ));
        outcome.count();
        ROUTING_DURATION.add_tagged(
            exchange.duration,
            &[("model", question.model), outcome.tag()],
        );
        if let Some(routed) = routed.filter(|_| outcome.is_ok()) {
            ROUTING_DECISIONS.add_tagged(1, &[("requested", question.model), ("routed", routed)]);
        }
    }
}

fn pick_mut(questions: &mut [Question]) -> Option<&mut Question> {
    let model = *pick(&MODELS);
    questions
        .iter_mut()
        .find(|question| question.model == model)
}
