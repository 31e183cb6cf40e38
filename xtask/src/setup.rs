//! `cargo xtask setup`: installs the tools that the other commands need, and keeps those that are installed already.

mod node;
mod python;
mod rust;
mod system;
mod wheel;

use std::collections::HashMap;
use std::sync::OnceLock;
use std::thread;

use anyhow::{Context, Result, anyhow};

use crate::progress::heading;
use crate::project::Project;

/// Something that a command needs and that the set-up can provide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Need {
    /// A program of the operating system.
    Program(&'static str),
    /// The npm packages of the lock file in a folder of the project; `""` is the top folder.
    Packages(&'static str),
    /// The compiler's target for the client's module, and the tools that build the module and its tests.
    WasmTools,
    /// cargo-deny, which checks the dependencies.
    CargoDeny,
    /// cargo-nextest, which runs the native tests.
    Nextest,
    /// schemathesis, which checks the server against its API documents.
    Schemathesis,
}

/// The needs of building the package.
pub const FOR_PACKAGE: &[Need] = &[Need::WasmTools, Need::Packages("")];

/// The needs of the server's bench.
pub const FOR_SERVER_BENCH: &[Need] = &[
    Need::Packages(""),
    Need::Program("redis-server"),
    Need::Program("wrk"),
];

/// Provides these needs.
///
/// # Errors
/// A tool can be neither found nor installed; the message says how to get it.
pub fn provide(project: &Project, needs: &[Need]) -> Result<()> {
    let provision = Provision::begin(project, needs)?;
    provision.all();
    needs.iter().try_for_each(|need| provision.wait(*need))
}

/// The needs of a run, provided in the background while the run does other work.
pub struct Provision<'a> {
    project: &'a Project,
    needs: Vec<Need>,
    provided: HashMap<Need, OnceLock<Result<(), String>>>,
}

impl<'a> Provision<'a> {
    /// Looks first for tools that only a person can install, so that a missing one is reported at once and not after minutes.
    ///
    /// # Errors
    /// Such a tool is missing; the message says how to get it.
    pub fn begin(project: &'a Project, needs: &[Need]) -> Result<Self> {
        heading("Tools");
        if needs.iter().any(|need| matches!(need, Need::Packages(_))) {
            node::check(project)?;
        }
        let cells = needs.iter().map(|need| (*need, OnceLock::new()));
        let provision = Self {
            project,
            needs: needs.to_vec(),
            provided: cells.collect(),
        };
        system::provide(project, &provision.programs())?;
        Ok(provision)
    }

    /// Provides everything. Building tools keeps the processor busy and fetching packages the network, so both run at the
    /// same time. A failure reaches those who wait for the need.
    pub fn all(&self) {
        let (built, fetched): (Vec<_>, Vec<_>) = self
            .needs
            .iter()
            .copied()
            .partition(|need: &Need| need.is_built());
        thread::scope(|scope| {
            for needs in [built, fetched] {
                scope.spawn(move || {
                    for need in needs {
                        // A failure reaches those who wait for this need.
                        let _ = self.wait(need);
                    }
                });
            }
        });
    }

    /// Returns once this need is provided.
    ///
    /// # Errors
    /// The need cannot be provided; the message says how to get it by other means.
    pub fn wait(&self, need: Need) -> Result<()> {
        let cell = self.provided.get(&need).context("it was not asked for")?;
        let provide = || {
            need.provide(self.project)
                .map_err(|error| format!("{error:#}"))
        };
        cell.get_or_init(provide)
            .clone()
            .map_err(|error| anyhow!(error))
    }

    fn programs(&self) -> Vec<&'static str> {
        let programs = self.needs.iter().filter_map(|need| match need {
            Need::Program(name) => Some(*name),
            _ => None,
        });
        programs.collect()
    }
}

impl Need {
    /// Whether providing this need compiles something.
    fn is_built(self) -> bool {
        self == Self::WasmTools
    }

    fn provide(self, project: &Project) -> Result<()> {
        match self {
            // All programs at once, before anything else.
            Self::Program(_) => Ok(()),
            Self::Packages(folder) => node::provide_packages(project, folder),
            Self::WasmTools => {
                rust::provide_target(project)?;
                rust::provide(project, &rust::wasm_tools(project)?)
            }
            Self::CargoDeny => rust::provide(project, &[rust::CARGO_DENY]),
            Self::Nextest => rust::provide(project, &[rust::NEXTEST]),
            Self::Schemathesis => python::provide_schemathesis(project),
        }
    }
}
