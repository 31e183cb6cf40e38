//! The scripts beside the package's own, of which a program requires those that it needs: `wxsession/traced`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::{SHIPPED_FOLDER, copy};
use crate::process::succeed;
use crate::project::Project;

/// Their names, and how much each may weigh, compressed by Brotli, in bytes.
pub const BESIDE: [(&str, u64); 8] = [
    ("account", 1_300),
    ("browser", 2_950),
    ("plain", 3_400),
    ("signed", 2_200),
    ("traced", 1_150),
    ("wafer", 1_600),
    ("wafer2", 1_600),
    ("weapp-session-client", 1_600),
];

/// Puts them into the package's folder, and beside its manifest what Node.js and bundlers find them by.
/// `core` is the module as a script, for the one that contains it.
pub(super) fn build(project: &Project, folder: &Path, core: &Path) -> Result<()> {
    for (name, _) in BESIDE {
        let shipped = folder.join(SHIPPED_FOLDER);
        let script = shipped.join(format!("{name}.js"));
        let mut bundle = project.script("bundle-beside.mjs");
        succeed(
            project,
            "bundle-beside",
            bundle.arg(name).arg(&script).arg(core),
        )?;
        let mut check = project.script("check-bundle.mjs");
        succeed(project, "check-bundle", check.arg(&script))
            .with_context(|| format!("{name}.js is not what WeChat runs everywhere"))?;

        let declarations = project.path(format!("js/{name}.d.ts"));
        copy(&declarations, &shipped.join(format!("{name}.d.ts")))?;
        let inside = format!("./{SHIPPED_FOLDER}/{name}");
        // Building npm copies the folder alone; everybody else looks for the script beside the manifest.
        let exports = if fs::read_to_string(&declarations)?.contains("export =") {
            format!("import exported = require('{inside}')\nexport = exported\n")
        } else {
            format!("export * from '{inside}'\n")
        };
        fs::write(folder.join(format!("{name}.d.ts")), exports)?;
        let script = format!("module.exports = require('{inside}.js')\n");
        fs::write(folder.join(format!("{name}.js")), script)?;
    }
    Ok(())
}
