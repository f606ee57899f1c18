//! What goes wrong before a byte of the request is written.

use crate::fault::{Door, Fault, Took, fault};

pub fn faults() -> Vec<Fault> {
    vec![
        fault("refuses the connection", |_| async {})
            .behind(Door::Closed)
            .fails(1212)
            .before_the_request()
            .phases(|phases| phases.tls_handshaking = Took::Nothing),
        fault("neither takes nor refuses the connection", |_| async {})
            .behind(Door::Full)
            .fails(1211)
            .before_the_request()
            .phases(|phases| {
                phases.connecting = Took::Patience;
                phases.tls_handshaking = Took::Nothing;
            }),
    ]
}
