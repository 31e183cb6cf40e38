//! The server as a Debian package, made by debhelper from `service/deploy/debian`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::moment::Moment;
use super::notices;
use super::program::{PROGRAM, Server, copy};
use super::{Manner, bill};
use crate::process::{answer, succeed};
use crate::progress::step;
use crate::project::Project;
use crate::setup::Need;

/// What building the package takes.
pub(crate) const NEEDS: &[Need] = &[Need::Program("dh"), Need::Program("help2man")];

const UNIT: &str = "wxsession-server.service";
/// Where the unit expects a program that was not installed from a package, and where a package has it.
const PLACES: [&str; 2] = ["/usr/local/bin/", "/usr/bin/"];

/// Writes the package to this folder.
///
/// # Errors
/// debhelper fails.
pub(crate) fn build(
    project: &Project,
    server: &Server,
    folder: &Path,
    manner: Manner,
) -> Result<PathBuf> {
    let deploy = project.path("service/deploy");
    // debhelper writes the package beside the sources.
    let scratch = tempfile::tempdir_in(project.target(""))?;
    let source = scratch.path().join("source");
    let debian = source.join("debian");
    for entry in fs::read_dir(deploy.join("debian"))? {
        let entry = entry?;
        copy(&entry.path(), &debian.join(entry.file_name()))?;
    }
    let unit = fs::read_to_string(deploy.join(UNIT))?.replace(PLACES[0], PLACES[1]);
    fs::write(debian.join(UNIT), unit)?;
    let version = format!("{}-1", server.version);
    fs::write(
        debian.join("changelog"),
        changelog(&version, &server.moment),
    )?;

    copy(&server.program, &source.join(PROGRAM))?;
    copy(
        &deploy.join("wxsession.toml"),
        &source.join("wxsession.toml"),
    )?;
    copy(&project.path("CHANGELOG.md"), &source.join("CHANGELOG.md"))?;
    let completions = answer(
        project
            .command(&server.program)
            .args(["completions", "bash"]),
    )
    .context("the server prints no completions")?;
    fs::create_dir(source.join("completions"))?;
    fs::write(source.join("completions").join(PROGRAM), completions + "\n")?;
    fs::write(source.join(bill::FILE), server.bill.text(&[])?)?;
    fs::write(source.join(notices::FILE), &server.notices)?;

    let mut make = match manner {
        Manner::Small | Manner::Quick => project.command("debian/rules"),
        Manner::QuickWithoutRoot => {
            let mut person = project.command("unshare");
            person.args([
                "--user",
                "--map-user=1000",
                "--map-group=1000",
                "debian/rules",
            ]);
            person
        }
    };
    make.arg("binary").current_dir(&source);
    // Says what debian/control says: root is not needed.
    make.env("DEB_RULES_REQUIRES_ROOT", "no");
    make.env("SOURCE_DATE_EPOCH", server.moment.unix_seconds.to_string());
    make.env("LC_ALL", "C.UTF-8");
    if manner != Manner::Small {
        make.env("DPKG_DEB_COMPRESSOR_LEVEL", "1");
    }
    step("the Debian package: debian/rules binary", || {
        succeed(project, "release-debian", &mut make).map(drop)
    })?;
    let name = format!("{PROGRAM}_{version}_{}.deb", server.architecture);
    let package = folder.join(&name);
    copy(&scratch.path().join(name), &package)?;
    Ok(package)
}

/// Debian's own changelog. The project's is in the package, too.
fn changelog(version: &str, moment: &Moment) -> String {
    format!(
        "{PROGRAM} ({version}) unstable; urgency=medium\n\n  \
         * A release of wxsession. The file changelog.gz says what has changed.\n\n \
         -- The wxsession authors <wxsession@localhost.localdomain>  {}\n",
        moment.in_words
    )
}
