//! Requests as they are built and sent.

use vuelo_sdk::http::Part;
use vuelo_sdk::http::cookies::{self, Cookie};
use vuelo_sdk::prelude::*;

use crate::echo::Echo;
use crate::{case, or_none, say};

pub(crate) fn get(base: &str) -> Result<(), Failure> {
    let answer = http::get(&format!("{base}/text")).send()?;
    say("status", answer.status());
    say("url", answer.url());
    say("greeting", or_none(answer.header("X-Greeting")));
    say("missing", or_none(answer.header("x-missing")));
    let headers = answer.headers().into_iter();
    let twice: Vec<String> = headers
        .filter(|(name, _)| name == "x-twice")
        .map(|(_, value)| value)
        .collect();
    say("twice", twice.join(","));
    say("protocol", answer.protocol());
    say("text", answer.text()?);
    say("length", answer.body()?.len());
    Ok(())
}

pub(crate) fn post(base: &str) -> Result<(), Failure> {
    let answer = http::post(&format!("{base}/echo?q=1"))
        .header("x-one", "1")
        .header("x-one", "2")
        .append_header("x-two", "a")
        .append_header("x-two", "b")
        .header("content-type", "text/plain")
        .text("Grüße, 世界 🦉")
        .send()?;
    let echo = Echo::of(&answer)?;
    say("method", &echo.method);
    say("path", &echo.path);
    say("one", echo.all("x-one"));
    say("two", echo.all("x-two"));
    say("body", echo.text());
    Ok(())
}

pub(crate) fn bytes(base: &str) -> Result<(), Failure> {
    let all: Vec<u8> = (0..=255).collect();
    let answer = http::post(&format!("{base}/mirror")).body(&all).send()?;
    let body = answer.body()?;
    say("length", body.len());
    say("same", body == all);
    Ok(())
}

pub(crate) fn large(base: &str) -> Result<(), Failure> {
    let body = http::get(&format!("{base}/bytes/1048576")).send()?.body()?;
    say("length", body.len());
    say("last", or_none(body.last()));
    Ok(())
}

pub(crate) fn form(base: &str) -> Result<(), Failure> {
    let answer = http::post(&format!("{base}/echo"))
        .form([("a", "1 & 2"), ("b", "ü")])
        .send()?;
    let echo = Echo::of(&answer)?;
    say("type", echo.all("content-type"));
    say("body", echo.text());
    Ok(())
}

pub(crate) fn multipart(base: &str) -> Result<(), Failure> {
    let answer = http::post(&format!("{base}/echo"))
        .multipart(&[
            Part::text("a", "1"),
            Part::file("f", "f.bin", "Grüße").content_type("application/x-f"),
        ])
        .send()?;
    let echo = Echo::of(&answer)?;
    let content_type = echo.all("content-type");
    say("type", content_type.split(';').next().unwrap_or_default());
    let expected = ["name=\"a\"", "filename=\"f.bin\"", "Grüße"];
    say(
        "has",
        expected.iter().all(|text| echo.text().contains(text)),
    );
    Ok(())
}

pub(crate) fn basic(base: &str) -> Result<(), Failure> {
    let answer = http::get(&format!("{base}/echo"))
        .basic_auth("ada", "secret")
        .send()?;
    say(
        "authorization",
        or_none(Echo::of(&answer)?.first("authorization")),
    );
    Ok(())
}

pub(crate) fn cookies(base: &str) -> Result<(), Failure> {
    cookies::set(base, &Cookie::new("one", "1"))?;
    cookies::set(base, &Cookie::new("two", "2"))?;
    let answer = http::get(&format!("{base}/echo"))
        .cookie("three", "3")
        .send()?;
    let header = Echo::of(&answer)?.all("cookie");
    let mut sent: Vec<&str> = header.split("; ").collect();
    sent.sort_unstable();
    say("sent", sent.join(","));

    cookies::delete(base, "one");
    let mut left: Vec<String> = cookies::all(base)
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    left.sort_unstable();
    say("left", left.join(","));

    cookies::clear(base);
    say("cleared", cookies::all(base).len());
    Ok(())
}

pub(crate) fn tags(base: &str) -> Result<(), Failure> {
    http::get(&format!("{base}/text"))
        .tag("name", "the text")
        .tag("kind", "Grüße")
        .send()?;
    Ok(())
}

pub(crate) fn send_all(base: &str) -> Result<(), Failure> {
    let text = http::get(&format!("{base}/text")).build();
    let empty = http::get(&format!("{base}/status/204")).build();
    let nobody = http::get(&config::require("URL")?).build();
    let missing = http::get(&format!("{base}/status/404"))
        .expect([404..=404])
        .build();
    let answers = http::send_all(&[&text, &empty, &nobody, &missing]);
    say("statuses", outcomes(answers));
    Ok(())
}

pub(crate) fn batch_edges(base: &str) -> Result<(), Failure> {
    let request = http::get(&format!("{base}/text")).build();
    say("twice", outcomes(http::send_all(&[&request, &request])));
    say("none", http::send_all(&[]).len());
    Ok(())
}

/// The status of each, or the name of the error's case.
fn outcomes(answers: Vec<Result<Response, http::Error>>) -> String {
    let outcomes: Vec<String> = answers
        .into_iter()
        .map(|outcome| match outcome {
            Ok(answer) => answer.status().to_string(),
            Err(error) => case(error.kind()),
        })
        .collect();
    outcomes.join(",")
}
