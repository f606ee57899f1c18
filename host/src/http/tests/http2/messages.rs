//! What is sent and received, to the byte.

use super::*;

/// A socket that counts.
struct Counted {
    tcp: TcpStream,
    read: Arc<AtomicU64>,
    written: Arc<AtomicU64>,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.tcp).poll_read(cx, buf);
        let bytes = buf.filled().len() - before;
        self.read.fetch_add(bytes as u64, SeqCst);
        read
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        let written = Pin::new(&mut self.tcp).poll_write_vectored(cx, bufs);
        if let Poll::Ready(Ok(bytes)) = written {
            self.written.fetch_add(bytes as u64, SeqCst);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}

#[tokio::test]
async fn all_bytes_of_a_connection_are_counted_once() {
    let read = Arc::new(AtomicU64::new(0));
    let written = Arc::new(AtomicU64::new(0));
    let (sum_read, sum_written) = (Arc::clone(&read), Arc::clone(&written));
    let server = serve_sockets(move |tcp, requests, _| {
        let stream = Counted {
            tcp,
            read: Arc::clone(&sum_read),
            written: Arc::clone(&sum_written),
        };
        let builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        speak(builder, stream, requests, |request| async move {
            let body = request.into_body().collect().await.unwrap().to_bytes();
            answer(body)
        })
    })
    .await;
    let mut client = prior_knowledge();
    let mut large = Request::new("POST", &server.url("/")).unwrap();
    large.set_body(Bytes::from(vec![7; 3 << 20]));
    let small = get(&server.url("/"));
    let (mut sent, mut received) = (0, 0);
    for _ in 0..3 {
        for exchange in client.send_all(&[&large, &small, &large], &()).await {
            sent += exchange.bytes_sent;
            received += exchange.bytes_received;
        }
    }
    // What the connection itself says in the end nobody counts: a frame or two
    // that open windows.
    sleep(Duration::from_millis(50)).await;
    let (read, written) = (read.load(SeqCst), written.load(SeqCst));
    assert!(sent > 18 << 20 && received > 18 << 20);
    assert!(read - sent < 200, "{read} read, {sent} sent");
    assert!(
        written - received < 200,
        "{written} written, {received} received"
    );
}

#[tokio::test]
async fn the_head_is_as_the_request_was_built() {
    let (seen, mut heads) = mpsc::unbounded_channel();
    let server = serve(move |request| {
        let (head, body) = request.into_parts();
        let seen = seen.clone();
        async move {
            let body = body.collect().await.unwrap().to_bytes();
            seen.send((head, body)).unwrap();
            answer("")
        }
    })
    .await;
    let mut client = client_with(|settings| {
        settings.protocol = Protocol::Http2;
        settings.user_agent = "vuelo/test".to_owned();
    });
    let authority = format!("127.0.0.1:{}", server.port);
    let mut request = get(&format!("http://u:p@{authority}/a/b?c=d%20e#f"));
    request.append_header("x-one", "1").unwrap();
    request.append_header("x-one", "ü").unwrap();
    for (name, value) in [
        ("connection", "keep-alive"),
        ("keep-alive", "timeout=5"),
        ("upgrade", "h2c"),
        ("te", "gzip"),
    ] {
        request.set_header(name, value).unwrap();
    }
    assert!(client.send(&request, &()).await.outcome.is_ok());
    let (head, _) = heads.recv().await.unwrap();
    assert_eq!(
        head.uri.to_string(),
        format!("http://{authority}/a/b?c=d%20e")
    );
    let mut names: Vec<&str> = head.headers.keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["authorization", "user-agent", "x-one"]);
    assert_eq!(head.headers["authorization"], "Basic dTpw");
    assert_eq!(head.headers["user-agent"], "vuelo/test");
    assert_eq!(head.headers.get_all("x-one").iter().count(), 2);

    let mut request = Request::new("POST", &server.url("/")).unwrap();
    request.set_header("host", "example.com").unwrap();
    request.set_body(Bytes::from_static(b"{}"));
    assert!(client.send(&request, &()).await.outcome.is_ok());
    let (head, body) = heads.recv().await.unwrap();
    assert_eq!(head.uri, "http://example.com/");
    assert_eq!(
        (&head.headers["content-length"], &body[..]),
        (&"2".parse().unwrap(), &b"{}"[..])
    );
}

#[tokio::test]
async fn a_large_body_goes_both_ways_and_its_sending_is_timed() {
    let server = serve(|request| async move {
        // Windows are full meanwhile.
        sleep(Duration::from_millis(120)).await;
        let body = request.into_body().collect().await.unwrap().to_bytes();
        answer(body)
    })
    .await;
    let mut client = prior_knowledge();
    let body: Vec<u8> = (0..20_u32 << 20).map(|at| (at >> 3) as u8).collect();
    let mut request = Request::new("POST", &server.url("/")).unwrap();
    request.set_body(Bytes::from(body.clone()));
    let exchange = client.send(&request, &()).await;
    assert!(exchange.outcome.as_ref().unwrap().body() == body);
    assert!(exchange.timings.sending.unwrap() > Duration::from_millis(100));
    assert!(exchange.bytes_sent > body.len() as u64 && exchange.bytes_received > body.len() as u64);
}

#[tokio::test]
async fn a_body_is_sent_while_it_is_made() {
    let server = serve(|request| async move {
        let body = request.into_body().collect().await.unwrap();
        let trailer = body.trailers().map(|trailers| trailers["x-sum"].clone());
        let length = body.to_bytes().len();
        answer(format!("{length} {trailer:?}"))
    })
    .await;
    /// The pieces that somebody makes.
    struct Pieces(mpsc::UnboundedReceiver<Frame<Bytes>>);
    impl Body for Pieces {
        type Data = Bytes;
        type Error = BodyError;
        fn poll_frame(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
            self.0.poll_recv(cx).map(|piece| piece.map(Ok))
        }
    }
    let engine = Engine::new(Settings {
        protocol: Protocol::Http2,
        ..Settings::default()
    })
    .unwrap();
    let request = Request::new("POST", &server.url("/")).unwrap();
    let call = Call::new(&engine, Sent::AsBuilt(&request));
    let leg = call.leg(&Cookies::default());
    let mut progress = Progress::new(std::time::Instant::now(), &leg);
    let route = alone(&engine, request.origin(), SOON, &mut progress)
        .await
        .unwrap();
    let Route::Http2(http2, meter) = route else {
        panic!("HTTP/2 was wanted");
    };
    let (pieces, made) = mpsc::unbounded_channel();
    let body = OutgoingBody::Streamed(Box::pin(Pieces(made)));
    let mut message = http::Request::new(body);
    *message.method_mut() = http::Method::POST;
    let sending = http2.send(request.uri().clone(), message, Arc::clone(&meter));
    let making = async {
        for _ in 0..50 {
            sleep(Duration::from_millis(1)).await;
            let piece = Frame::data(Bytes::from(vec![1; 100_000]));
            pieces.send(piece).unwrap();
        }
        let trailers = [("x-sum".parse().unwrap(), "5".parse().unwrap())];
        let trailers = Frame::trailers(trailers.into_iter().collect());
        pieces.send(trailers).unwrap();
        drop(pieces);
    };
    let (answer, ()) = tokio::join!(sending, making);
    let (mut answer, _stream) = answer.map_err(|_| "no answer").unwrap();
    let authority = Arc::from("server");
    let text = answer.body_mut().next_piece(&authority).await;
    let text = text.unwrap().unwrap();
    assert_eq!(text, "5000000 Some(\"5\")");
    assert!(meter.writing.length(None).unwrap() > Duration::from_millis(40));
}
