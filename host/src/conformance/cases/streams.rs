//! Bodies that are read or written piece by piece, and WebSockets.

use super::{Case, Expected};

pub(super) const CASES: &[Case] = &[
    Case::new(
        "events",
        "Open `GET B/events` and read its events to their end; say of each `event=` its kind, data (line feeds written as \
         `\\n`) and id, joined by `|`; then `retry=` in nanoseconds, `elapsed=` whether each event's was above 0 and none \
         less than the one before.",
        &[
            Expected::Says(
                "event",
                &["message|one|", "greeting|Grüße\\n世界|7", "message||7"],
            ),
            Expected::Says("retry", &["1500000000"]),
            Expected::Says("elapsed", &["true"]),
        ],
    ),
    Case::new(
        "chunks",
        "Open `GET B/pieces` and read it in pieces to its end; say `text=` all of them joined, `elapsed=` whether there was \
         none before the first piece, and one after it.",
        &[
            Expected::Says("text", &["one, two, Grüße"]),
            Expected::Says("elapsed", &["true"]),
        ],
    ),
    Case::new(
        "not-events",
        "Open `GET B/text` and ask for its events; say `error=` the name of the error's case. Then take its text; say `text=`.",
        &[
            Expected::Says("error", &["wrong-content"]),
            Expected::Says("text", &["Grüße, 世界 🦉"]),
        ],
    ),
    Case::new(
        "dropped-stream",
        "Open `GET B/endless`, read one event, and drop the stream and the answer. Send `GET B/text`; say `status=`.",
        &[
            Expected::Says("status", &["200"]),
            Expected::Value("http_reqs", "count", 2.0),
            Expected::Value("http_req_failed", "passes", 0.0),
        ],
    ),
    Case::new(
        "upload",
        "Upload to `POST B/echo` without a length: write `one, ` and `two`, and finish; say `body=`, `chunked=` whether no \
         content-length came. Upload with the length 3: write `abc`, open the answer; say `length=` the echoed one.",
        &[
            Expected::Says("body", &["one, two"]),
            Expected::Says("chunked", &["true"]),
            Expected::Says("length", &["3"]),
        ],
    ),
    Case::new(
        "websocket",
        "Open a session at `B/socket`, with `ws` in place of `http`, which echoes, with the header `x-one` = `1`. Send the text `Grüße, 世界 🦉`; say `text=` \
         what comes. Send the bytes 0, 1, 2, 255; say `binary=` what comes, as numbers joined by commas. Ping; say `pong=` \
         whether the answer took some time. Close with 1000, `done`; say `closing=` the code that comes back.",
        &[
            Expected::Says("text", &["Grüße, 世界 🦉"]),
            Expected::Says("binary", &["0,1,2,255"]),
            Expected::Says("pong", &["true"]),
            Expected::Says("closing", &["1000"]),
            Expected::Value("ws_sessions", "count", 1.0),
            Expected::Value("ws_msgs_sent", "count", 2.0),
            Expected::Value("ws_msgs_received", "count", 2.0),
        ],
    ),
    Case::new(
        "websocket-refused",
        "Open a session at `B/status/403`, with `ws` in place of `http`; say of the refusal `refused=` its status, `words=` \
         whether it has a text, `body=` its body as text.",
        &[
            Expected::Says("refused", &["403"]),
            Expected::Says("words", &["true"]),
            Expected::Says("body", &["as asked"]),
        ],
    ),
];
