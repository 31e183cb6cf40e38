//! The release notes: the changelog's section for this version.

use std::fs;

use anyhow::{Context, Result};

use crate::project::Project;

/// The section of this version, or the unreleased changes as long as the version has no section.
///
/// # Errors
/// The changelog has neither of them.
pub(super) fn of(project: &Project) -> Result<String> {
    let changelog = fs::read_to_string(project.path("CHANGELOG.md"))?;
    let version = project.locked_version("wxsession")?;
    section(&changelog, &version)
        .or_else(|| section(&changelog, "Unreleased"))
        .map(|section| format!("# wxsession {version}\n\n{section}\n"))
        .with_context(|| format!("CHANGELOG.md says nothing about {version}"))
}

fn section<'a>(changelog: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = changelog.split_once(&format!("\n## [{name}]"))?;
    // A date may follow the version in the heading.
    let (_, body) = after.split_once('\n')?;
    let body = body.split_once("\n## ").map_or(body, |(body, _)| body);
    Some(body.trim()).filter(|body| !body.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANGELOG: &str = "# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-12-01\n\n### Added\n\n- More.\n\n\
                             ## [0.1.0]\n\n- All.\n";

    #[test]
    fn the_notes_are_the_section_of_the_version_alone() {
        assert_eq!(section(CHANGELOG, "0.2.0"), Some("### Added\n\n- More."));
        assert_eq!(section(CHANGELOG, "0.1.0"), Some("- All."));
    }

    #[test]
    fn a_section_that_is_empty_or_missing_is_none() {
        assert_eq!(section(CHANGELOG, "Unreleased"), None);
        assert_eq!(section(CHANGELOG, "0.3.0"), None);
    }
}
