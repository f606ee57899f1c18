//! What an answer can ask for, and the bodies that a request can have.

use vuelo_sdk::http::cookies::{self, Cookie};
use vuelo_sdk::http::{ErrorKind, Part};
use vuelo_sdk::prelude::*;

/// Says something of an answer that must hold.
fn must(holds: bool, name: &str) {
    check(name, holds);
}

/// One of each, against the server of the test.
pub fn exchange(url: &str) -> Result<(), Failure> {
    let at = |path: &str| [url, path].concat();

    must(
        cookies::all(url).is_empty(),
        "an iteration has the cookies of start alone",
    );
    let home = http::post(&at("/login"))
        .form([("user", "ann"), ("note", "a & b")])
        .send()?;
    must(
        home.url() == at("/home"),
        "the answer is the one of the last URL",
    );
    must(
        home.text()? == "session=1",
        "the cookie of the login is sent on",
    );
    must(
        cookies::get(url, "session").as_deref() == Some("1"),
        "cookies can be read",
    );
    cookies::set(url, &Cookie::new("theme", "dark").max_age(seconds(60)))?;
    let home = http::get(&at("/home")).cookie("session", "2").send()?;
    must(
        home.text()? == "session=2; theme=dark",
        "cookies can be set",
    );
    cookies::delete(url, "session");
    let home = http::get(&at("/home")).open()?;
    must(home.text()? == "theme=dark", "cookies can be deleted");
    cookies::clear(url);
    must(cookies::all(url).is_empty(), "cookies can be cleared");
    cookies::set(url, &Cookie::new("left", "behind"))?;

    let moved = http::post(&at("/login")).max_redirects(0).send()?;
    must(
        moved.status() == 303,
        "no redirect is followed where none is wanted",
    );
    let round = http::get(&at("/round")).tag("name", "round").send()?;
    must(round.status() == 302, "redirects end");
    let error = http::get(&at("/app")).send().err();
    let kind = error.map(|error| error.kind());
    must(
        kind == Some(ErrorKind::MalformedResponse),
        "a redirect to no server is told",
    );

    let encoded = http::get(&at("/gzip")).send()?;
    must(encoded.text()? == "Hello, load!", "a body is decoded");
    let error = http::get(&at("/no-gzip")).send().err();
    let kind = error.map(|error| error.kind());
    must(
        kind == Some(ErrorKind::BadEncoding),
        "a bad encoding is told",
    );

    let token = config::require_secret("TOKEN")?;
    let known = http::get(&at("/digest"))
        .secret_digest_auth("ann", &token)
        .send()?;
    must(known.status() == 200, "a challenge is answered");
    let known = http::get(&at("/basic"))
        .secret_basic_auth("ann", &token)
        .send()?;
    must(known.status() == 200, "a user is authenticated");

    let parts = [Part::text("a", "b"), Part::file("f", "f.txt", "content")];
    let got = http::post(&at("/echo")).multipart(&parts).send()?;
    must(
        got.text()?.contains("filename=\"f.txt\""),
        "a form can hold files",
    );

    let upload = http::put(&at("/echo")).expect_continue().build();
    let mut writing = upload.upload(None)?;
    writing.write("one, ")?;
    writing.write("two")?;
    must(
        writing.finish()?.text()? == "one, two",
        "a body can be written as it is sent",
    );
    let mut writing = upload.upload(Some(3))?;
    writing.write("six")?;
    let mut chunks = writing.open()?.chunks()?;
    let first = chunks.next().transpose()?;
    must(
        first.as_deref() == Some(b"six"),
        "the answer to an upload can be opened",
    );
    must(chunks.elapsed().is_some(), "a piece has a time");
    drop(chunks);
    let mut news = http::get(&at("/news")).open()?.events()?;
    let event = news.next().transpose()?;
    let id = event.map(|event| event.id);
    must(id.as_deref() == Some("7"), "an event has an id");
    must(news.next().is_none(), "events end");
    must(
        news.retry() == Some(milliseconds(1500)),
        "the server says when to come back",
    );
    let mut writing = upload.upload(Some(3))?;
    let error = writing.write("seven").err().map(|error| error.kind());
    must(
        error == Some(ErrorKind::InvalidRequest),
        "a length is kept to",
    );
    drop(writing);

    let slow = http::get(&at("/slow"));
    let error = slow.head_timeout(milliseconds(50)).send().err();
    let text = error
        .map(|error| error.text().to_owned())
        .unwrap_or_default();
    must(
        text.contains("head of the answer"),
        "a head has a time of its own",
    );
    Ok(())
}
