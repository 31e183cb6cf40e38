//! A scratch mini program that contains the packed package, as WeChat's developer tools install it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::package::SHIPPED_FOLDER;
use crate::process::succeed;
use crate::project::Project;

/// Unpacks the tarball and does what 构建 npm does: copies the folder that `package.json` names under `miniprogram` to
/// `miniprogram_npm/NAME`. Returns the folder of the mini program, which replaces an earlier one.
///
/// # Errors
/// The tarball cannot be unpacked or has no such folder.
pub fn install(project: &Project, tarball: &Path, name: &str) -> Result<PathBuf> {
    let folder = project.target("miniprogram").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("emptying {}", folder.display()))?;
    }
    let unpacked = folder.join("node_modules/wxsession");
    unpack(project, tarball, &unpacked)?;
    copy_folder(&unpacked.join(SHIPPED_FOLDER), &package_in(&folder))?;
    Ok(folder)
}

/// Unpacks an npm tarball into a folder, without the top folder that every npm tarball has.
fn unpack(project: &Project, tarball: &Path, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let mut command = project.command("tar");
    command.args(["--extract", "--gzip", "--strip-components=1"]);
    command
        .arg("--file")
        .arg(tarball)
        .arg("--directory")
        .arg(folder);
    succeed(project, "tar", &mut command).map(drop)
}

/// The package's folder in a mini program.
pub fn package_in(program: &Path) -> PathBuf {
    program.join("miniprogram_npm/wxsession")
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("reading {}", from.display()))? {
        let entry = entry?;
        let copy = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &copy)?;
        } else {
            fs::copy(entry.path(), copy)?;
        }
    }
    Ok(())
}
