//! Bodies that arrive, or are sent, piece by piece.

use vuelo_sdk::prelude::*;

use crate::echo::Echo;
use crate::{case, error_of, or_none, say};

pub(crate) fn events(base: &str) -> Result<(), Failure> {
    let answer = http::get(&format!("{base}/events")).open()?;
    let mut events = answer.events()?;
    let mut times = vec![Duration::from_nanos(1)];
    for event in events.by_ref() {
        let event = event?;
        let data = event.data.replace('\n', "\\n");
        say("event", format_args!("{}|{data}|{}", event.kind, event.id));
        times.push(event.elapsed);
    }
    say(
        "retry",
        or_none(events.retry().map(|pause| pause.as_nanos())),
    );
    say("elapsed", times.is_sorted());
    Ok(())
}

pub(crate) fn chunks(base: &str) -> Result<(), Failure> {
    let answer = http::get(&format!("{base}/pieces")).open()?;
    let mut pieces = answer.chunks()?;
    let before = pieces.elapsed();
    let mut text = pieces.next().ok_or("there is no piece")??;
    let after = pieces.elapsed();
    for piece in pieces {
        text.extend(piece?);
    }
    say("text", String::from_utf8_lossy(&text));
    say("elapsed", before.is_none() && after.is_some());
    Ok(())
}

pub(crate) fn not_events(base: &str) -> Result<(), Failure> {
    let answer = http::get(&format!("{base}/text")).open()?;
    say("error", case(error_of(answer.events())?.kind()));
    say("text", answer.text()?);
    Ok(())
}

pub(crate) fn dropped(base: &str) -> Result<(), Failure> {
    let answer = http::get(&format!("{base}/endless")).open()?;
    let mut events = answer.events()?;
    events.next().ok_or("there is no event")??;
    drop(events);
    drop(answer);
    say(
        "status",
        http::get(&format!("{base}/text")).send()?.status(),
    );
    Ok(())
}

pub(crate) fn upload(base: &str) -> Result<(), Failure> {
    let request = http::post(&format!("{base}/echo")).build();
    let mut upload = request.upload(None)?;
    upload.write("one, ")?;
    upload.write("two")?;
    let echo = Echo::of(&upload.finish()?)?;
    say("body", echo.text());
    say("chunked", echo.first("content-length").is_none());

    let mut upload = request.upload(Some(3))?;
    upload.write("abc")?;
    let echo = Echo::of(&upload.open()?)?;
    say("length", echo.length);
    Ok(())
}
