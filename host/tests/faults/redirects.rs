//! What goes wrong in redirects.

use crate::fault::{Ask, Fault, Took, fault};

pub fn faults() -> Vec<Fault> {
    vec![
        redirecting("redirects in a circle", "location: /fault\r\n")
            .asked(Ask::GetAround)
            .gives("on")
            .phases(|phases| phases.connecting = Took::Zero),
        redirecting("redirects to nowhere", "").gives("on"),
        redirecting("redirects to what is no URL", "location: http://[\r\n").fails(1020),
        redirecting(
            "redirects to another protocol",
            "location: ftp://localhost/\r\n",
        )
        .fails(1020),
    ]
}

/// Redirects whoever asks, again and again, and is in good health otherwise.
fn redirecting(name: &'static str, location: &'static str) -> Fault {
    fault(name, move |mut caller| async move {
        while let Some(head) = caller.request().await {
            let answer = if head.starts_with("GET /next ") {
                "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood".to_owned()
            } else {
                format!("HTTP/1.1 302 Found\r\n{location}content-length: 2\r\n\r\non")
            };
            caller.write(answer.as_bytes()).await;
        }
    })
}
