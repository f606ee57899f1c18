//! Indented lines in columns.

/// A text of headings and indented lines.
pub(super) struct Text(pub(super) String);

impl Text {
    pub(super) fn head(&mut self, text: &str) {
        self.0.push('\n');
        self.0.push_str(text);
        self.0.push('\n');
    }

    pub(super) fn line(&mut self, text: &str) {
        self.0.push_str("  ");
        self.0.push_str(text.trim_end());
        self.0.push('\n');
    }

    pub(super) fn rows<S: AsRef<str>, const N: usize>(&mut self, rows: &[[S; N]]) {
        let widths: [usize; N] = std::array::from_fn(|column| {
            rows.iter()
                .map(|row| row[column].as_ref().chars().count())
                .max()
                .unwrap_or(0)
        });
        for row in rows {
            let cells: Vec<_> = row
                .iter()
                .zip(widths)
                .map(|(cell, width)| format!("{:width$}", cell.as_ref()))
                .collect();
            self.line(&cells.join("  "));
        }
    }
}
