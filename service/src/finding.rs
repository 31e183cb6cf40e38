//! What trying something out has found.

use std::error::Error;
use std::io::{self, Write};

use anyhow::ensure;

/// Something that was tried out, and how it did.
#[derive(Debug)]
pub struct Finding {
    /// What was tried out.
    pub asked: String,
    /// What came of it, in words.
    pub answered: String,
    /// What to mend, if that is wrong.
    pub remedy: Option<String>,
}

/// Writes the findings to standard output, a line for each.
///
/// # Errors
/// Standard output cannot be written, or something is wrong.
pub(crate) fn report(findings: &[Finding]) -> anyhow::Result<()> {
    let mut output = io::stdout();
    for finding in findings {
        let mark = finding.remedy.as_ref().map_or("ok   ", |_| "WRONG");
        writeln!(output, "{mark} {}: {}", finding.asked, finding.answered)?;
        if let Some(remedy) = &finding.remedy {
            writeln!(output, "      {}", remedy.replace('\n', "\n    "))?;
        }
    }
    let wrong = findings.iter().filter(|finding| finding.remedy.is_some());
    let (wrong, all) = (wrong.count(), findings.len());
    let verb = if wrong == 1 { "is" } else { "are" };
    ensure!(wrong == 0, "{wrong} of {all} answers {verb} wrong");
    Ok(())
}

/// An error and everything that led to it, in one line.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}
