//! Every error of a request that can be provoked on one machine; `connect`,
//! `protocol` and `other` cannot.

use super::{Case, Expected, Url};

macro_rules! error {
    ($name:literal, $what:literal, $url:expr) => {
        error!($name, $what, $url, "")
    };
    ($name:literal, $what:literal, $url:expr, $options:literal) => {
        Case::new(
            concat!("error-", $name),
            concat!("`URL` is ", $what, "."),
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
    error!("invalid-request", "no URL", Url::Text("not a URL")),
    error!(
        "not-allowed",
        "a host that the plan blocks",
        Url::Text("http://elsewhere.example/"),
        "blockHostnames = [\"elsewhere.example\"]"
    ),
    error!("connection-refused", "where nobody listens", Url::Refused),
    error!("tls", "`https` to who speaks none", Url::Tls),
    error!("timeout", "what never answers", Url::Path("/slow")),
    error!("connection-lost", "what closes the connection", Url::Path("/lost")),
    error!("malformed-response", "what is no HTTP", Url::Path("/malformed")),
    error!("body-too-large", "a body that is larger than the plan allows", Url::Path("/bytes/5000"), "maxBodySize = 1000"),
    error!("wrong-content", "what is no UTF-8", Url::Path("/latin1")),
    error!("bad-encoding", "what says gzip and is none", Url::Path("/bad-gzip")),
    error!(
        "name-lookup",
        "a host whose name there is not",
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
