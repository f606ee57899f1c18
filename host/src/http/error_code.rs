//! Numbers for what went wrong: the tag `error_code`.

use std::fmt;

use super::error::Fault;

/// What went wrong, as a number: k6's table, and 1051, 1702, 1703 and 1750
/// to 1752 of ours.
///
/// Numbers of k6 that nothing here gives are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErrorCode(
    /// The number, 1000 to 1999.
    pub u16,
);

impl ErrorCode {
    /// Anything without a number of its own.
    pub const OTHER: Self = Self(1000);
    /// The URL, or the one that the server redirects to, does not parse or is none of
    /// HTTP.
    pub const INVALID_URL: Self = Self(1020);
    /// The request's time was up.
    pub const REQUEST_TIMEOUT: Self = Self(1050);
    /// Ours: the virtual user was stopped while the request was under way.
    pub const INTERRUPTED: Self = Self(1051);
    /// Looking up the name failed.
    pub const NAME_LOOKUP: Self = Self(1100);
    /// There is no such name.
    pub const NO_SUCH_NAME: Self = Self(1101);
    /// The plan does not allow the address that the name led to.
    pub const ADDRESS_NOT_ALLOWED: Self = Self(1110);
    /// The plan does not allow the host.
    pub const NOT_ALLOWED: Self = Self(1111);
    /// Something else about the TCP connection.
    pub const TCP: Self = Self(1200);
    /// Written to a connection that the other side had closed.
    pub const BROKEN_PIPE: Self = Self(1201);
    /// The connection could not be made.
    pub const DIAL: Self = Self(1210);
    /// The connection was not made in time.
    pub const DIAL_TIMEOUT: Self = Self(1211);
    /// Nobody listens.
    pub const DIAL_REFUSED: Self = Self(1212);
    /// The other side reset the connection.
    pub const RESET_BY_PEER: Self = Self(1220);
    /// Something else about TLS.
    pub const TLS: Self = Self(1300);
    /// The certificate is signed by nobody who is trusted.
    pub const UNKNOWN_AUTHORITY: Self = Self(1310);
    /// The certificate is for other names.
    pub const HOST_NAME_MISMATCH: Self = Self(1311);
    /// The first of the server's goodbyes in HTTP/2, one for each reason.
    const GO_AWAY: u16 = 1610;
    /// The first of the broken streams.
    const STREAM: u16 = 1630;
    /// The first of the connections that this side gave up.
    const CONNECTION: u16 = 1650;
    /// The body is not in the encoding that its head says.
    pub const BAD_ENCODING: Self = Self(1701);
    /// Ours: the answer's body is larger than allowed.
    pub const BODY_TOO_LARGE: Self = Self(1702);
    /// Ours: the answer is not HTTP.
    pub const MALFORMED_RESPONSE: Self = Self(1703);
    /// Ours: the answer to a WebSocket's handshake opened no session, and its
    /// status is no error.
    pub const WEBSOCKET_REFUSED: Self = Self(1750);
    /// Ours: the other side broke a rule of the WebSocket protocol.
    pub const WEBSOCKET_PROTOCOL: Self = Self(1751);
    /// Ours: a message of a WebSocket is larger than allowed.
    pub const MESSAGE_TOO_LARGE: Self = Self(1752);

    /// The number of a fault in HTTP/2 with one of its reasons (RFC 9113, 7); all
    /// others have one number together.
    #[must_use]
    pub fn of_http2(fault: Fault, reason: u32) -> Self {
        const LAST_REASON: u16 = 0xd;
        let first = match fault {
            Fault::GoAway => Self::GO_AWAY,
            Fault::Stream => Self::STREAM,
            Fault::Connection => Self::CONNECTION,
        };
        match u16::try_from(reason) {
            Ok(reason) if reason <= LAST_REASON => Self(first + 1 + reason),
            Ok(_) | Err(_) => Self(first),
        }
    }

    /// The number of an answer: 1000 and its status where that is 400 to 599,
    /// none else, as in k6.
    #[must_use]
    pub fn of_status(status: u16) -> Option<Self> {
        (400..600).contains(&status).then(|| Self(1000 + status))
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_of_http2_have_the_numbers_that_k6_gives_them() {
        for (fault, unknown) in [
            (Fault::GoAway, 1610),
            (Fault::Stream, 1630),
            (Fault::Connection, 1650),
        ] {
            let numbers = [0, 1, 0xd, 0xe, u32::MAX].map(|reason| {
                let ErrorCode(number) = ErrorCode::of_http2(fault, reason);
                number - unknown
            });
            assert_eq!(numbers, [1, 2, 14, 0, 0]);
        }
    }
}
