//! Answers, and what there is in place of them.

use vuelo_sdk::prelude::*;

use crate::values::LENGTHS;
use crate::{case, error_of, or_none, say};

pub(crate) fn redirect(base: &str) -> Result<(), Failure> {
    let url = format!("{base}/redirect");
    let answer = http::get(&url).send()?;
    say("status", answer.status());
    say("url", answer.url());
    let answer = http::get(&url).max_redirects(0).send()?;
    say("unfollowed", answer.status());
    say("location", or_none(answer.header("location")));
    Ok(())
}

pub(crate) fn timings(base: &str) -> Result<(), Failure> {
    let request = http::get(&format!("{base}/text")).build();
    request.send()?;
    let answer = request.send()?;
    let timings = answer.timings();
    let duration = answer.duration().ok_or("there is no duration")?;
    let known = timings.duration == Some(duration) && !duration.is_zero();
    say("duration", known);
    let made = [
        timings.connecting,
        timings.tls_handshaking,
        timings.looking_up,
    ];
    say("reused", made == [Some(Duration::ZERO); 3]);
    let parts = [timings.sending, timings.waiting, timings.receiving];
    let sum: Option<Duration> = parts.into_iter().sum();
    say("parts", sum == Some(duration));
    LENGTHS.add(duration);
    Ok(())
}

pub(crate) fn judging(base: &str) -> Result<(), Failure> {
    let missing = http::get(&format!("{base}/status/404"));
    missing.expect([404..=404]).send()?;
    let broken = format!("{base}/status/500");
    http::get(&broken).unjudged().send()?;
    http::get(&broken).send()?;
    Ok(())
}

pub(crate) fn discard(base: &str) -> Result<(), Failure> {
    let request = http::get(&format!("{base}/bytes/1000")).discard_body();
    say("length", request.send()?.body()?.len());
    Ok(())
}

pub(crate) fn timeouts(base: &str) -> Result<(), Failure> {
    let short = milliseconds(100);
    let slow = format!("{base}/slow");
    let error = error_of(http::get(&slow).timeout(short).send())?;
    say("error", case(error.kind()));
    let error = error_of(http::get(&slow).head_timeout(short).send())?;
    say("head", case(error.kind()));
    let stalls = http::get(&format!("{base}/stalls"));
    let error = error_of(stalls.idle_timeout(short).send())?;
    say("idle", case(error.kind()));
    Ok(())
}

/// Where there is an answer, its text is not one.
pub(crate) fn error() -> Result<(), Failure> {
    let request = http::get(&config::require("URL")?).timeout(milliseconds(500));
    let error = error_of(request.send().and_then(|answer| answer.text()))?;
    say("error", case(error.kind()));
    say("words", !error.text().is_empty());
    Ok(())
}

pub(crate) fn kept(base: &str, kept: &mut Option<Response>) -> Result<(), Failure> {
    match kept.take() {
        None => *kept = Some(http::get(&format!("{base}/text")).send()?),
        Some(answer) => {
            say("status", answer.status());
            say("text", case(error_of(answer.text())?.kind()));
        }
    }
    Ok(())
}
