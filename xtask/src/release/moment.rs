//! The moment that everything in a release is dated: two builds of one commit give the same bytes.

use std::env;

use anyhow::{Context, Result, ensure};

use crate::process::answer;
use crate::project::Project;

/// See <https://reproducible-builds.org/specs/source-date-epoch/>.
const VARIABLE: &str = "SOURCE_DATE_EPOCH";

/// A copy of the project without its history has no date. The start of 1980 is the earliest that all formats can hold.
const WITHOUT_HISTORY: u64 = 315_532_800;

/// The moment that the environment names, otherwise that of the commit, in seconds since 1970.
///
/// # Errors
/// The environment's is not a number of seconds.
pub(super) fn unix_seconds(project: &Project) -> Result<u64> {
    match env::var(VARIABLE) {
        Ok(named) => named.parse().with_context(|| {
            format!("{VARIABLE}={named}: must be the seconds since 1970, like 1796061299")
        }),
        Err(_) => Ok(
            answer(project.command("git").args(["log", "-1", "--format=%ct"]))
                .and_then(|seconds| seconds.parse().ok())
                .unwrap_or(WITHOUT_HISTORY),
        ),
    }
}

/// A moment, in the forms that packages take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) unix_seconds: u64,
    /// As RFC 3339 has it: `2026-11-30T17:54:59Z`.
    pub(super) timestamp: String,
    /// As RFC 5322 has it: `Mon, 30 Nov 2026 17:54:59 +0000`.
    pub(super) in_words: String,
}

impl Moment {
    /// The one that [`unix_seconds`] names.
    pub(super) fn of(project: &Project) -> Result<Self> {
        Self::at(project, unix_seconds(project)?)
    }

    fn at(project: &Project, unix_seconds: u64) -> Result<Self> {
        let mut date = project.command("date");
        date.env("LC_ALL", "C").args(["--utc", "--date"]);
        date.arg(format!("@{unix_seconds}"));
        let shown = answer(date.arg("+%Y-%m-%dT%H:%M:%SZ|%a, %d %b %Y %H:%M:%S +0000"))
            .context("asking `date` for a date in words")?;
        let (timestamp, in_words) = shown.split_once('|').unwrap_or_default();
        ensure!(!in_words.is_empty(), "`date` answers {shown}");
        Ok(Self {
            unix_seconds,
            timestamp: timestamp.to_owned(),
            in_words: in_words.to_owned(),
        })
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_moment_has_the_forms_that_packages_take() {
        let moment = Moment::at(&Project::locate(), 1_796_061_299).unwrap();
        assert_eq!(moment.timestamp, "2026-11-30T17:54:59Z");
        assert_eq!(moment.in_words, "Mon, 30 Nov 2026 17:54:59 +0000");
    }
}
