//! What goes wrong in HTTP/2.

use crate::fault::{Fault, Phases, Scheme, Took, fault};
use crate::frames::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, ENHANCE_YOUR_CALM, HEADERS, INTERNAL_ERROR,
    NO_ERROR, PING, REFUSED_STREAM, SETTINGS, STATUS_200, Session, frame, go_away, reset_stream,
};

pub fn faults() -> Vec<Fault> {
    let mut faults = goodbyes();
    faults.extend(given_up());
    faults.extend(cut_off());
    faults.extend(malformed());
    faults.extend(endless());
    faults
}

/// The client asks, and the server does this on the stream.
fn asked<Doing>(
    name: &'static str,
    act: impl Fn(Session, u32) -> Doing + Send + Sync + Clone + 'static,
) -> Fault
where
    Doing: Future<Output = ()> + Send + 'static,
{
    let mut fault = fault(name, move |caller| {
        let act = act.clone();
        async move {
            let mut session = Session::begin(caller).await;
            if let Some(stream) = session.request().await {
                act(session, stream).await;
            }
        }
    });
    fault.scheme = Scheme::Http2;
    fault
}

/// The client asks, and the server writes this, whatever the stream is: the first.
fn writing(name: &'static str, bytes: Vec<u8>) -> Fault {
    asked(name, move |mut session, _| {
        let bytes = bytes.clone();
        async move {
            session.write(&bytes).await;
            session.go_on().await;
        }
    })
}

fn goodbyes() -> Vec<Fault> {
    vec![
        asked(
            "says goodbye in the middle of an answer, and completes it",
            |mut session, stream| async move {
                session.answer(stream).await;
                session.write(&go_away(stream, NO_ERROR)).await;
                session.caller.a_moment().await;
                session.write(&frame(DATA, END_STREAM, stream, b"hi")).await;
                session.caller.stall().await;
            },
        )
        .gives("hi"),
        asked(
            "says goodbye in the middle of an answer, and goes",
            |mut session, stream| async move {
                session.answer(stream).await;
                session.write(&frame(DATA, 0, stream, b"hi")).await;
                session.write(&go_away(stream, INTERNAL_ERROR)).await;
                session.hear_out().await;
            },
        )
        .fails(1613),
        asked(
            "says goodbye and that it is asked too much",
            |mut session, stream| async move {
                session.write(&go_away(stream, ENHANCE_YOUR_CALM)).await;
                session.hear_out().await;
            },
        )
        .fails(1622)
        .before_the_answer(),
        asked(
            "says goodbye before it has looked at the request",
            |mut session, _| async move {
                session.write(&go_away(0, NO_ERROR)).await;
                session.caller.stall().await;
            },
        )
        .gives("good"),
    ]
}

fn given_up() -> Vec<Fault> {
    vec![
        asked(
            "gives a request up in the middle of the answer",
            |mut session, stream| async move {
                session.answer(stream).await;
                session.write(&frame(DATA, 0, stream, b"hi")).await;
                session.write(&reset_stream(stream, INTERNAL_ERROR)).await;
                session.go_on().await;
            },
        )
        .fails(1633),
        asked(
            "refuses a request that it has not looked at",
            |mut session, stream| async move {
                session.write(&reset_stream(stream, REFUSED_STREAM)).await;
                session.go_on().await;
            },
        )
        .gives("good")
        .phases(|phases| phases.connecting = Took::Zero),
        asked(
            "gives a request up without an error before the answer",
            |mut session, stream| async move {
                session.write(&reset_stream(stream, NO_ERROR)).await;
                session.go_on().await;
            },
        )
        .fails(1631)
        .before_the_answer(),
    ]
}

fn cut_off() -> Vec<Fault> {
    vec![
        asked(
            "closes before an answer of HTTP/2",
            |mut session, _| async move {
                session.hear_out().await;
            },
        )
        .fails(1200)
        .before_the_answer(),
        asked(
            "closes in the body of HTTP/2",
            |mut session, stream| async move {
                session.answer(stream).await;
                session.write(&frame(DATA, 0, stream, b"hi")).await;
                session.hear_out().await;
            },
        )
        .fails(1200),
        asked(
            "resets in the body of HTTP/2",
            |mut session, stream| async move {
                session.answer(stream).await;
                session.write(&frame(DATA, 0, stream, b"hi")).await;
                session.caller.a_moment().await;
                session.caller.reset();
            },
        )
        .fails(1220),
        asked("closes in a frame", |mut session, stream| async move {
            session.answer(stream).await;
            session.write(&frame(DATA, 0, stream, b"hello")[..11]).await;
            session.hear_out().await;
        })
        .fails(1200),
        asked(
            "stalls in the body of HTTP/2",
            |mut session, stream| async move {
                session.answer(stream).await;
                session.write(&frame(DATA, 0, stream, b"hi")).await;
                session.caller.stall().await;
            },
        )
        .fails(1050)
        .phases(|phases| phases.receiving = Took::Patience),
        asked(
            "stalls before an answer of HTTP/2",
            |session, _| async move {
                session.caller.stall().await;
            },
        )
        .fails(1050)
        .phases(waits_in_vain),
    ]
}

fn malformed() -> Vec<Fault> {
    let mut speaks_http1 = fault(
        "speaks HTTP/1.1 where HTTP/2 is known",
        |mut caller| async move {
            caller.first_bytes().await;
            // The request comes after the first words: one that has not come by
            // then is sent again, to whoever takes the next connection.
            caller.a_moment().await;
            caller
                .write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
                .await;
            caller.stall().await;
        },
    );
    speaks_http1.scheme = Scheme::Http2;
    vec![
        speaks_http1.fails(1657).before_the_answer(),
        writing("has a frame larger than allowed", {
            let mut bytes = frame(DATA, 0, 1, &[]);
            bytes[..3].copy_from_slice(&[0xff, 0xff, 0xff]);
            bytes
        })
        .fails(1657),
        writing(
            "has headers that cannot be unpacked",
            frame(HEADERS, END_HEADERS, 1, &[0xff; 20]),
        )
        .fails(1652),
        writing("sends a body before the head", frame(DATA, 0, 1, b"hi")).fails(1652),
        writing(
            "has a frame in the middle of headers",
            [
                frame(HEADERS, 0, 1, STATUS_200),
                frame(DATA, END_STREAM, 1, b"hi"),
            ]
            .concat(),
        )
        .fails(1652),
        writing(
            "answers a request that there is none of",
            frame(HEADERS, END_HEADERS, 7, STATUS_200),
        )
        .fails(1652)
        .before_the_answer(),
        writing(
            "has no status",
            frame(HEADERS, END_HEADERS, 1, b"\x00\x01a\x011"),
        )
        .fails(1632),
        writing(
            "ends before the length that it promised",
            [
                // content-length: 9
                frame(HEADERS, END_HEADERS, 1, b"\x88\x0f\x0d\x019"),
                frame(DATA, END_STREAM, 1, b"hi"),
            ]
            .concat(),
        )
        .fails(1632),
    ]
}

fn waits_in_vain(phases: &mut Phases) {
    phases.waiting = Took::Patience;
    phases.receiving = Took::Nothing;
}

fn endless() -> Vec<Fault> {
    let endless = |name, first: Vec<u8>, again: Vec<u8>| {
        asked(name, move |mut session, _| {
            let (first, again) = (first.clone(), again.repeat(200));
            async move {
                session.write(&first).await;
                while session.caller.try_write(&again).await.is_ok() {}
            }
        })
    };
    vec![
        endless(
            "has headers without end in HTTP/2",
            frame(HEADERS, 0, 1, STATUS_200),
            frame(CONTINUATION, 0, 1, b"\x00\x01a\x011"),
        )
        .fails(1662),
        endless(
            "sends pings without end",
            Vec::new(),
            frame(PING, 0, 0, &[0; 8]),
        )
        .fails(1050)
        .phases(waits_in_vain),
        endless(
            "sends settings without end",
            Vec::new(),
            frame(SETTINGS, 0, 0, &[]),
        )
        .fails(1050)
        .phases(waits_in_vain),
        endless(
            "sends empty pieces of a body without end",
            frame(HEADERS, END_HEADERS, 1, STATUS_200),
            frame(DATA, 0, 1, &[]),
        )
        .fails(1662),
    ]
}
