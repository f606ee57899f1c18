//! A writer of JSON for the options, which are known beforehand to be strings,
//! whole numbers and objects: a fraction of what a general one adds to a guest.

/// Text that grows into one JSON value.
#[derive(Default)]
pub(crate) struct Json(String);

impl Json {
    fn separate(&mut self) {
        if !matches!(self.0.as_bytes().last(), None | Some(b'{' | b'[' | b':')) {
            self.0.push(',');
        }
    }

    pub(crate) fn key(&mut self, name: &str) -> &mut Self {
        self.string(name);
        self.0.push(':');
        self
    }

    pub(crate) fn string(&mut self, value: &str) {
        self.separate();
        self.0.push('"');
        for character in value.chars() {
            match character {
                '"' => self.0.push_str("\\\""),
                '\\' => self.0.push_str("\\\\"),
                '\n' => self.0.push_str("\\n"),
                control if control < ' ' => {
                    const HEX: &[u8; 16] = b"0123456789abcdef";
                    let code = control as usize;
                    self.0.push_str("\\u00");
                    self.0.push(HEX[code >> 4].into());
                    self.0.push(HEX[code & 15].into());
                }
                other => self.0.push(other),
            }
        }
        self.0.push('"');
    }

    pub(crate) fn number(&mut self, value: u64) {
        self.separate();
        self.0.push_str(&value.to_string());
    }

    pub(crate) fn truth(&mut self, value: bool) {
        self.separate();
        self.0.push_str(if value { "true" } else { "false" });
    }

    pub(crate) fn object(&mut self, members: impl FnOnce(&mut Self)) {
        self.separate();
        self.0.push('{');
        members(self);
        self.0.push('}');
    }

    pub(crate) fn list(&mut self, items: impl FnOnce(&mut Self)) {
        self.separate();
        self.0.push('[');
        items(self);
        self.0.push(']');
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }
}
