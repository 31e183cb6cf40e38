//! What the tests and the bench need of the operating system.

use anyhow::{Context, Result, bail};

use crate::process::{answer, succeed};
use crate::progress::{ready, step};
use crate::project::Project;

/// The package of `jsc` is named after the interface of the library, which differs between
/// releases.
const JAVASCRIPTCORE_PACKAGES: [&str; 3] = [
    "libjavascriptcoregtk-4.0-bin",
    "libjavascriptcoregtk-4.1-bin",
    "libjavascriptcoregtk-6.0-bin",
];

/// A program and the Debian packages that may have it, the preferred one first.
pub(super) struct Program {
    name: &'static str,
    packages: &'static [&'static str],
    /// What it has to succeed with, where being there is not enough.
    works: &'static [&'static str],
}

impl Program {
    fn is_there(&self, project: &Project) -> bool {
        project.find_program(self.name).is_some()
            && (self.works.is_empty()
                || answer(project.command(self.name).args(self.works)).is_some())
    }
}

/// Tests and bench start servers of their own: a service that the package may start is none of theirs.
const REDIS: Program = Program {
    name: "redis-server",
    packages: &["redis-server"],
    works: &[],
};

/// What the tests take: Chromium with its driver, JavaScriptCore, Redis, nginx, a clock that can be set, the compiler
/// that libFuzzer takes, Python with its module venv, and what judges units of systemd, which need not run.
pub(super) const FOR_TESTS: [Program; 9] = [
    Program {
        name: "chromium",
        packages: &["chromium"],
        works: &[],
    },
    Program {
        name: "chromedriver",
        packages: &["chromium-driver"],
        works: &[],
    },
    Program {
        name: "jsc",
        packages: &JAVASCRIPTCORE_PACKAGES,
        works: &[],
    },
    REDIS,
    Program {
        name: "nginx",
        packages: &["nginx-light", "nginx"],
        works: &[],
    },
    Program {
        name: "faketime",
        packages: &["faketime"],
        works: &[],
    },
    Program {
        name: "c++",
        packages: &["g++"],
        works: &[],
    },
    Program {
        name: "python3",
        packages: &["python3-venv"],
        // Debian has what makes environments in a package of its own.
        works: &["-c", "import ensurepip, venv"],
    },
    Program {
        name: "systemd-analyze",
        packages: &["systemd"],
        works: &[],
    },
];

/// What the server's bench takes: Redis, and wrk for the load.
pub(super) const FOR_SERVER_BENCH: [Program; 2] = [
    REDIS,
    Program {
        name: "wrk",
        packages: &["wrk"],
        works: &[],
    },
];

/// Installs what is missing where that can be done, else says how to.
pub(super) fn provide(project: &Project, programs: &'static [Program]) -> Result<()> {
    let missing = missing(project, programs);
    if missing.is_empty() {
        ready(&listed(programs));
        return Ok(());
    }
    let names = listed(missing.iter().copied());
    if project.find_program("apt-get").is_none() {
        bail!(
            "not on the PATH: {names}; install them by this system's package manager, then run this \
             again"
        );
    }
    if answer(project.command("id").arg("-u")).as_deref() != Some("0") {
        let packages = missing
            .iter()
            .map(|program| available(project, program))
            .collect::<Vec<_>>()
            .join(" ");
        bail!(
            "not on the PATH: {names}; type this, then run this again:\n  \
             sudo apt-get update && sudo apt-get install --no-install-recommends {packages}"
        );
    }
    step(&format!("{names}: apt-get install"), || {
        install(project, &missing)
    })
}

fn listed<'a>(programs: impl IntoIterator<Item = &'a Program>) -> String {
    let names: Vec<_> = programs.into_iter().map(|program| program.name).collect();
    names.join(", ")
}

fn missing(project: &Project, programs: &'static [Program]) -> Vec<&'static Program> {
    programs
        .iter()
        .filter(|program| !program.is_there(project))
        .collect()
}

fn install(project: &Project, programs: &[&'static Program]) -> Result<()> {
    succeed(
        project,
        "apt-update",
        project.command("apt-get").arg("update"),
    )
    .context(
        "apt-get update failed; check that the package archive can be reached, then run this again",
    )?;
    let mut command = project.command("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive").args([
        "install",
        "--yes",
        "--no-install-recommends",
    ]);
    command.args(programs.iter().map(|program| available(project, program)));
    succeed(project, "apt-install", &mut command)?;
    let absent = |program: &&&Program| !program.is_there(project);
    if let Some(program) = programs.iter().find(absent) {
        bail!(
            "{} was installed and is still not on the PATH",
            program.name
        );
    }
    Ok(())
}

/// The first package of a program that this release of the system has.
fn available(project: &Project, program: &Program) -> &'static str {
    let known = |package: &&&str| {
        answer(project.command("apt-cache").args(["policy", package])).is_some_and(|policy| {
            policy.contains("Candidate:") && !policy.contains("Candidate: (none)")
        })
    };
    program
        .packages
        .iter()
        .find(known)
        .unwrap_or(&program.packages[0])
}
