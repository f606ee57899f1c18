//! What goes wrong in encoded bodies.

use std::thread;

use async_compression::tokio::write::GzipEncoder;
use tokio::io::AsyncWriteExt;
use tokio::runtime;

use crate::fault::{BODY_LIMIT, Fault, stalling};

pub fn faults() -> Vec<Fault> {
    let small = gzip(b"hello, hello, hello");
    let mut broken = small.clone();
    broken[12] ^= 0xff;
    let mut other_sum = small.clone();
    let sum = other_sum.len() - 8;
    other_sum[sum] ^= 0xff;
    let many = ["br"; 2000].join(",");
    let bomb = gzip(&vec![0; 64 * BODY_LIMIT as usize]);
    vec![
        encoded("says gzip and sends text", "gzip", b"hello, hello, hello").fails(1701),
        encoded("has a gzip stream that breaks", "gzip", &broken).fails(1701),
        encoded("has a gzip stream that ends early", "gzip", &small[..20]).fails(1701),
        encoded("has a gzip stream with another sum", "gzip", &other_sum).fails(1701),
        encoded("says br and sends gzip", "br", &small).fails(1701),
        encoded("names thousands of encodings", &many, &small).fails(1701),
        encoded("says zstd and sends gzip", "zstd", &small).fails(1701),
        encoded(
            "has a body that unpacks to 64 times what is kept",
            "gzip",
            &bomb,
        )
        .fails(1702),
    ]
}

fn encoded(name: &'static str, encoding: &str, body: &[u8]) -> Fault {
    let length = body.len();
    let mut answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-encoding: {encoding}\r\ncontent-length: {length}\r\n\r\n"
    )
    .into_bytes();
    answer.extend_from_slice(body);
    stalling(name, answer)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    // On a thread of its own: the faults are made on a runtime, and one cannot wait
    // within another.
    let pack = || {
        let runtime = runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut encoder = GzipEncoder::new(Vec::new());
            encoder.write_all(bytes).await.unwrap();
            encoder.shutdown().await.unwrap();
            encoder.into_inner()
        })
    };
    thread::scope(|scope| scope.spawn(pack).join().unwrap())
}
