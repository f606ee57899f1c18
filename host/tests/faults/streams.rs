//! What goes wrong in a stream of events.

use crate::fault::{Ask, Fault, Took, fault};
use crate::server::Caller;

pub fn faults() -> Vec<Fault> {
    vec![
        streaming("cuts a character in two", |mut caller| async move {
            for piece in [
                &b"data: caf\xC3"[..],
                b"\xA9 \xF0",
                b"\x9F\x9A",
                b"\x80\n\n",
            ] {
                chunk(&mut caller, piece).await;
                caller.a_moment().await;
            }
            caller.write(b"0\r\n\r\n").await;
            caller.go_on().await;
        })
        .gives("café 🚀"),
        streaming("closes inside a character", |mut caller| async move {
            chunk(&mut caller, b"data: first\n\ndata: caf\xC3").await;
            caller.a_moment().await;
        })
        .fails(1200)
        .gives("first"),
        streaming("resets inside an event", |mut caller| async move {
            chunk(&mut caller, b"data: first\n\ndata: sec").await;
            caller.a_moment().await;
            caller.reset();
        })
        .fails(1220)
        .gives("first"),
        streaming("ends inside an event", |mut caller| async move {
            chunk(&mut caller, b"data: first\n\ndata: sec").await;
            caller.write(b"0\r\n\r\n").await;
            caller.go_on().await;
        })
        .gives("first"),
        streaming("stalls inside an event", |mut caller| async move {
            chunk(&mut caller, b"data: first\n\ndata: sec").await;
            caller.stall().await;
        })
        .fails(1050)
        .gives("first")
        .phases(|phases| phases.receiving = Took::Patience),
        streaming("has an event without end", |mut caller| async move {
            chunk(&mut caller, b"data: first\n\ndata: ").await;
            let more = [&b"1000\r\n"[..], &[b'x'; 0x1000], b"\r\n"].concat();
            while caller.try_write(&more).await.is_ok() {}
        })
        .fails(1702)
        .gives("first"),
        streaming("sends bytes that are no text", |mut caller| async move {
            chunk(&mut caller, b"data: \xFF\xFE\n\n").await;
            caller.write(b"0\r\n\r\n").await;
            caller.go_on().await;
        })
        .gives("\u{fffd}\u{fffd}"),
    ]
}

fn streaming<Doing>(
    name: &'static str,
    act: impl Fn(Caller) -> Doing + Send + Sync + Clone + 'static,
) -> Fault
where
    Doing: Future<Output = ()> + Send + 'static,
{
    fault(name, move |mut caller| {
        let act = act.clone();
        async move {
            caller.request().await;
            caller
                .write(
                    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
                      transfer-encoding: chunked\r\n\r\n",
                )
                .await;
            act(caller).await;
        }
    })
    .asked(Ask::Events)
}

async fn chunk(caller: &mut Caller, bytes: &[u8]) {
    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
    chunk.extend_from_slice(bytes);
    chunk.extend_from_slice(b"\r\n");
    caller.write(&chunk).await;
}
