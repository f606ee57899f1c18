//! What was tried, what must come and what came; the table.

use std::fmt::Write;
use std::path::Path;

use vuelo::http::{Client, Engine, Exchange, Request, Settings};

use crate::certificates;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs");

const HEAD: &str = "\n| server | what is tried | what comes |\n|---|---|---|\n";

/// Rows by server and subject.
#[derive(Default)]
pub struct Table {
    rows: Vec<Row>,
}

struct Row {
    server: &'static str,
    what: String,
    expected: String,
    came: String,
}

impl Table {
    /// Adds a row: what must come, and what came.
    pub fn row(
        &mut self,
        server: &'static str,
        what: impl Into<String>,
        expected: impl Into<String>,
        came: impl Into<String>,
    ) {
        self.rows.push(Row {
            server,
            what: what.into(),
            expected: expected.into(),
            came: came.into(),
        });
    }

    /// Holds every row against what must come, and all of them against the file of
    /// `docs/`, which is written instead where `VUELO_RENEW` is set.
    pub fn compare_or_write(mut self, file: &str, introduction: &str) {
        self.rows
            .sort_by(|one, other| (one.server, &one.what).cmp(&(other.server, &other.what)));
        let wrong: Vec<String> = self
            .rows
            .iter()
            .filter(|row| row.came != row.expected)
            .map(|row| {
                format!(
                    "{}, {}:\n    {}\n    and must come: {}",
                    row.server, row.what, row.came, row.expected
                )
            })
            .collect();
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
        let mut text = introduction.to_owned() + HEAD;
        for row in &self.rows {
            writeln!(text, "| {} | {} | {} |", row.server, row.what, row.came).unwrap();
        }
        let file = Path::new(FOLDER).join(file);
        if std::env::var_os("VUELO_RENEW").is_some() {
            std::fs::write(&file, text).unwrap();
        } else {
            let committed = std::fs::read_to_string(&file).unwrap_or_default();
            assert_eq!(
                committed, text,
                "the table is another: make conformance, or make http3-renew"
            );
        }
    }
}

/// What came of a request, in a few words that are the same on every machine.
pub fn told(exchange: &Exchange) -> String {
    match &exchange.outcome {
        Ok(response) => format!(
            "{} by {}, {}",
            response.status().as_u16(),
            response.protocol(),
            shown(&response.body())
        ),
        Err(error) => format!("error {}", error.code()),
    }
}

/// A short body as it is, a long one by its length.
fn shown(body: &[u8]) -> String {
    match std::str::from_utf8(body) {
        Ok("") => "no body".to_owned(),
        Ok(text) if text.len() <= 40 && !text.contains(['\n', '|']) => format!("`{text}`"),
        _ => format!("{} bytes", body.len()),
    }
}

/// A client that trusts the authority of these tests.
pub fn client() -> Client {
    client_with(|_| {})
}

pub fn client_with(change: impl FnOnce(&mut Settings)) -> Client {
    let mut settings = Settings::default();
    settings.tls.extra_roots = vec![certificates::authority().root()];
    change(&mut settings);
    Client::new(Engine::new(settings).unwrap())
}

pub fn get(url: impl AsRef<str>) -> Request {
    request("GET", url)
}

pub fn request(method: &str, url: impl AsRef<str>) -> Request {
    Request::new(method, url.as_ref()).unwrap()
}

/// GET by a client of its own.
pub async fn try_get(client: &mut Client, url: impl AsRef<str>) -> String {
    told(&client.send(&get(url), &()).await)
}
