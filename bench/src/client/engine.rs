//! The engines, and how a script runs on each.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::de::DeserializeOwned;

use xtask::process::{answer, finish};
use xtask::project::Project;

/// The short name of the engine that compiles nothing while a program runs.
pub(super) const INTERPRETER: &str = "jsc, no JIT";

/// An engine on which WeChat runs programs, or the nearest one for a development machine.
pub(super) struct Engine {
    /// The name with the version.
    pub(super) name: String,
    /// The name for a column's head.
    pub(super) short: &'static str,
    program: &'static str,
    flags: &'static [&'static str],
}

impl Engine {
    /// Node.js alone.
    pub(super) fn node(project: &Project) -> Self {
        let version = answer(project.command("node").arg("--version")).unwrap_or_default();
        Self {
            name: format!("Node.js {}", version.trim_start_matches('v')),
            short: "Node.js",
            program: "node",
            flags: &[],
        }
    }

    /// An engine as on Android, one as on iOS, and one as on iOS without a JIT.
    pub(super) fn all(project: &Project) -> [Self; 3] {
        let jsc = match jsc_version(project) {
            Some(version) => format!("jsc {version}"),
            None => "jsc".to_owned(),
        };
        [
            Self::node(project),
            Self {
                name: jsc.clone(),
                short: "jsc",
                program: "jsc",
                flags: &["simulator/phone/jsc.js", "--"],
            },
            Self {
                name: format!("{jsc} without JIT"),
                short: INTERPRETER,
                program: "jsc",
                flags: &["--useJIT=false", "simulator/phone/jsc.js", "--"],
            },
        ]
    }

    /// A script of `bench/scripts/` that measures one library of a mini program.
    pub(super) fn script(
        &self,
        project: &Project,
        script: &str,
        program: &Path,
        library: &str,
    ) -> Command {
        let mut command = project.command(self.program);
        command.args(self.flags);
        command.arg(format!("bench/scripts/{script}"));
        command.arg("--program").arg(program);
        command.args(["--library", library]);
        command
    }
}

/// The version of the Debian package, as the shell itself has no way to tell.
fn jsc_version(project: &Project) -> Option<String> {
    let mut query = project.command("dpkg-query");
    query.args([
        "--show",
        "--showformat=${Version}\\n",
        "libjavascriptcoregtk-*-bin",
    ]);
    let versions = answer(&mut query)?;
    let version = versions.lines().find(|line| !line.is_empty())?;
    version.split('-').next().map(str::to_owned)
}

/// Runs a script, and reads the line of JSON that it prints last.
///
/// # Errors
/// The script fails or prints no such line; the message has its output.
pub(super) fn told<T: DeserializeOwned>(
    project: &Project,
    name: &str,
    command: &mut Command,
) -> Result<T> {
    let finished = finish(project, name, command)?;
    ensure!(finished.success, "{}", finished.output.trim_end());
    // The shell prints warnings about missing files.
    let line = finished.output.lines().rfind(|line| line.starts_with('{'));
    let line = line.with_context(|| format!("{name} printed no figures:\n{}", finished.output))?;
    serde_json::from_str(line).with_context(|| format!("{name} printed {line}"))
}
