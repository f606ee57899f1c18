//! Bodies that are forms.

use bytes::Bytes;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use sha2::{Digest, Sha256};
use url::form_urlencoded;

use super::error::{Error, Mistake};
use super::request::{Request, header_value};

/// A part of a form that can hold files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The field's name.
    pub name: String,
    /// The file's name, where it is a file.
    pub file_name: Option<String>,
    /// What it is; for a file without, `application/octet-stream`.
    pub content_type: Option<String>,
    /// Its content.
    pub content: Bytes,
}

impl Request {
    /// Sets the body to the fields of a form, as
    /// `application/x-www-form-urlencoded`, in place of an earlier body.
    pub fn set_form(&mut self, fields: &[(String, String)]) {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        self.set_body(Bytes::from(form.finish()));
        let value = HeaderValue::from_static("application/x-www-form-urlencoded");
        self.change().headers.insert(CONTENT_TYPE, value);
    }

    /// Sets the body to the parts of a form, as `multipart/form-data`, in place of
    /// an earlier body. The same parts make the same body.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidRequest`] where a content type is none.
    pub fn set_multipart(&mut self, parts: &[Part]) -> Result<(), Error> {
        let boundary = boundary(parts);
        let content = parts.iter().map(|part| part.content.len() + 256);
        let mut body = Vec::with_capacity(content.sum());
        for part in parts {
            body.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
            let name = quoted(&part.name);
            let disposition = format!("content-disposition: form-data; name=\"{name}\"");
            body.extend_from_slice(disposition.as_bytes());
            if let Some(file_name) = &part.file_name {
                let file_name = quoted(file_name);
                body.extend_from_slice(format!("; filename=\"{file_name}\"").as_bytes());
            }
            let content_type = match (&part.content_type, &part.file_name) {
                (Some(content_type), _) => Some(content_type.as_str()),
                (None, Some(_)) => Some("application/octet-stream"),
                (None, None) => None,
            };
            if let Some(content_type) = content_type {
                let value = header_value("content-type", content_type)?;
                body.extend_from_slice(b"\r\ncontent-type: ");
                body.extend_from_slice(value.as_bytes());
            }
            body.extend_from_slice(b"\r\n\r\n");
            body.extend_from_slice(&part.content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        let value = HeaderValue::try_from(format!("multipart/form-data; boundary={boundary}"))
            .map_err(|_| Error::InvalidRequest {
                mistake: Mistake::HeaderValue {
                    name: CONTENT_TYPE.to_string(),
                },
            })?;
        self.set_body(Bytes::from(body));
        self.change().headers.insert(CONTENT_TYPE, value);
        Ok(())
    }
}

/// A line that stands in none of the parts: nobody can write down a text that has
/// its own digest in it.
fn boundary(parts: &[Part]) -> String {
    use std::fmt::Write;
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.name.len() as u64).to_be_bytes());
        digest.update(&part.name);
        digest.update((part.content.len() as u64).to_be_bytes());
        digest.update(&part.content);
    }
    let mut boundary = "vuelo-".to_owned();
    for byte in &digest.finalize()[..16] {
        // Writing to a text cannot fail.
        let _ = write!(boundary, "{byte:02x}");
    }
    boundary
}

/// A name as the HTML standard has it escaped (4.10.21.8).
fn quoted(name: &str) -> String {
    name.replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn request() -> Request {
        Request::new("POST", "http://host/").unwrap()
    }

    fn part(name: &str, content: &'static str) -> Part {
        Part {
            name: name.to_owned(),
            file_name: None,
            content_type: None,
            content: Bytes::from_static(content.as_bytes()),
        }
    }

    #[test]
    fn the_fields_of_a_form_are_encoded_in_order() {
        let mut request = request();
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        request.set_form(&[field("b", "1 + 1"), field("ä&", ""), field("b", "~*-._")]);
        assert_eq!(&request.body()[..], b"b=1+%2B+1&%C3%A4%26=&b=%7E*-._");
        assert_eq!(
            request.headers[CONTENT_TYPE],
            "application/x-www-form-urlencoded"
        );
    }

    #[test]
    fn the_parts_of_a_form_stand_between_boundaries() {
        let mut request = request();
        let file = Part {
            file_name: Some("a \"b\"\r\n.txt".to_owned()),
            content_type: Some("text/plain".to_owned()),
            ..part("file", "content\r\n")
        };
        let bare = Part {
            file_name: Some("c".to_owned()),
            ..part("bare", "")
        };
        let parts = [part("field", "value"), file, bare];
        request.set_multipart(&parts).unwrap();
        let content_type = request.headers[CONTENT_TYPE].to_str().unwrap().to_owned();
        let boundary = content_type
            .strip_prefix("multipart/form-data; boundary=")
            .unwrap();
        let expected = format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"field\"\r\n\r\nvalue\r\n\
             --{boundary}\r\ncontent-disposition: form-data; name=\"file\"; \
             filename=\"a %22b%22%0D%0A.txt\"\r\ncontent-type: text/plain\r\n\r\ncontent\r\n\r\n\
             --{boundary}\r\ncontent-disposition: form-data; name=\"bare\"; filename=\"c\"\r\n\
             content-type: application/octet-stream\r\n\r\n\r\n--{boundary}--\r\n"
        );
        assert_eq!(String::from_utf8_lossy(request.body()), expected);

        let first = request.body().clone();
        request.set_multipart(&parts).unwrap();
        assert_eq!(request.body(), &first, "the same parts make the same body");
        request.set_multipart(&[part("field", "other")]).unwrap();
        assert!(
            !request.headers[CONTENT_TYPE]
                .to_str()
                .unwrap()
                .contains(boundary)
        );
    }

    #[test]
    fn a_content_type_that_is_none_is_refused() {
        let bad = Part {
            content_type: Some("text/plain\r\nx: y".to_owned()),
            ..part("a", "b")
        };
        assert!(request().set_multipart(&[bad]).is_err());
    }
}
