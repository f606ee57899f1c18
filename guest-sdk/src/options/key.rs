use crate::json::Json;

/// A configuration key that the scenario reads. What is not declared cannot be
/// seen.
///
/// ```
/// use vuelo_sdk::prelude::*;
///
/// let options = Options::new()
///     .config(Key::url("BASE_URL").default("http://localhost:8080").description("the shop"))
///     .config(Key::text("CURRENCY").required())
///     .config(Key::secret("TOKEN"));
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Key {
    name: String,
    kind: &'static str,
    default: Option<String>,
    description: Option<String>,
    required: bool,
    secret: bool,
}

impl Key {
    fn of_kind(name: &str, kind: &'static str) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            default: None,
            description: None,
            required: false,
            secret: false,
        }
    }

    /// An absolute `http` or `https` URL. The host checks it before the run.
    pub fn url(name: &str) -> Self {
        Self::of_kind(name, "url")
    }

    /// Any text.
    pub fn text(name: &str) -> Self {
        Self::of_kind(name, "string")
    }

    /// A text that nobody sees: it can fill a header, and that is all.
    pub fn secret(name: &str) -> Self {
        Self {
            secret: true,
            ..Self::of_kind(name, "string")
        }
    }

    /// Its value where nobody gives one.
    pub fn default(mut self, value: &str) -> Self {
        self.default = Some(value.to_owned());
        self
    }

    /// What it is for, for `vuelo inspect` and for error texts.
    pub fn description(mut self, text: &str) -> Self {
        self.description = Some(text.to_owned());
        self
    }

    /// Refuses a run without a value.
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(super) fn write(&self, json: &mut Json) {
        json.key(&self.name).object(|json| {
            json.key("kind").string(self.kind);
            if let Some(value) = &self.default {
                json.key("default").string(value);
            }
            if let Some(text) = &self.description {
                json.key("description").string(text);
            }
            if self.required {
                json.key("required").truth(true);
            }
            if self.secret {
                json.key("secret").truth(true);
            }
        });
    }
}
