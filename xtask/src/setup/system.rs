//! The programs of the operating system that tests and benches need.

use anyhow::{Context, Result, bail};

use crate::process::{answer, succeed};
use crate::progress::{ready, step};
use crate::project::Project;

/// Debian's package of `jsc` is named after the version of the library's interface, which differs between releases.
const JAVASCRIPTCORE_PACKAGES: [&str; 3] = [
    "libjavascriptcoregtk-4.0-bin",
    "libjavascriptcoregtk-4.1-bin",
    "libjavascriptcoregtk-6.0-bin",
];

/// A program, and the Debian packages that may contain it, the preferred one first.
struct Program {
    name: &'static str,
    packages: &'static [&'static str],
    /// Packages that it needs besides.
    beside: &'static [&'static str],
    /// Arguments with which the program must succeed, if its presence is not enough.
    works: &'static [&'static str],
}

/// Every program that anything here needs. Tests and benches start their own servers, and do not touch the services that
/// these packages may start.
const PROGRAMS: &[Program] = &[
    program("chromium", &["chromium"]),
    program("chromedriver", &["chromium-driver"]),
    program("jsc", &JAVASCRIPTCORE_PACKAGES),
    program("redis-server", &["redis-server"]),
    program("nginx", &["nginx-light", "nginx"]),
    // Puts machines with a network of their own on one machine, with unshare, which every Debian has.
    program("ip", &["iproute2"]),
    // A clock that can be set.
    program("faketime", &["faketime"]),
    // libFuzzer is written in C++.
    program("c++", &["g++"]),
    Program {
        name: "python3",
        packages: &["python3-venv"],
        beside: &[],
        // Debian puts the module that creates virtual environments into a separate package.
        works: &["-c", "import ensurepip, venv"],
    },
    Program {
        name: "php",
        packages: &["php-cli"],
        beside: &["php-sqlite3"],
        works: &["-r", "new PDO('sqlite::memory:');"],
    },
    // Checks systemd units; systemd need not run.
    program("systemd-analyze", &["systemd"]),
    // Makes the Debian package, and a manual page for it.
    program("dh", &["debhelper"]),
    program("help2man", &["help2man"]),
    // Judges the Debian package.
    program("lintian", &["lintian"]),
    // Read the container image and run it, rootless.
    program("skopeo", &["skopeo"]),
    program("umoci", &["umoci"]),
    program("crun", &["crun"]),
    // Makes the load for the server's bench.
    program("wrk", &["wrk"]),
];

const fn program(name: &'static str, packages: &'static [&'static str]) -> Program {
    Program {
        name,
        packages,
        beside: &[],
        works: &[],
    }
}

impl Program {
    fn named(name: &str) -> Result<&'static Self> {
        let program = PROGRAMS.iter().find(|program| program.name == name);
        program.with_context(|| format!("setup/system.rs does not know which package has {name}"))
    }

    fn is_there(&self, project: &Project) -> bool {
        project.find_program(self.name).is_some()
            && (self.works.is_empty()
                || answer(project.command(self.name).args(self.works)).is_some())
    }
}

/// Installs missing programs if possible, otherwise says how to.
pub(super) fn provide(project: &Project, names: &[&str]) -> Result<()> {
    if names.is_empty() {
        return Ok(());
    }
    let programs = names.iter().map(|name| Program::named(name));
    let programs = programs.collect::<Result<Vec<_>>>()?;
    let mut missing = programs.clone();
    missing.retain(|program| !program.is_there(project));
    if missing.is_empty() {
        ready(&listed(&programs));
        return Ok(());
    }
    let names = listed(&missing);
    if project.find_program("apt-get").is_none() {
        bail!(
            "not on the PATH: {names}; install them by this system's package manager, then run this \
             again"
        );
    }
    if answer(project.command("id").arg("-u")).as_deref() != Some("0") {
        let packages = missing
            .iter()
            .flat_map(|program| wanted(project, program))
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

fn listed(programs: &[&Program]) -> String {
    let names: Vec<_> = programs.iter().map(|program| program.name).collect();
    names.join(", ")
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
    command.args(programs.iter().flat_map(|program| wanted(project, program)));
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

/// The packages to install for a program.
fn wanted(project: &Project, program: &Program) -> impl Iterator<Item = &'static str> {
    std::iter::once(available(project, program)).chain(program.beside.iter().copied())
}

/// The first package of a program that this release of the system provides.
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
