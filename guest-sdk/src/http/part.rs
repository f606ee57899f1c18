use crate::host::http as contract;

/// A part of a form that can hold files: see
/// [`RequestBuilder::multipart`](super::RequestBuilder::multipart).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    name: String,
    file_name: Option<String>,
    content_type: Option<String>,
    content: Vec<u8>,
}

impl Part {
    /// A field.
    #[must_use]
    pub fn text(name: &str, value: &str) -> Self {
        Self {
            name: name.to_owned(),
            file_name: None,
            content_type: None,
            content: value.as_bytes().to_vec(),
        }
    }

    /// A file: `application/octet-stream`, unless said otherwise.
    #[must_use]
    pub fn file(name: &str, file_name: &str, content: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.to_owned(),
            file_name: Some(file_name.to_owned()),
            content_type: None,
            content: content.into(),
        }
    }

    /// Says what it is.
    #[must_use]
    pub fn content_type(mut self, content_type: &str) -> Self {
        self.content_type = Some(content_type.to_owned());
        self
    }

    pub(super) fn to_contract(&self) -> contract::FormPart<'_> {
        contract::FormPart {
            name: &self.name,
            file_name: self.file_name.as_deref(),
            content_type: self.content_type.as_deref(),
            content: &self.content,
        }
    }
}
