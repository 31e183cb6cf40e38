//! `cargo xtask setup`: provides the tools that the other commands need, and keeps what is there already.

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

/// Something that a command needs and the set-up can provide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Need {
    /// A program of the operating system.
    Program(&'static str),
    /// The npm packages that the lock file in a folder of the project names; `""` is the top folder.
    Packages(&'static str),
    /// The compiler's target of the client's module, and the tools that build the module and its tests.
    WasmTools,
    /// The judge of the dependencies.
    CargoDeny,
    /// The runner of the native tests.
    Nextest,
    /// The judge of the server's API documents.
    Schemathesis,
}

/// What building the package takes.
pub const FOR_PACKAGE: &[Need] = &[Need::WasmTools, Need::Packages("")];

/// What the server's bench takes.
pub const FOR_SERVER_BENCH: &[Need] = &[
    Need::Packages(""),
    Need::Program("redis-server"),
    Need::Program("wrk"),
];

/// Provides what is needed.
///
/// # Errors
/// Something can be neither found nor installed; the message says how to get it.
pub fn provide(project: &Project, needs: &[Need]) -> Result<()> {
    let provision = Provision::begin(project, needs)?;
    provision.all();
    needs.iter().try_for_each(|need| provision.wait(*need))
}

/// Everything that a run needs, provided while the run has other work.
pub struct Provision<'a> {
    project: &'a Project,
    needs: Vec<Need>,
    provided: HashMap<Need, OnceLock<Result<(), String>>>,
}

impl<'a> Provision<'a> {
    /// Looks for what only a person can install, which is better heard at once than after minutes.
    ///
    /// # Errors
    /// Such a thing is missing; the message says how to get it.
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

    /// Provides everything. Building tools takes the processor and fetching packages takes the network, so that they go
    /// on side by side. What fails is told to those who wait for it.
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
                        // Whoever waits for it hears of a failure.
                        let _ = self.wait(need);
                    }
                });
            }
        });
    }

    /// Returns once this need is provided.
    ///
    /// # Errors
    /// It cannot be provided; the message says how to get it by other means.
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
    /// Whether providing it compiles.
    fn is_built(self) -> bool {
        self == Self::WasmTools
    }

    fn provide(self, project: &Project) -> Result<()> {
        match self {
            // All at once, before anything else.
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
