//! Bodies that are encoded, as `content-encoding` says.

use std::io;
use std::pin::Pin;
use std::sync::Arc;

use async_compression::tokio::bufread::{
    BrotliDecoder, DeflateDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder,
};
use async_compression::zstd::DParameter;
use bytes::Bytes;
use futures_util::stream;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, BufReader};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::io::StreamReader;

use super::arriving::WireBody;
use super::error::Error;

/// How much is decoded at a time: enough that handing it over costs little
/// beside, and little enough that thousands of bodies under way are no burden.
const PIECE: usize = 16 * 1024;

/// RFC 9659: what is sent over HTTP needs a window of 8 MiB at most. More would
/// be the server's way to this machine's memory.
const ZSTD_WINDOW_LOG: u32 = 23;

/// How many encodings a body may be in. Each has buffers of its own, and one calls
/// the next: a head that names thousands would be the server's way to this
/// machine's memory, too. curl takes as many off.
const MOST_LAYERS: usize = 5;

/// An encoding of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

impl Encoding {
    fn named(token: &str) -> Option<Self> {
        const NAMES: [(&str, Encoding); 5] = [
            ("gzip", Encoding::Gzip),
            // RFC 9110, 8.4.1.3: the same.
            ("x-gzip", Encoding::Gzip),
            ("deflate", Encoding::Deflate),
            ("br", Encoding::Brotli),
            ("zstd", Encoding::Zstd),
        ];
        NAMES
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(token))
            .map(|(_, encoding)| *encoding)
    }
}

/// The encodings of a body, in the order in which they are to be taken off.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Encodings(Vec<Encoding>);

impl Encodings {
    /// Those that the head names; `None` where there is nothing to decode. What
    /// is under an encoding that is not known here is handed over as it is, as in
    /// k6.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        if !headers.contains_key(CONTENT_ENCODING) {
            return None;
        }
        let mut named: Vec<&str> = headers
            .get_all(CONTENT_ENCODING)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .filter(|token| !token.is_empty() && !token.eq_ignore_ascii_case("identity"))
            .collect();
        named.reverse();
        let known: Vec<Encoding> = named.into_iter().map_while(Encoding::named).collect();
        (!known.is_empty()).then_some(Self(known))
    }
}

/// A body that a task decodes as it arrives. Dropping it ends the task.
#[derive(Debug)]
pub(super) struct DecodedBody {
    authority: Arc<str>,
    pieces: mpsc::Receiver<Result<Bytes, Error>>,
    /// Until its end was seen.
    task: Option<JoinHandle<()>>,
}

impl DecodedBody {
    /// Decodes the rest of a body, of which nothing has been read yet.
    pub(super) fn of(body: WireBody, encodings: Encodings) -> Self {
        // One that is ready while the next is decoded; more would only be memory.
        let (decoded, pieces) = mpsc::channel(1);
        let authority = Arc::clone(body.authority());
        let task = Some(tokio::spawn(decode(body, encodings, decoded)));
        Self {
            authority,
            pieces,
            task,
        }
    }

    /// The next piece, never an empty one; `None` at the end. Dropping the future
    /// loses nothing.
    pub(super) async fn next_piece(&mut self) -> Result<Option<Bytes>, Error> {
        if let Some(piece) = self.pieces.recv().await {
            return piece.map(Some);
        }
        // A task that broke off has not come to the body's end.
        if let Some(task) = &mut self.task {
            let ended = task.await;
            self.task = None;
            ended.map_err(|error| Error::Other {
                subject: Arc::clone(&self.authority),
                cause: format!("the task that decodes the body broke off: {error}"),
            })?;
        }
        Ok(None)
    }
}

impl Drop for DecodedBody {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// What is read from, whatever it has been through.
type Reader<'b> = Pin<Box<dyn AsyncBufRead + Send + 'b>>;

async fn decode(
    mut body: WireBody,
    encodings: Encodings,
    decoded: mpsc::Sender<Result<Bytes, Error>>,
) {
    let unpacked = match unpack(&mut body, encodings, &decoded).await {
        Err(error) => Err(error_of(body.authority(), &error)),
        Ok(Unpacked::All) => to_end(&mut body).await,
        Ok(Unpacked::Unwanted) => Ok(()),
    };
    if let Err(error) = unpacked {
        // Whoever does not listen any more does not need to know.
        let _ = decoded.send(Err(error)).await;
    }
}

/// How far a body was unpacked.
enum Unpacked {
    All,
    /// Nobody wants the rest.
    Unwanted,
}

async fn unpack(
    body: &mut WireBody,
    encodings: Encodings,
    decoded: &mpsc::Sender<Result<Bytes, Error>>,
) -> io::Result<Unpacked> {
    let pieces = stream::unfold(body, |body| async {
        let piece = body.next_piece().await.map_err(io::Error::other);
        Some((piece.transpose()?, body))
    });
    let mut reader: Reader<'_> = Box::pin(StreamReader::new(Box::pin(pieces)));
    // An encoding of nothing is not nothing, but servers send it so.
    if reader.fill_buf().await?.is_empty() {
        return Ok(Unpacked::All);
    }
    if encodings.0.len() > MOST_LAYERS {
        let cause = format!("it names more than {MOST_LAYERS} encodings");
        return Err(io::Error::new(io::ErrorKind::InvalidData, cause));
    }
    for encoding in encodings.0 {
        reader = layer(encoding, reader).await?;
    }
    loop {
        let piece = reader.fill_buf().await?;
        if piece.is_empty() {
            return Ok(Unpacked::All);
        }
        let piece = Bytes::copy_from_slice(piece);
        reader.consume(piece.len());
        if decoded.send(Ok(piece)).await.is_err() {
            return Ok(Unpacked::Unwanted);
        }
    }
}

/// Reads what comes after the end of the encoded data: most often the protocol's
/// own end, without which the connection would be of no more use.
async fn to_end(body: &mut WireBody) -> Result<(), Error> {
    while body.next_piece().await?.is_some() {}
    Ok(())
}

/// Takes one encoding off.
async fn layer(encoding: Encoding, mut reader: Reader<'_>) -> io::Result<Reader<'_>> {
    Ok(match encoding {
        Encoding::Gzip => {
            let mut decoder = GzipDecoder::new(reader);
            decoder.multiple_members(true);
            buffered(decoder)
        }
        // The standard says zlib. Some servers send what the name says, and
        // browsers take both.
        Encoding::Deflate if is_zlib(reader.fill_buf().await?) => {
            buffered(ZlibDecoder::new(reader))
        }
        Encoding::Deflate => buffered(DeflateDecoder::new(reader)),
        Encoding::Brotli => buffered(BrotliDecoder::new(reader)),
        Encoding::Zstd => {
            let window = DParameter::window_log_max(ZSTD_WINDOW_LOG);
            let mut decoder = ZstdDecoder::with_params(reader, &[window]);
            decoder.multiple_members(true);
            buffered(decoder)
        }
    })
}

fn buffered<'b>(decoder: impl AsyncRead + Send + 'b) -> Reader<'b> {
    Box::pin(BufReader::with_capacity(PIECE, decoder))
}

/// Whether bytes begin as RFC 1950 wants it.
fn is_zlib(bytes: &[u8]) -> bool {
    match bytes {
        [method, flags, ..] => {
            method & 0x0f == 8 && u16::from_be_bytes([*method, *flags]).is_multiple_of(31)
        }
        [method] => method & 0x0f == 8,
        [] => true,
    }
}

/// What went wrong: with the body itself, or with what it is made of.
fn error_of(authority: &Arc<str>, error: &io::Error) -> Error {
    if let Some(error) = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Error>())
    {
        return error.clone();
    }
    let cause = match error.kind() {
        io::ErrorKind::UnexpectedEof => "it ends in the middle".to_owned(),
        _ => error.to_string(),
    };
    Error::BadEncoding {
        authority: Arc::clone(authority),
        cause,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn encodings(values: &[&'static str]) -> Option<Vec<Encoding>> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(CONTENT_ENCODING, HeaderValue::from_static(value));
        }
        Encodings::of(&headers).map(|encodings| encodings.0)
    }

    #[test]
    fn the_last_encoding_is_taken_off_first() {
        use Encoding::{Brotli, Deflate, Gzip, Zstd};
        assert_eq!(encodings(&[]), None);
        assert_eq!(encodings(&["identity"]), None);
        assert_eq!(encodings(&["GZip"]), Some(vec![Gzip]));
        assert_eq!(encodings(&["br, x-gzip"]), Some(vec![Gzip, Brotli]));
        assert_eq!(
            encodings(&["deflate", "identity, zstd"]),
            Some(vec![Zstd, Deflate])
        );
    }

    #[test]
    fn what_is_under_an_unknown_encoding_stays_as_it_is() {
        assert_eq!(encodings(&["compress"]), None);
        assert_eq!(encodings(&["gzip, aes128gcm"]), None);
        assert_eq!(encodings(&["aes128gcm, gzip"]), Some(vec![Encoding::Gzip]));
    }

    #[test]
    fn raw_deflate_is_told_apart_from_zlib() {
        assert!(is_zlib(&[0x78, 0x9c, 0xcb]));
        assert!(is_zlib(&[0x78, 0x01]));
        assert!(!is_zlib(&[0x4b, 0x4c]));
        assert!(!is_zlib(&[0x78, 0x9d]));
    }
}
