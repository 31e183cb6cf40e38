//! The bill of materials (SBOM) of the server, in CycloneDX: every crate in the program, with its licence and its sum.
//!
//! `cargo tree` says which crates these are. `cargo metadata`, which the tools for CycloneDX ask, joins the features that
//! all crates of the workspace want, and so names crates that are not in the program.

use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::crates::{Crate, Graph};
use super::moment::Moment;
use super::program::PROGRAM;
use crate::package::sums;
use crate::process::answer;
use crate::project::Project;

/// The media type of a bill.
pub(super) const MEDIA_TYPE: &str = "application/vnd.cyclonedx+json";
/// The bill's name in a package. Tools know it by the ending.
pub(super) const FILE: &str = "wxsession-server.cdx.json";

/// What the program is made of.
pub(super) struct Bill {
    graph: Graph,
    timestamp: String,
    program_sum: String,
    rust: String,
}

/// A package of the system that is packed together with the program.
pub(super) struct SystemPackage {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) architecture: String,
    /// The system and its release, like `debian-12`.
    pub(super) system: String,
}

impl Bill {
    pub(super) fn of(
        project: &Project,
        program: &Path,
        graph: Graph,
        moment: &Moment,
    ) -> Result<Self> {
        let rust = answer(project.command("rustc").args(["--version"])).context("asking rustc")?;
        Ok(Self {
            graph,
            timestamp: moment.timestamp.clone(),
            program_sum: sums::sum(program)?,
            // "rustc 1.95.0 (59807616e 2026-04-14)"
            rust: rust.split(' ').nth(1).unwrap_or_default().to_owned(),
        })
    }

    /// The bill of the program, and of these packages beside it.
    pub(super) fn text(&self, beside: &[SystemPackage]) -> Result<String> {
        let program = &self.graph.root;
        let crates = self.graph.crates.iter().filter(|one| *one != program);
        let mut components: Vec<_> = crates.map(component).collect();
        components.push(self.standard_library());
        components.extend(beside.iter().map(SystemPackage::component));

        let mut dependencies: Vec<_> = self
            .graph
            .crates
            .iter()
            .map(|one| self.needs(one))
            .collect();
        let reference = reference(program);
        let beside = std::iter::once(self.standard_library_reference())
            .chain(beside.iter().map(SystemPackage::reference));
        if let Some(needed) = dependencies
            .iter_mut()
            .find(|needs| needs["ref"] == reference.as_str())
            .and_then(|needs| needs["dependsOn"].as_array_mut())
        {
            needed.extend(beside.map(Value::from));
        }

        let mut subject = component(program);
        subject["type"] = json!("application");
        subject["name"] = json!(PROGRAM);
        subject["hashes"] = hashes(&self.program_sum);
        // No serial number: it would have to differ from build to build.
        let document = json!({
            "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "metadata": {
                "timestamp": self.timestamp,
                "lifecycles": [{ "phase": "build" }],
                "component": subject,
            },
            "components": components,
            "dependencies": dependencies,
        });
        Ok(serde_json::to_string_pretty(&document)? + "\n")
    }

    fn needs(&self, one: &Crate) -> Value {
        let needed: Vec<_> = self.graph.needed_by(one).map(reference).collect();
        json!({ "ref": reference(one), "dependsOn": needed })
    }

    fn standard_library_reference(&self) -> String {
        format!("pkg:generic/rust-std@{}", self.rust)
    }

    /// Rust's own library is in every program, and is no crate of a registry.
    fn standard_library(&self) -> Value {
        let reference = self.standard_library_reference();
        json!({
            "type": "library",
            "bom-ref": reference,
            "name": "rust-std",
            "version": self.rust,
            "licenses": licenses("MIT OR Apache-2.0"),
            "purl": reference,
        })
    }
}

impl SystemPackage {
    /// See <https://github.com/package-url/purl-spec>.
    fn reference(&self) -> String {
        let vendor = self.system.split('-').next().unwrap_or_default();
        let version = self.version.replace('+', "%2B").replace(':', "%3A");
        format!(
            "pkg:deb/{vendor}/{}@{version}?arch={}&distro={}",
            self.name, self.architecture, self.system
        )
    }

    fn component(&self) -> Value {
        let reference = self.reference();
        json!({
            "type": "library",
            "bom-ref": reference,
            "name": self.name,
            "version": self.version,
            "purl": reference,
        })
    }
}

fn reference(one: &Crate) -> String {
    let version = one.version.replace('+', "%2B");
    format!("pkg:cargo/{}@{version}", one.name)
}

fn component(one: &Crate) -> Value {
    let reference = reference(one);
    let mut component = json!({
        "type": "library",
        "bom-ref": reference,
        "name": one.name,
        "version": one.version,
        // The compiler runs macros, and nothing of them is in the program.
        "scope": if one.is_macro { "excluded" } else { "required" },
        "purl": reference,
    });
    if let Some(checksum) = &one.checksum {
        component["hashes"] = hashes(checksum);
    }
    if !one.license.is_empty() {
        component["licenses"] = licenses(&one.license);
    }
    component
}

fn hashes(sha256: &str) -> Value {
    json!([{ "alg": "SHA-256", "content": sha256 }])
}

fn licenses(expression: &str) -> Value {
    // Cargo's older notation of "or".
    json!([{ "expression": expression.replace('/', " OR ") }])
}
