//! `cargo xtask setup`: provides the tools that the other commands need, and keeps what is there
//! already.

mod node;
mod python;
mod rust;
mod system;

use std::thread;

use anyhow::{Context, Result, anyhow};

use crate::progress;
use crate::project::Project;

/// What is to be provided.
#[derive(Clone, Copy)]
pub struct Need {
    /// What only the tests take: engines, a browser, and the tools that judge the dependencies and the server.
    tests: bool,
}

impl Need {
    /// What building the package and running the demonstration takes.
    pub const PACKAGE: Self = Self { tests: false };
    /// All of that and what the tests take.
    pub const ALL: Self = Self { tests: true };
}

/// Provides what is needed.
///
/// # Errors
/// Something can be neither found nor installed; the message says how to get it.
pub fn provide(project: &Project, need: Need) -> Result<()> {
    progress::heading("Tools");
    // What only a person can install comes first: it is better heard at once than after a build of
    // minutes.
    node::check(project)?;
    rust::provide_target(project)?;
    if need.tests {
        system::provide(project, &system::FOR_TESTS)
            .context("the tests run in a browser and in JavaScriptCore as well")?;
    }
    // Building the tools takes the processor, fetching packages takes the network.
    thread::scope(|scope| {
        let packages = scope.spawn(|| provide_all_packages(project, need));
        rust::provide_tools(project, need)?;
        if need.tests {
            python::provide_schemathesis(project)?;
        }
        packages
            .join()
            .map_err(|_| anyhow!("installing the npm packages panicked"))?
    })
}

/// The folders besides the top one whose npm packages only the tests take: npm keeps each apart, because they do not
/// agree on what they depend on.
const FOLDERS_FOR_TESTS: &[&str] = &[
    "examples/taro",
    "examples/uni-app",
    "examples/weapp-vite",
    "tests/docs/code",
    "tests/engines",
    "tests/page",
    "tests/programs",
    "tests/published",
];

fn provide_all_packages(project: &Project, need: Need) -> Result<()> {
    node::provide_packages(project, "")?;
    if need.tests {
        for folder in FOLDERS_FOR_TESTS {
            node::provide_packages(project, folder)?;
        }
    }
    Ok(())
}

/// Installs the npm packages that the lock file in a folder of the project names, unless those very ones are there.
///
/// # Errors
/// There is no lock file, or npm fails.
pub fn provide_packages(project: &Project, folder: &str) -> Result<()> {
    node::provide_packages(project, folder)
}

/// Provides what makes the document of the API, which is TypeScript alone.
///
/// # Errors
/// As [`provide`].
pub fn provide_for_document(project: &Project) -> Result<()> {
    progress::heading("Tools");
    node::check(project)?;
    node::provide_packages(project, "")
}

/// Provides what the server's bench takes, which needs nothing of the client's.
///
/// # Errors
/// As [`provide`].
pub fn provide_for_server_bench(project: &Project) -> Result<()> {
    progress::heading("Tools");
    node::check(project)?;
    system::provide(project, &system::FOR_SERVER_BENCH)
}
