//! Running commands: quietly while they succeed, with all their output when they fail.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::project::Project;

/// What a command printed, and whether it succeeded.
pub(crate) struct Finished {
    /// Standard output and standard error, in the order they were written.
    pub(crate) output: String,
    /// Whether its exit code was 0.
    pub(crate) success: bool,
}

/// Runs a command to its end. Its output goes to `target/logs/NAME.log`, where it can be followed
/// meanwhile.
///
/// # Errors
/// The command cannot be started; what it does about its own failures is in [`Finished`].
pub(crate) fn finish(project: &Project, name: &str, command: &mut Command) -> Result<Finished> {
    let (file, path) = log(project, name)?;
    let status = command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .status()
        .with_context(|| format!("starting {}", shown(command)))?;
    let output = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
    Ok(Finished {
        output,
        success: status.success(),
    })
}

/// Runs a command that has to succeed, and gives what it printed.
///
/// # Errors
/// The command cannot be started, or fails: its whole output is in the message.
pub(crate) fn succeed(project: &Project, name: &str, command: &mut Command) -> Result<String> {
    let finished = finish(project, name, command)?;
    if !finished.success {
        bail!(
            "this command failed: {}\n{}",
            shown(command),
            finished.output.trim_end()
        );
    }
    Ok(finished.output)
}

/// The standard output of a short command, or nothing where it cannot be run or fails.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Makes the file that a command's output goes to.
///
/// # Errors
/// The folder or the file cannot be written.
pub(crate) fn log(project: &Project, name: &str) -> Result<(File, PathBuf)> {
    let path = project.target("logs").join(name).with_extension("log");
    fs::create_dir_all(project.target("logs"))?;
    let file = File::create(&path).with_context(|| format!("writing {}", path.display()))?;
    Ok((file, path))
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
