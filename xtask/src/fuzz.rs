//! `cargo xtask fuzz`: searches for inputs that break a rule. See `fuzz/README.md`.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::process::succeed;
use crate::progress::{heading, step};
use crate::project::Project;

/// Searches one target, or each of them, for this many seconds.
///
/// # Errors
/// The targets cannot be built, no target has that name, or an input broke a rule.
pub(crate) fn run(project: &Project, target: Option<&str>, seconds: u32) -> Result<ExitCode> {
    heading("Fuzzing");
    let mut targets = targets(project)?;
    if let Some(wanted) = target {
        targets.retain(|target| target == wanted);
    }
    if targets.is_empty() {
        bail!("there is no such target; the folders in fuzz/corpus are named after them");
    }
    let program = step("the targets", || build(project))?;
    for target in targets {
        step(&target, || {
            let mut search = search(project, &program, &target, seconds)?;
            succeed(project, &format!("fuzz-{target}"), &mut search).map(|_| ())
        })?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The names of all targets.
///
/// # Errors
/// The corpora cannot be listed.
pub(crate) fn targets(project: &Project) -> Result<Vec<String>> {
    let corpora = project.path("fuzz/corpus");
    let corpora = fs::read_dir(&corpora)
        .with_context(|| format!("listing {}", corpora.display()))?
        .map(|corpus| Ok(corpus?.file_name().to_string_lossy().into_owned()));
    let mut targets = corpora.collect::<Result<Vec<_>>>()?;
    targets.sort();
    Ok(targets)
}

/// Builds the targets with counters at every branch.
///
/// # Errors
/// The build fails, for example without a C++ compiler, which libFuzzer needs.
pub(crate) fn build(project: &Project) -> Result<PathBuf> {
    let mut command = project.command("cargo");
    command.args(["build", "--package", "wxsession-fuzz"]);
    command.args(["--features", "libfuzzer"]);
    command.env("RUSTC_WORKSPACE_WRAPPER", project.path("fuzz/instrument"));
    succeed(project, "fuzz-build", &mut command)?;
    Ok(project.program("wxsession-fuzz"))
}

/// Searches this target for inputs that break a rule, starting from the kept inputs.
///
/// # Errors
/// The folder for new inputs cannot be created.
pub(crate) fn search(
    project: &Project,
    program: &PathBuf,
    target: &str,
    seconds: u32,
) -> Result<Command> {
    let folder = project.target("fuzz").join(target);
    let found = folder.join("found");
    fs::create_dir_all(&found)?;
    let mut command = project.command(program);
    command.env("WXSESSION_FUZZ", target);
    command.arg(format!("-max_total_time={seconds}"));
    // Limits for one input, in seconds and megabytes.
    command.args(["-timeout=5", "-rss_limit_mb=512"]);
    command.arg(format!("-artifact_prefix={}/", folder.display()));
    command
        .arg(found)
        .arg(project.path("fuzz/corpus").join(target));
    Ok(command)
}
