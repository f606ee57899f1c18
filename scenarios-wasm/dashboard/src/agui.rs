//! A talk with the agent over AG-UI: one run, read as a stream of events.

use std::time::Instant;

use serde::{Deserialize, Serialize};
use vuelo_scenario_platform::{Outcome, Platform};
use vuelo_sdk::prelude::*;

use crate::measures::{AGUI_ERRORS, RUN_DURATION, TIME_TO_FIRST_TOKEN};

/// The agent, as one virtual user talks to it.
pub(crate) struct Agent {
    request: Request,
    /// What thread and run ids begin with.
    run: String,
}

/// AG-UI's `RunAgentInput`. Servers refuse one that lacks a member.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RunAgentInput<'a> {
    thread_id: &'a str,
    run_id: &'a str,
    state: Empty,
    messages: [UserMessage<'a>; 1],
    tools: [Empty; 0],
    context: [Empty; 0],
    forwarded_props: Empty,
}

#[derive(Serialize)]
struct Empty {}

#[derive(Serialize)]
struct UserMessage<'a> {
    id: &'a str,
    role: &'static str,
    content: &'static str,
}

/// As much of an event as judging needs: its type is in the data, whatever the
/// `event:` line says.
#[derive(Deserialize)]
struct Told {
    #[serde(rename = "type")]
    kind: String,
    message: Option<String>,
}

/// What came of a run.
#[derive(Default)]
struct Run {
    first_token: Option<Duration>,
    is_finished: bool,
}

impl Agent {
    pub(crate) fn new(platform: &Platform, run: &str) -> Self {
        let request = platform
            .authenticated("POST", &platform.url("/agui"))
            .header("accept", "text/event-stream")
            .timeout(seconds(30))
            .tag("endpoint", "agui")
            .build();
        Self {
            request,
            run: run.to_owned(),
        }
    }

    pub(crate) fn talk(&mut self) {
        // Not a count of its own: that would begin anew in the instance that
        // replaces one that trapped.
        let id = format!("{}-{}-{}", self.run, flow::vu(), flow::vu_iteration());
        self.request.set_json(&RunAgentInput {
            thread_id: &id,
            run_id: &id,
            state: Empty {},
            messages: [UserMessage {
                id: &id,
                role: "user",
                content: "How are my projects doing?",
            }],
            tools: [],
            context: [],
            forwarded_props: Empty {},
        });
        let begun = Instant::now();
        let mut run = Run::default();
        let verdict = run.read(&self.request);
        let outcome = Outcome::of(check(
            "AG-UI: run brings text and finishes",
            verdict.is_ok(),
        ));
        if let Err(why) = verdict {
            debug!("AG-UI: {why}");
        }
        outcome.count();
        AGUI_ERRORS.add(!outcome.is_ok());
        RUN_DURATION.add_tagged(begun.elapsed(), &[outcome.tag()]);
        if let Some(first) = run.first_token {
            TIME_TO_FIRST_TOKEN.add_tagged(first, &[outcome.tag()]);
        }
    }
}

impl Run {
    /// Reads the run to its end. A clean end is none of a run that brought no
    /// text or did not say that it is finished.
    fn read(&mut self, request: &Request) -> Result<(), Failure> {
        let answer = request.open()?;
        if !answer.is_success() {
            return Err(["the status is ", &answer.status().to_string()]
                .concat()
                .into());
        }
        for event in answer.events()? {
            let event = event?;
            let told: Told = serde_json::from_slice(event.data.as_bytes())?;
            match told.kind.as_str() {
                "TEXT_MESSAGE_CONTENT" => {
                    self.first_token.get_or_insert(event.elapsed);
                }
                "RUN_FINISHED" => self.is_finished = true,
                "RUN_ERROR" => {
                    let why = told.message.unwrap_or_default();
                    return Err(Failure::from(why).while_doing("the run failed"));
                }
                _ => {}
            }
        }
        match (self.first_token, self.is_finished) {
            (Some(_), true) => Ok(()),
            (None, true) => Err("the run finished without a text".into()),
            (_, false) => Err("the stream ended before the run finished".into()),
        }
    }
}
