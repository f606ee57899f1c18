//! What an error of the system, of TLS or of HTTP means.

use std::error::Error as StdError;
use std::io;
use std::sync::Arc;

use rustls::CertificateError;

use super::error::{ConnectProblem, Error, Fault, LossKind, TlsProblem};

/// Connecting by TCP failed.
pub(super) fn of_connecting(authority: &Arc<str>, error: &io::Error) -> Error {
    /// The same on all Unix systems that the runner is built for.
    const TOO_MANY_FILES: [i32; 2] = [23, 24];
    let authority = Arc::clone(authority);
    let problem = match error.kind() {
        io::ErrorKind::ConnectionRefused => return Error::ConnectionRefused { authority },
        io::ErrorKind::AddrNotAvailable => ConnectProblem::NoLocalPort,
        _ if error
            .raw_os_error()
            .is_some_and(|code| TOO_MANY_FILES.contains(&code)) =>
        {
            ConnectProblem::TooManyFiles
        }
        _ => ConnectProblem::System {
            cause: error.to_string(),
        },
    };
    Error::Connect { authority, problem }
}

/// The TLS handshake failed.
pub(super) fn of_handshake(authority: &Arc<str>, error: &io::Error) -> Error {
    let authority = Arc::clone(authority);
    match find::<rustls::Error>(error) {
        Some(error) => Error::Tls {
            authority,
            problem: tls_problem(error),
        },
        // Nothing is known to be wrong about TLS.
        None => Error::ConnectionLost {
            authority,
            kind: loss_kind(error.kind()),
            cause: format!("in the TLS handshake: {}", chain(error)),
        },
    }
}

/// HTTP failed: in sending, or in receiving head or body.
pub(super) fn of_exchange(authority: &Arc<str>, error: &hyper::Error) -> Error {
    let authority = Arc::clone(authority);
    if let Some(error) = find::<rustls::Error>(error) {
        return Error::Tls {
            authority,
            problem: tls_problem(error),
        };
    }
    let cause = chain(error);
    if error.is_parse() {
        return Error::MalformedResponse { authority, cause };
    }
    if error.is_user() {
        return Error::Other {
            subject: authority,
            cause,
        };
    }
    let kind = match find::<io::Error>(error).map(io::Error::kind) {
        // How the decoder of bodies says that chunks are none.
        Some(io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => {
            return Error::MalformedResponse { authority, cause };
        }
        Some(kind) => loss_kind(kind),
        None => LossKind::Closed,
    };
    Error::ConnectionLost {
        authority,
        kind,
        cause,
    }
}

fn loss_kind(kind: io::ErrorKind) -> LossKind {
    match kind {
        io::ErrorKind::ConnectionReset => LossKind::Reset,
        io::ErrorKind::BrokenPipe => LossKind::BrokenPipe,
        io::ErrorKind::UnexpectedEof => LossKind::Closed,
        _ => LossKind::Failed,
    }
}

/// HTTP/2 failed: in sending, or in receiving head or body.
pub(super) fn of_http2(
    authority: &Arc<str>,
    error: &h2::Error,
    last_words: Option<(Fault, h2::Reason)>,
) -> Error {
    let authority = Arc::clone(authority);
    if let Some(error) = error.get_io() {
        if let Some(error) = find::<rustls::Error>(error) {
            return Error::Tls {
                authority,
                problem: tls_problem(error),
            };
        }
        // It said why before it closed.
        if let Some((fault, reason)) = last_words
            && reason != h2::Reason::NO_ERROR
        {
            return protocol(authority, fault, reason, reason.description().to_owned());
        }
        let cause = error.to_string();
        let kind = match error.kind() {
            io::ErrorKind::ConnectionReset => LossKind::Reset,
            // What the library makes of the end of the bytes.
            io::ErrorKind::BrokenPipe if cause.contains("closed because of") => LossKind::Closed,
            io::ErrorKind::BrokenPipe => LossKind::BrokenPipe,
            io::ErrorKind::UnexpectedEof => LossKind::Closed,
            _ => LossKind::Failed,
        };
        let cause = match kind {
            LossKind::Closed => "the server closed it before the answer was complete".to_owned(),
            LossKind::Reset | LossKind::BrokenPipe | LossKind::Failed => cause,
        };
        return Error::ConnectionLost {
            authority,
            kind,
            cause,
        };
    }
    let Some(reason) = error.reason() else {
        return Error::Other {
            subject: authority,
            cause: error.to_string(),
        };
    };
    let fault = match (error.is_go_away(), error.is_remote()) {
        (true, true) => Fault::GoAway,
        (true, false) => Fault::Connection,
        (false, _) => Fault::Stream,
    };
    protocol(authority, fault, reason, error.to_string())
}

/// A connection of HTTP/2 ended before it took a request.
pub(super) fn of_end(authority: &Arc<str>, last_words: Option<(Fault, h2::Reason)>) -> Error {
    let authority = Arc::clone(authority);
    match last_words {
        Some((fault, reason)) => {
            let cause = format!("{}, before it took the request", reason.description());
            protocol(authority, fault, reason, cause)
        }
        None => Error::ConnectionLost {
            authority,
            kind: LossKind::Closed,
            cause: "the server closed it before it took the request".to_owned(),
        },
    }
}

fn protocol(authority: Arc<str>, fault: Fault, reason: h2::Reason, cause: String) -> Error {
    Error::Protocol {
        authority,
        fault,
        reason: reason.into(),
        cause,
    }
}

/// TLS failed, and only its text is left.
#[cfg(feature = "http3")]
pub(super) fn of_tls_text(authority: &Arc<str>, cause: String) -> Error {
    let problem = if cause.contains("UnknownIssuer") || cause.contains("CaUsedAsEndEntity") {
        TlsProblem::UnknownAuthority { cause }
    } else if cause.contains("not valid for name") || cause.contains("NotValidForName") {
        TlsProblem::OtherNames { cause }
    } else {
        TlsProblem::Other { cause }
    };
    Error::Tls {
        authority: Arc::clone(authority),
        problem,
    }
}

fn tls_problem(error: &rustls::Error) -> TlsProblem {
    let cause = error.to_string();
    match error {
        // A signature is bad where the authority was made anew under the same
        // name, and the old one is trusted.
        rustls::Error::InvalidCertificate(
            CertificateError::UnknownIssuer | CertificateError::BadSignature,
        ) => TlsProblem::UnknownAuthority { cause },
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => TlsProblem::OtherNames { cause },
        // What `openssl req -x509` makes: an authority that vouches for itself.
        // The verifier has no case for it.
        rustls::Error::InvalidCertificate(_) if cause.contains("CaUsedAsEndEntity") => {
            TlsProblem::UnknownAuthority { cause }
        }
        _ => TlsProblem::Other { cause },
    }
}

/// An error of this type among an error's causes. An `io::Error` around another
/// error counts as that one's cause, which its `source` leaves out.
fn find<'e, E: StdError + 'static>(error: &'e (dyn StdError + 'static)) -> Option<&'e E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        next = match error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

/// An error and its causes in one text.
fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        let cause = error.to_string();
        if !text.ends_with(&cause) {
            text = format!("{text}: {cause}");
        }
        next = error.source();
    }
    text
}
