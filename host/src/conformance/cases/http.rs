//! Requests and answers.

use super::{Case, Expected, Url};
use crate::conformance::ran::Ran;

pub(super) const CASES: &[Case] = &[
    Case::new(
        "get",
        "Send `GET B/text`; say `status=`, `url=` the answer's URL, `greeting=` the header \
         `X-Greeting`, `missing=` the header `x-missing` or `none`, `twice=` all values of `x-twice` among `headers`, joined \
         by commas, `protocol=`, `text=`, `length=` the number of bytes of the body.",
        &[
            Expected::Says("status", &["200"]),
            Expected::Says("url", &["{B}/text"]),
            Expected::Says("greeting", &["hello"]),
            Expected::Says("missing", &["none"]),
            Expected::Says("twice", &["one,two"]),
            Expected::Says("protocol", &["HTTP/1.1"]),
            Expected::Says("text", &["Grüße, 世界 🦉"]),
            Expected::Says("length", &["20"]),
            Expected::Value("http_reqs", "count", 1.0),
        ],
    ),
    Case::new(
        "post",
        "Send `POST B/echo?q=1` with `x-one` set to `1` and then to `2`, `x-two` appended as `a` and `b`, `content-type` \
         `text/plain` and the text `Grüße, 世界 🦉`; say of what is echoed `method=`, `path=`, `one=` and `two=` the values of \
         the headers, joined by commas, `body=`.",
        &[
            Expected::Says("method", &["POST"]),
            Expected::Says("path", &["/echo?q=1"]),
            Expected::Says("one", &["2"]),
            Expected::Says("two", &["a,b"]),
            Expected::Says("body", &["Grüße, 世界 🦉"]),
        ],
    ),
    Case::new(
        "bytes",
        "Send `POST B/mirror` with a body of all 256 bytes in order; say `length=` how many come back, `same=` whether they \
         are the same.",
        &[
            Expected::Says("length", &["256"]),
            Expected::Says("same", &["true"]),
        ],
    ),
    Case::new(
        "large",
        "Send `GET B/bytes/1048576`; say `length=` the body's, `last=` its last byte as a number.",
        &[
            Expected::Says("length", &["1048576"]),
            Expected::Says("last", &["255"]),
        ],
    ),
    Case::new(
        "form",
        "Send `POST B/echo` with the form `a` = `1 & 2`, `b` = `ü`; say `type=` the echoed content type, `body=`.",
        &[
            Expected::Says("type", &["application/x-www-form-urlencoded"]),
            Expected::Says("body", &["a=1+%26+2&b=%C3%BC"]),
        ],
    ),
    Case::new(
        "multipart",
        "Send `POST B/echo` with two parts: `a` of the bytes `1`, without file name or type, and `f` of the bytes `Grüße`, \
         file name `f.bin`, type `application/x-f`; say `type=` the echoed content type before its `;`, `has=` whether the \
         echoed body has `name=\"a\"`, `filename=\"f.bin\"` and `Grüße` in it.",
        &[
            Expected::Says("type", &["multipart/form-data"]),
            Expected::Says("has", &["true"]),
        ],
    ),
    Case::new(
        "basic",
        "Send `GET B/echo` with basic authentication as `ada`, `secret`; say `authorization=` the echoed header.",
        &[Expected::Says("authorization", &["Basic YWRhOnNlY3JldA=="])],
    ),
    Case::new(
        "cookies",
        "Set the cookies `one=1; Path=/` and `two=2; Path=/` for `B`, the cookie `three` = `3` on a request, and send it, \
         `GET B/echo`; say `sent=` the echoed cookies, sorted, joined by commas. Delete `one`; say `left=` the cookies for `B` \
         in the same way. Clear them; say `cleared=` how many there are.",
        &[
            Expected::Says("sent", &["one=1,three=3,two=2"]),
            Expected::Says("left", &["two=2"]),
            Expected::Says("cleared", &["0"]),
        ],
    ),
    Case::new(
        "redirect",
        "Send `GET B/redirect`; say `status=`, `url=` as in `get`. Send it without following redirects; say `unfollowed=` the \
         status, `location=` the header.",
        &[
            Expected::Says("status", &["200"]),
            Expected::Says("url", &["{B}/text"]),
            Expected::Says("unfollowed", &["302"]),
            Expected::Says("location", &["/text"]),
            Expected::Value("http_reqs", "count", 3.0),
        ],
    ),
    Case::new(
        "timings",
        "Send `GET B/text` twice. Of the second answer say `duration=` whether `timings.duration` is `duration` and above 0, \
         `reused=` whether looking up, connecting and the TLS handshake took 0, `parts=` whether sending, waiting and \
         receiving add up to the duration. Add the duration to the trend `lengths`.",
        &[
            Expected::Says("duration", &["true"]),
            Expected::Says("reused", &["true"]),
            Expected::Says("parts", &["true"]),
            Expected::Value("lengths", "count", 1.0),
            Expected::That(came_back_whole),
        ],
    ),
    Case::new(
        "send-all",
        "Send at once `GET B/text`, `GET B/status/204`, `GET` of the key `URL`, and `GET B/status/404` with 404 expected; say \
         `statuses=` the status of each, or the name of the error's case, joined by commas.",
        &[
            Expected::Says("statuses", &["200,204,connection-refused,404"]),
            Expected::Value("http_reqs", "count", 4.0),
            Expected::Value("http_req_failed", "passes", 1.0),
        ],
    )
    .url(Url::Refused),
    Case::new(
        "batch-edges",
        "Send at once the same request `GET B/text` twice; say `twice=` both statuses, joined by a comma. Send none at once; \
         say `none=` how many answers there are.",
        &[
            Expected::Says("twice", &["200,200"]),
            Expected::Says("none", &["0"]),
            Expected::Value("http_reqs", "count", 2.0),
        ],
    ),
    Case::new(
        "judging",
        "Send `GET B/status/404` with 404 expected, `GET B/status/500` unjudged, and `GET B/status/500`.",
        &[
            Expected::Value("http_reqs", "count", 3.0),
            Expected::Value("http_req_failed", "passes", 1.0),
            Expected::Value("http_req_failed", "fails", 1.0),
        ],
    ),
    Case::new(
        "discard",
        "Send `GET B/bytes/1000` with the body discarded; say `length=` the body's.",
        &[Expected::Says("length", &["0"])],
    ),
    Case::new(
        "request-tags",
        "Send `GET B/text` with the tags `name` = `the text`, `kind` = `Grüße`.",
        &[Expected::Value("http_reqs{name:the text,kind:Grüße}", "count", 1.0)],
    )
    .options("thresholds.\"http_reqs{name:the text,kind:Grüße}\" = [{ threshold = \"count>=0\", onNoData = \"pass\" }]"),
    Case::new(
        "timeouts",
        "Send `GET B/slow` with a timeout of 100 ms, `GET B/slow` with a head timeout of 100 ms, `GET B/stalls` with an idle \
         timeout of 100 ms; say `error=`, `head=` and `idle=` the names of the errors' cases.",
        &[
            Expected::Says("error", &["timeout"]),
            Expected::Says("head", &["timeout"]),
            Expected::Says("idle", &["timeout"]),
        ],
    ),
];

/// The time that the guest was told, and told the host, is one that was measured.
fn came_back_whole(ran: &Ran) -> Result<(), String> {
    let recorded = |metric: &str| {
        let values = ran.results["recorded"]["series"]
            .as_array()
            .into_iter()
            .flatten();
        let mut series = values.filter(|series| series["name"] == metric);
        let series = series.next();
        move |value: &str| {
            let text = series.and_then(|series| series[value].as_str());
            text.and_then(|text| text.parse::<u128>().ok()).unwrap_or(0)
        }
    };
    let (lengths, measured) = (recorded("lengths"), recorded("http_req_duration"));
    let length = lengths("sum");
    if length == measured("min") || length == measured("max") {
        Ok(())
    } else {
        Err(format!("{length} ns came back, which no request took"))
    }
}
