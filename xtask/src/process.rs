//! Running commands: quietly while they succeed, with all their output when they fail.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::progress::step;
use crate::project::Project;

/// What a command printed, and whether it succeeded.
pub struct Finished {
    /// Standard output and standard error, in the order they were written.
    pub output: String,
    /// Whether its exit code was 0.
    pub success: bool,
}

/// Runs a command to its end. The output goes to `target/logs/NAME.log`, where one can follow it.
///
/// # Errors
/// The command cannot be started. [`Finished`] says whether the command itself failed.
pub fn finish(project: &Project, name: &str, command: &mut Command) -> Result<Finished> {
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

/// Runs a command that must succeed, and returns its output.
///
/// # Errors
/// The command cannot be started, or fails; the message has its whole output.
pub fn succeed(project: &Project, name: &str, command: &mut Command) -> Result<String> {
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

/// Builds one of the workspace's programs, unoptimized, and returns its path.
///
/// # Errors
/// The program does not compile; the message has the compiler's output.
pub fn build_program(project: &Project, name: &str) -> Result<PathBuf> {
    let mut build = project.command("cargo");
    build.args(["build", "--package", name]);
    step(&format!("{name}: cargo build"), || {
        succeed(project, &format!("build-{name}"), &mut build)
    })?;
    Ok(project.program(name))
}

/// Builds one of the workspace's programs and replaces this process with it. A system without `exec` runs the program and
/// exits with its code.
///
/// # Errors
/// The program does not compile or start.
pub fn run_program(project: &Project, name: &str, arguments: &[OsString]) -> Result<ExitCode> {
    let mut command = project.command(build_program(project, name)?);
    command.args(arguments);
    replace_process(&mut command).with_context(|| format!("starting {}", shown(&command)))
}

#[cfg(unix)]
fn replace_process(command: &mut Command) -> std::io::Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    // Signals to this process then reach the program, which stops its services.
    Err(command.exec())
}

#[cfg(not(unix))]
fn replace_process(command: &mut Command) -> std::io::Result<ExitCode> {
    let code = command.status()?.code();
    Ok(code
        .and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from))
}

/// The same command at low priority.
pub fn yielding(command: Command) -> Command {
    if !cfg!(unix) {
        return command;
    }
    let mut yielding = Command::new("nice");
    yielding.args(["-n", "10"]);
    yielding.arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        yielding.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => yielding.env(name, value),
            None => yielding.env_remove(name),
        };
    }
    yielding
}

/// The standard output of a short command, or `None` if the command cannot run or fails.
pub fn answer(command: &mut Command) -> Option<String> {
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

/// Creates the log file of a command.
///
/// # Errors
/// The folder or the file cannot be written.
pub fn log(project: &Project, name: &str) -> Result<(File, PathBuf)> {
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
