//! Reads from a test runner's output how many tests ran.

use std::fmt;
use std::iter::Sum;

/// The format in which a runner prints its count.
#[derive(Clone, Copy)]
pub(super) enum Style {
    /// `test result: ok. 3 passed; 0 failed; …`, once for each binary.
    Cargo,
    /// `Summary [   1.2s] 4 tests run: 3 passed, 1 failed, 0 skipped`, once at the end.
    Nextest,
    /// `# tests 4` and `# pass 3` on lines of their own.
    NodeTest,
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
    /// One passed test.
    pub(super) const PASSED: Self = Self {
        passed: 1,
        failed: 0,
    };
    /// One failed test.
    pub(super) const FAILED: Self = Self {
        passed: 0,
        failed: 1,
    };

    /// Reads the count from a runner's output. Returns `None` if there is no count.
    pub(super) fn read(output: &str, style: Style) -> Option<Self> {
        match style {
            Style::Cargo => {
                let counts: Vec<Self> = output.lines().filter_map(cargo_line).collect();
                (!counts.is_empty()).then(|| counts.into_iter().sum())
            }
            Style::Nextest => output.lines().rev().find_map(nextest_line),
            Style::NodeTest => {
                let number = |word| {
                    output
                        .lines()
                        .rev()
                        .find_map(|line| number_after(line, word))
                };
                Self::of(number("# tests ")?, number("# pass ")?)
            }
            Style::Plain => output.lines().rev().find_map(plain_line),
        }
    }

    /// The count for this many tests, of which these passed. A skipped test counts as failed.
    fn of(all: u64, passed: u64) -> Option<Self> {
        let failed = all.checked_sub(passed)?;
        Some(Self { passed, failed })
    }

    /// How many tests ran.
    pub(super) fn all(self) -> u64 {
        self.passed + self.failed
    }
}

impl fmt::Display for Count {
    /// Prints the plain line, whichever runner the count comes from.
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

fn nextest_line(line: &str) -> Option<Count> {
    let (_, counts) = line.trim().strip_prefix("Summary [")?.split_once("] ")?;
    let (run, results) = counts.split_once(':')?;
    let run = number_before(run, " tests run").or_else(|| number_before(run, " test run"))?;
    let result = |word| {
        results.split(',').find_map(|result| {
            let result = result.split_once('(').map_or(result, |(result, _)| result);
            number_before(result.trim(), word)
        })
    };
    let skipped = result(" skipped").unwrap_or(0);
    Count::of(run + skipped, result(" passed").unwrap_or(0))
}

fn plain_line(line: &str) -> Option<Count> {
    let (passed, failed) = line.trim().split_once(", ")?;
    Some(Count {
        passed: number_before(passed, " passed")?,
        failed: number_before(failed, " failed")?,
    })
}

fn number_after(text: &str, word: &str) -> Option<u64> {
    text.strip_prefix(word)?.parse().ok()
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
    fn nextests_summary_counts_what_did_not_pass_for_whatever_reason_as_failed() {
        let read = |summary: &str| Count::read(summary, Style::Nextest);
        assert_eq!(
            read("     Summary [  35.120s] 509 tests run: 509 passed (2 slow), 0 skipped\n"),
            Count::of(509, 509)
        );
        assert_eq!(
            read(
                "     Summary [   1.000s] 7/9 tests run: 5 passed, 1 failed, 1 timed out, 2 skipped\n"
            ),
            None
        );
        assert_eq!(
            read(
                "     Summary [   1.000s] 7 tests run: 5 passed, 1 failed, 1 timed out, 2 skipped\n"
            ),
            Count::of(9, 5)
        );
        assert_eq!(
            read("     Summary [   0.010s] 1 test run: 1 passed, 0 skipped\n"),
            Count::of(1, 1)
        );
    }

    #[test]
    fn what_node_does_not_count_as_passed_has_failed() {
        let output = "ok 1 - one\n# tests 3\n# suites 0\n# pass 2\n# fail 0\n# skipped 1\n";
        assert_eq!(Count::read(output, Style::NodeTest), Count::of(3, 2));
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
