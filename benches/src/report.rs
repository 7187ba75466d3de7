//! How figures are shown: tables in Markdown, medians, ratios.

use std::time::Duration;

/// A table that is printed when it is complete.
#[derive(Debug)]
pub struct Report {
    title: String,
    rows: Vec<Vec<String>>,
}

impl Report {
    /// An empty one with these columns.
    pub fn new(title: impl Into<String>, columns: &[&str]) -> Report {
        Report { title: title.into(), rows: vec![columns.iter().map(|name| (*name).to_owned()).collect()] }
    }

    /// Adds a row, and shows on standard error that it is there.
    pub fn push(&mut self, row: Vec<String>) {
        eprintln!("  {}", row.join("  "));
        self.rows.push(row);
    }

    /// Prints it on standard output.
    pub fn print(&self) {
        let count = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let width = |column: usize| {
            self.rows
                .iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
        };
        let widths: Vec<usize> = (0..count).map(width).collect();
        println!("\n{}\n", self.title);
        for (index, row) in self.rows.iter().enumerate() {
            let cells: Vec<String> = widths
                .iter()
                .enumerate()
                .map(|(column, &width)| {
                    let cell = row.get(column).map_or("", String::as_str);
                    if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
                })
                .collect();
            println!("| {} |", cells.join(" | "));
            if index == 0 {
                let lines: Vec<String> = widths
                    .iter()
                    .enumerate()
                    .map(|(column, &width)| {
                        "-".repeat(width - usize::from(column > 0)) + if column > 0 { ":" } else { "" }
                    })
                    .collect();
                println!("| {} |", lines.join(" | "));
            }
        }
    }
}

/// The value in the middle; the lower one of two. None of none.
pub fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len().checked_sub(1)? / 2).copied()
}

/// Millions, with two digits.
pub fn millions(value: Option<f64>) -> String {
    value.map_or(String::new(), |value| format!("{:.2} M", value / 1e6))
}

/// How many times as much.
pub fn ratio(value: Option<f64>, of: Option<f64>) -> String {
    match (value, of) {
        (Some(value), Some(of)) => format!("{:.2}", value / of),
        _ => String::new(),
    }
}

/// Milliseconds.
pub fn milliseconds(value: Option<f64>) -> String {
    value.map_or(String::new(), |value| format!("{:.1} ms", value * 1e3))
}

/// Nanoseconds.
pub fn nanoseconds(value: Option<f64>) -> String {
    value.map_or(String::new(), |value| format!("{:.0} ns", value * 1e9))
}

/// Millions of bytes.
pub fn megabytes(bytes: Option<f64>) -> String {
    bytes.map_or(String::new(), |bytes| format!("{:.0}", bytes / 1e6))
}

/// Mebibytes.
pub fn mebibytes(bytes: u64) -> String {
    format!("{} MiB", bytes >> 20)
}

/// Seconds, for sorting and medians.
pub fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_a_value_that_was_measured() {
        assert_eq!(median([3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median([4.0, 1.0, 2.0, 3.0]), Some(2.0));
        assert_eq!(median([]), None);
    }
}
