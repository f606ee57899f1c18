//! Values and secrets of the plan.

use super::{Case, Expected};

pub(super) const CASES: &[Case] = &[
    Case::new(
        "config",
        "Say `greeting=` the value of `GREETING`, `absent=` that of `ABSENT`, `undeclared=` that of `NOBODY` and `secret=` \
         that of `TOKEN`, each `none` where there is none; `no-secret=` whether `GREETING` is none as a secret.",
        &[
            Expected::Says("greeting", &["Grüße, 世界 🦉"]),
            Expected::Says("absent", &["none"]),
            Expected::Says("undeclared", &["none"]),
            Expected::Says("secret", &["none"]),
            Expected::Says("no-secret", &["true"]),
        ],
    ),
    // What the server echoes is masked in the log: the guest cannot show it.
    Case::new(
        "secret",
        "Send `GET B/echo` with the header `authorization` of `Bearer ` and the secret `TOKEN`; say `authorization=` the \
         header that came.",
        &[Expected::Says("authorization", &["Bearer ***"])],
    ),
];
