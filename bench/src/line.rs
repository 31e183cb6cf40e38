//! A line of a table.

use std::fmt::Write as _;

/// A name and numbers.
pub(super) fn row(name: &str, cells: &[impl AsRef<str>]) -> String {
    line(name, 34, cells, 13)
}

/// A name and numbers with their spread.
pub(super) fn wide_row(name: &str, cells: &[impl AsRef<str>]) -> String {
    line(name, 30, cells, 22)
}

/// A name and the counts of three storms.
pub(super) fn storm_row(name: &str, cells: [String; 3]) -> String {
    line(name, 20, &cells, 26)
}

/// Whether a budget is met.
pub(super) fn verdict(is_met: bool) -> &'static str {
    if is_met { "met" } else { "NOT met" }
}

fn line(name: &str, first: usize, cells: &[impl AsRef<str>], width: usize) -> String {
    let mut line = format!("{name:<first$}");
    for cell in cells {
        let _ = write!(line, "{:>width$}", cell.as_ref());
    }
    line.truncate(line.trim_end().len());
    line + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stand_below_each_other() {
        assert_eq!(line("a", 3, &["1", "23"], 4), "a     1  23\n");
        assert_eq!(line("a", 3, &["1", ""], 4), "a     1\n");
    }
}
