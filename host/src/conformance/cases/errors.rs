//! Every error of a request that can be provoked on one machine; `connect`,
//! `protocol` and `other` cannot.

use super::{Case, Expected, Url};

const ASKS: &str = "Flow `http-error`: send `GET` of the key `URL` with a timeout of 500 ms, and where it is answered, \
                    take the body as text; say `error=` the name of the error's case, `words=` whether it has a text.";

macro_rules! error {
    ($name:literal, $url:expr) => {
        error!($name, $url, "")
    };
    ($name:literal, $url:expr, $options:literal) => {
        Case::new(
            concat!("error-", $name),
            ASKS,
            &[
                Expected::Says("error", &[$name]),
                Expected::Says("words", &["true"]),
            ],
        )
        .flow("http-error")
        .url($url)
        .options($options)
    };
}

pub(super) const CASES: &[Case] = &[
    error!("invalid-request", Url::Text("not a URL")),
    error!(
        "not-allowed",
        Url::Text("http://elsewhere.example/"),
        "blockHostnames = [\"elsewhere.example\"]"
    ),
    error!("connection-refused", Url::Refused),
    error!("tls", Url::Tls),
    error!("timeout", Url::Path("/slow")),
    error!("connection-lost", Url::Path("/lost")),
    error!("malformed-response", Url::Path("/malformed")),
    error!("body-too-large", Url::Path("/bytes/5000"), "maxBodySize = 1000"),
    error!("wrong-content", Url::Path("/latin1")),
    error!("bad-encoding", Url::Path("/bad-gzip")),
    error!(
        "name-lookup",
        Url::Text("http://nowhere.invalid/"),
        "allowHosts = [\"nowhere.invalid\"]"
    ),
    Case::new(
        "closed",
        "Two iterations of the flow `kept`. The first sends `GET B/text` and keeps the answer. The second says `status=` that \
         of the kept one, `text=` the name of the error's case when its text is taken.",
        &[
            Expected::Says("status", &["0"]),
            Expected::Says("text", &["closed"]),
        ],
    )
    .flow("kept")
    .iterations(2),
];
