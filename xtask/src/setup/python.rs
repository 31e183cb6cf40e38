//! schemathesis, the only tool in Python, in a virtual environment of its own.

use std::fs;
use std::io::ErrorKind;

use anyhow::{Context, Result};

use crate::process::{answer, succeed};
use crate::progress::{ready, step};
use crate::project::Project;

const SCHEMATHESIS: &str = "schemathesis";
const SCHEMATHESIS_VERSION: &str = "4.32.5";

/// Provides schemathesis, which holds the server to its OpenAPI documents.
pub(super) fn provide_schemathesis(project: &Project) -> Result<()> {
    let spec = format!("{SCHEMATHESIS}=={SCHEMATHESIS_VERSION}");
    let said = answer(project.command(SCHEMATHESIS).arg("--version"));
    if said.is_some_and(|said| {
        said.split_whitespace()
            .any(|word| word == SCHEMATHESIS_VERSION)
    }) {
        ready(&spec);
        return Ok(());
    }
    step(&format!("{spec}: pip install"), || install(project, &spec))
}

fn install(project: &Project, spec: &str) -> Result<()> {
    let environment = project.tools().join("python");
    let mut make = project.command(project.python());
    make.args(["-m", "venv", "--clear"]).arg(&environment);
    succeed(project, "python-venv", &mut make).context(
        "python3 cannot make an environment; install it with its module venv (Debian: python3-venv) and run \
         this again",
    )?;
    let mut install = project.command(environment.join("bin/python"));
    install.args(["-m", "pip", "install", "--disable-pip-version-check"]);
    install.args(["--only-binary", ":all:", spec]);
    succeed(project, "pip-schemathesis", &mut install)
        .context("check that the Python registry can be reached, then run this again")?;
    // The only program of the environment that belongs on the search path.
    let programs = project.tools().join("bin");
    fs::create_dir_all(&programs)?;
    let link = programs.join(SCHEMATHESIS);
    match fs::remove_file(&link) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let program = environment.join("bin").join(SCHEMATHESIS);
    // A link instead of a copy, because the program finds its packages relative to itself. The tests run only on systems
    // with links.
    #[cfg(unix)]
    std::os::unix::fs::symlink(program, link)?;
    #[cfg(not(unix))]
    fs::copy(program, link)?;
    Ok(())
}
