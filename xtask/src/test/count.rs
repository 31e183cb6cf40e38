//! How many tests ran, read from what their runners print.

use std::fmt;
use std::iter::Sum;

/// How a runner says how many tests it ran.
#[derive(Clone, Copy)]
pub(super) enum Style {
    /// `test result: ok. 3 passed; 0 failed; …`, once for each binary.
    Cargo,
    /// `3 passed, 0 failed` on a line of its own, once at the end.
    Plain,
}

/// How many tests passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) passed: u64,
    pub(super) failed: u64,
}

impl Count {
    /// Reads the count from everything that a runner printed; nothing where it printed none.
    pub(super) fn read(output: &str, style: Style) -> Option<Self> {
        match style {
            Style::Cargo => {
                let counts: Vec<Self> = output.lines().filter_map(cargo_line).collect();
                (!counts.is_empty()).then(|| counts.into_iter().sum())
            }
            Style::Plain => output.lines().rev().find_map(plain_line),
        }
    }

    /// How many ran.
    pub(super) fn all(self) -> u64 {
        self.passed + self.failed
    }
}

impl fmt::Display for Count {
    /// The plain line, which says the same whatever the runner was.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)
    }
}

impl Sum for Count {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), |sum, count| Self {
            passed: sum.passed + count.passed,
            failed: sum.failed + count.failed,
        })
    }
}

fn cargo_line(line: &str) -> Option<Count> {
    let (_, counts) = line
        .trim()
        .strip_prefix("test result: ")?
        .split_once(". ")?;
    let mut parts = counts.split("; ");
    Some(Count {
        passed: number_before(parts.next()?, " passed")?,
        failed: number_before(parts.next()?, " failed")?,
    })
}

fn plain_line(line: &str) -> Option<Count> {
    let (passed, failed) = line.trim().split_once(", ")?;
    Some(Count {
        passed: number_before(passed, " passed")?,
        failed: number_before(failed, " failed")?,
    })
}

fn number_before(text: &str, word: &str) -> Option<u64> {
    text.strip_suffix(word)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counts_of_all_of_cargos_binaries_are_added() {
        let output = "running 2 tests\n\
            test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n\n\
            test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 filtered out\n";
        assert_eq!(
            Count::read(output, Style::Cargo),
            Some(Count {
                passed: 5,
                failed: 1
            })
        );
    }

    #[test]
    fn the_last_plain_line_counts_and_no_sentence_does() {
        let output = "all 3 passed, 0 failed so far\n1 passed, 0 failed\n7 passed, 2 failed\n";
        assert_eq!(
            Count::read(output, Style::Plain),
            Some(Count {
                passed: 7,
                failed: 2
            })
        );
    }

    #[test]
    fn output_without_a_count_has_none() {
        assert_eq!(Count::read("Segmentation fault\n", Style::Plain), None);
        assert_eq!(Count::read("7 passed, 0 failed\n", Style::Cargo), None);
    }
}
