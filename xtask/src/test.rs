//! `cargo xtask test`: runs the named suites, or all of them, and counts their tests in one closing line.

mod built;
mod count;
mod engines;
mod fuzzing;
mod lanes;
mod processor;
mod report;
mod stage;
mod suites;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::project::Project;
use crate::setup::{Need, Provision};
use report::Report;
use stage::Stage;
use suites::{COMPILED, SCRIPTED, Suite};

/// Runs the suites with these names or in these groups, or all suites if there are no names. A failure does not stop the
/// rest, so that one run shows everything that is wrong.
///
/// # Errors
/// There is no suite or group of that name, or something is missing that only a person can install.
pub(crate) fn run(project: &Project, names: &[String]) -> Result<ExitCode> {
    let lanes = [chosen(COMPILED, names), chosen(SCRIPTED, names)];
    for name in names {
        if !lanes.iter().flatten().any(|suite| suite.is_called(name)) {
            bail!("there is no suite {name}: `cargo xtask test --list` names them all");
        }
    }
    let report = Report::new(project);
    let provision = Provision::begin(project, &needs(lanes.iter().flatten().copied()))?;
    let stage = Stage::new(project, &report)?;
    lanes::run(lanes, &provision, &stage, &report);
    // Stops the servers before the closing line.
    drop(stage);
    Ok(report.close())
}

/// Prints the names of all suites by group, and what each suite proves.
pub(crate) fn list() {
    let mut suites: Vec<_> = all().collect();
    suites.sort_by_key(|suite| suite.group);
    for group in suites.chunk_by(|one, next| one.group == next.group) {
        println!("{}", group[0].group);
        for suite in group {
            println!("  {:<18} {}", suite.name, suite.proves);
        }
    }
}

/// Everything that the suites need.
pub(crate) fn all_needs() -> Vec<Need> {
    needs(all())
}

fn all() -> impl Iterator<Item = &'static Suite> {
    COMPILED.iter().chain(SCRIPTED)
}

fn chosen(suites: &'static [Suite], names: &[String]) -> Vec<&'static Suite> {
    let is_chosen =
        |suite: &&Suite| names.is_empty() || names.iter().any(|name| suite.is_called(name));
    suites.iter().filter(is_chosen).collect()
}

/// What these suites need, without duplicates, in the order of first use.
fn needs<'a>(suites: impl IntoIterator<Item = &'a Suite>) -> Vec<Need> {
    let mut needs = Vec::new();
    for need in suites.into_iter().flat_map(Suite::needs) {
        if !needs.contains(&need) {
            needs.push(need);
        }
    }
    needs
}

impl Suite {
    fn is_called(&self, name: &str) -> bool {
        self.name == name || self.group == name
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_suites_share_a_name_and_no_group_has_a_suites() {
        let names: HashSet<_> = all().map(|suite| suite.name).collect();
        assert_eq!(names.len(), all().count());
        assert!(all().all(|suite| !names.contains(suite.group)));
    }

    #[test]
    fn a_group_stands_for_all_its_suites_and_a_name_for_one() {
        let named = |name: &str| {
            let names = [name.to_owned()];
            chosen(COMPILED, &names).len() + chosen(SCRIPTED, &names).len()
        };
        assert_eq!(named("clippy"), 1);
        assert!(named("lint") > 1);
        assert_eq!(named("nothing"), 0);
    }
}
