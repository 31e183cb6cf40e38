//! The project's folders, and commands that run in the project.

use std::env::consts::EXE_SUFFIX;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result};

/// The compiler's target for the client's module.
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// The project's folders.
pub struct Project {
    root: PathBuf,
    target: PathBuf,
    tools: PathBuf,
}

impl Project {
    /// Finds the project that this command was compiled from.
    pub fn locate() -> Self {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest.parent().unwrap_or(manifest).to_path_buf();
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => root.join(folder),
            None => root.join("target"),
        };
        let tools = target.join("tools");
        Self {
            root,
            target,
            tools,
        }
    }

    /// A copy of the project in another folder that uses the same tools.
    pub fn copied_to(&self, root: PathBuf) -> Self {
        let target = root.join("target");
        let tools = self.tools.clone();
        Self {
            root,
            target,
            tools,
        }
    }

    /// The project's top folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The path of a file, given from the top folder.
    pub fn path(&self, from_root: impl AsRef<Path>) -> PathBuf {
        self.root.join(from_root)
    }

    /// A path in the build folder.
    pub fn target(&self, inside: impl AsRef<Path>) -> PathBuf {
        self.target.join(inside)
    }

    /// The unoptimized build of one of the workspace's programs.
    pub fn program(&self, name: &str) -> PathBuf {
        self.target(format!("debug/{name}{EXE_SUFFIX}"))
    }

    /// The folder of the project's own tools, kept between runs.
    pub fn tools(&self) -> PathBuf {
        self.tools.clone()
    }

    /// The search path for commands. Our tools come first, so that their versions are used. Debian's folder of servers comes
    /// last; only root has it on the PATH.
    pub fn search_path(&self) -> OsString {
        let others = env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.tools().join("bin"))
            .chain(env::split_paths(&others))
            .chain(["/usr/local/sbin".into(), "/usr/sbin".into()]);
        // Joining fails only if the project's own path contains a colon. The PATH alone is then the best choice.
        env::join_paths(folders).unwrap_or(others)
    }

    /// The file of a command, if it is installed.
    pub fn find_program(&self, name: &str) -> Option<PathBuf> {
        const ENDINGS: &[&str] = if cfg!(windows) {
            &["exe", "cmd"]
        } else {
            &[""]
        };
        env::split_paths(&self.search_path())
            .flat_map(|folder| {
                ENDINGS
                    .iter()
                    .map(move |ending| folder.join(name).with_extension(ending))
            })
            .find(|file| file.is_file())
    }

    /// A command that runs in the top folder and finds our tools.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(&self.root)
            .env("PATH", self.search_path());
        command
    }

    /// npm, which is a script on Windows.
    pub fn npm(&self) -> Command {
        self.command(if cfg!(windows) { "npm.cmd" } else { "npm" })
    }

    /// The name of the Python command.
    pub fn python(&self) -> &'static str {
        if cfg!(windows) { "python" } else { "python3" }
    }

    /// One of our scripts, run by the machine's Node.js.
    pub fn script(&self, name: &str) -> Command {
        let mut command = self.command("node");
        command.arg(self.path("xtask/node").join(name));
        command
    }

    /// The version of a crate that `Cargo.lock` names.
    pub fn locked_version(&self, krate: &str) -> Result<String> {
        let lock = self.path("Cargo.lock");
        let text =
            fs::read_to_string(&lock).with_context(|| format!("reading {}", lock.display()))?;
        version_in_lock(&text, krate)
            .map(str::to_owned)
            .with_context(|| format!("Cargo.lock names no {krate}: is it still a dependency?"))
    }
}

fn version_in_lock<'a>(lock: &'a str, krate: &str) -> Option<&'a str> {
    let name = format!("name = \"{krate}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines
        .nth(1)?
        .strip_prefix("version = \"")?
        .strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_in_the_lock_file_is_that_of_the_named_crate_alone() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.1.0\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(version_in_lock(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(version_in_lock(lock, "wasm"), None);
    }
}
