//! What the program needs of this system: the libraries that it is linked with, of the very versions here.
//!
//! Beside them lies what scanners look for to know the packages that they come from, where distroless images have it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::process::answer;
use crate::project::Project;
use crate::release::archive::Archive;
use crate::release::bill::SystemPackage;

const RELEASE: &str = "/etc/os-release";
/// Names are looked up as everywhere: first in /etc/hosts, then by DNS. Neither needs another library.
const NAME_SERVICES: &str = "hosts: files dns\n";

/// A part of this system.
pub(super) struct System {
    libraries: Vec<PathBuf>,
    pub(super) packages: Vec<SystemPackage>,
    /// What dpkg says of each of the packages.
    states: Vec<String>,
}

impl System {
    /// The part of this system that the program needs.
    pub(super) fn under(project: &Project, program: &Path) -> Result<Self> {
        let linked = answer(project.command("ldd").arg(program))
            .with_context(|| format!("ldd cannot say what {} is linked with", program.display()))?;
        let libraries = libraries(&linked);
        ensure!(!libraries.is_empty(), "ldd names no library:\n{linked}");
        let owners = libraries.iter().map(|library| owner(project, library));
        let owners = owners.collect::<Result<BTreeSet<_>>>()?;
        let release = fs::read_to_string(RELEASE).with_context(|| format!("reading {RELEASE}"))?;
        let name = release_name(&release);
        let mut system = Self {
            libraries,
            packages: Vec::new(),
            states: Vec::new(),
        };
        for owner in owners {
            let ask = |words: &[&str]| {
                let query = answer(project.command("dpkg-query").args(words).arg(&owner));
                query.with_context(|| format!("dpkg-query does not know {owner}"))
            };
            let [package, version, architecture] = [
                ask(&["--show", "--showformat=${Package}"])?,
                ask(&["--show", "--showformat=${Version}"])?,
                ask(&["--show", "--showformat=${Architecture}"])?,
            ];
            system.packages.push(SystemPackage {
                name: package,
                version,
                architecture,
                system: name.clone(),
            });
            system.states.push(ask(&["--status"])? + "\n");
        }
        Ok(system)
    }

    /// The files of this part.
    pub(super) fn files(&self) -> Result<Archive> {
        let mut files = Archive::default();
        files.copy(inside(RELEASE), 0o644, Path::new(RELEASE))?;
        files.add("etc/nsswitch.conf", 0o644, NAME_SERVICES);
        for library in &self.libraries {
            let path = library.to_str().context("a library's path is not text")?;
            files.copy(inside(path), 0o755, library)?;
        }
        for (package, state) in self.packages.iter().zip(&self.states) {
            let name = &package.name;
            let copyright = format!("/usr/share/doc/{name}/copyright");
            files.copy(inside(&copyright), 0o644, Path::new(&copyright))?;
            let path = format!("var/lib/dpkg/status.d/{name}");
            files.add(&path, 0o644, state.as_str());
        }
        Ok(files)
    }
}

/// The files that ldd names, in lines like `libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f905061e000)`.
fn libraries(linked: &str) -> Vec<PathBuf> {
    let words = linked.split_whitespace();
    words
        .filter(|word| word.starts_with('/'))
        .map(PathBuf::from)
        .collect()
}

/// The package that has this file, with its architecture: `libc6:amd64`.
fn owner(project: &Project, file: &Path) -> Result<String> {
    let shown = file.display().to_string();
    // Debian has moved everything to /usr, while links keep the old paths.
    [shown.clone(), format!("/usr{shown}")]
        .iter()
        .find_map(|path| answer(project.command("dpkg-query").arg("--search").arg(path)))
        .and_then(|found| Some(found.split_once(": ")?.0.to_owned()))
        .with_context(|| format!("{shown} is in no package of this system"))
}

/// The system and its version, like `debian-12`.
fn release_name(release: &str) -> String {
    let value = |name: &str| {
        let line = release.lines().find_map(|line| line.strip_prefix(name))?;
        Some(line.trim_matches('"').to_owned())
    };
    let system = value("ID=").unwrap_or_else(|| "linux".into());
    // The next release has a name, and no number yet.
    match value("VERSION_ID=").or_else(|| value("VERSION_CODENAME=")) {
        Some(version) => format!("{system}-{version}"),
        None => system,
    }
}

fn inside(path: &str) -> &str {
    path.trim_start_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_libraries_are_files_and_not_what_the_kernel_adds() {
        let linked = "\tlinux-vdso.so.1 (0x00007f90)\n\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f91)\n\
                      \t/lib64/ld-linux-x86-64.so.2 (0x00007f92)\n";
        let files = [
            "/lib/x86_64-linux-gnu/libc.so.6",
            "/lib64/ld-linux-x86-64.so.2",
        ];
        assert_eq!(libraries(linked), files.map(PathBuf::from));
    }

    #[test]
    fn a_release_has_a_number_or_else_a_name() {
        assert_eq!(
            release_name("NAME=\"Debian\"\nVERSION_ID=\"12\"\nID=debian\n"),
            "debian-12"
        );
        assert_eq!(
            release_name("ID=debian\nVERSION_CODENAME=forky\n"),
            "debian-forky"
        );
    }
}
