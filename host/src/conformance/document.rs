//! The plan as a page of the documentation.

use std::fmt::Write;

use super::CASES;

/// What `options` must return.
pub const OPTIONS: &str = r#"{
  "vus": 1,
  "iterations": 1,
  "setupTimeout": "10s",
  "discardResponseBodies": false,
  "maxRedirects": 5,
  "tags": { "from": "Grüße, 世界 🦉", "quoted": "\"\\/" },
  "thresholds": {
    "checks": ["rate>=0"],
    "things": [{ "threshold": "count>=0", "abortOnFail": false, "onNoData": "pass" }]
  },
  "config": {
    "BASE_URL": { "kind": "url", "required": true },
    "CASE": { "default": "" },
    "URL": { "default": "" },
    "GREETING": { "default": "hello" },
    "ABSENT": {},
    "TOKEN": { "secret": true }
  },
  "metrics": {
    "things": { "type": "counter" },
    "level": { "type": "gauge" },
    "share": { "type": "rate" },
    "lengths": { "type": "trend", "unit": "ms" },
    "sizes": { "type": "trend", "unit": "bytes" },
    "plain": { "type": "trend" }
  }
}"#;

/// What is said before the cases.
const HEAD: &str = r#"# The conformance of guests

Whether components of a language speak the contract is found out by one scenario in that language that does what each case
below asks for. `vuelo conformance my.wasm` runs it against all of them and prints a table. The scenarios of the project's own
languages are in [`scenarios-wasm/conformance/`](../scenarios-wasm/conformance): read the one that is closest to yours.

The component exports `scenario`, `setup`, `teardown` and `summary` of `vuelo:load`. Each case is a run of one virtual user and,
unless more are said, one iteration, whose `exec` is the flow: the case's name where none is said. The key `CASE` holds the
case's name, for what is called once. `B` stands for the key `BASE_URL`, the address of a server inside the command.

- What a guest sees it says by `log.write` at the level debug, as `NAME=VALUE`. Yes and no are `true` and `false`, numbers
  are decimal, texts are as they are, and what is not there is `none`. Cases of errors go by their names in the WIT.
- What it cannot do for the language's sake ends the iteration with the error `unsupported: WHY`. In the cases that are marked
  *where the language can* the table shows that, and does not count it as a failure.
- The flow `http-error`, of all cases `error-…`: send `GET` of the key `URL` with a timeout of 500 ms, and where it is
  answered, take the body as text; say `error=` the name of the error's case, `words=` whether it has a text.
- Any error that is not asked for ends the iteration with its text.

`options` returns this, in whatever order, and a list of one may stand without its brackets:

```json
{OPTIONS}
```

`setup` returns the following, with `x` 1,048,576 times in `padding`:

```json
{ "text": "Grüße, 世界 🦉 \"\\\n", "padding": "xxx…", "numbers": [0, -1, 0.1, 9007199254740991], "nothing": null,
  "nested": { "list": [[], {}], "yes": true } }
```
"#;

/// The whole plan, in Markdown.
#[must_use]
pub fn plan() -> String {
    let mut text = HEAD.replace("{OPTIONS}", OPTIONS);
    for (subject, cases) in CASES {
        // Writing to a `String` cannot fail.
        let _ = write!(
            text,
            "\n## {subject}\n\n| case | what the guest does |\n|---|---|\n"
        );
        for case in *cases {
            let mut asks = case.asks.replace('|', "\\|");
            if case.may_be_unsupported {
                asks += " *Where the language can.*";
            }
            let _ = writeln!(text, "| `{}` | {asks} |", case.name);
        }
    }
    text
}
