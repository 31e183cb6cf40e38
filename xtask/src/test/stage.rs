//! What suites share: the package, mini programs that have the package installed, and servers. Each is made on first use
//! and stays until the run ends.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result};

use super::report::Report;
use crate::backend::{Backend, IN_MEMORY};
use crate::miniprogram;
use crate::package::{self, Package};
use crate::process::succeed;
use crate::progress::step;
use crate::project::Project;
use crate::release::{self, Manner};
use crate::services::Services;
use crate::setup::{FOR_PACKAGE, Need};
use crate::site;

/// What the suites of one run share.
pub(super) struct Stage<'a> {
    pub(super) project: &'a Project,
    report: &'a Report<'a>,
    services: Services,
    package: OnceLock<Option<Package>>,
    programs: OnceLock<Option<()>>,
    backend: OnceLock<Option<Backend>>,
    words: HashMap<&'static str, OnceLock<Option<String>>>,
}

/// A name that commands have in braces, the needs of its value, and the function that makes the value.
struct Word(&'static str, &'static [Need], Make);
type Make = fn(&Stage<'_>) -> Result<String>;

#[rustfmt::skip]
const WORDS: &[Word] = &[
    Word("root", &[], |stage| Ok(shown(stage.project.root()))),
    Word("target", &[], |stage| Ok(shown(&stage.project.target("")))),
    Word("chromium", &[Need::Program("chromium")], |stage| stage.found("chromium")),
    Word("chromedriver", &[Need::Program("chromium"), Need::Program("chromedriver")], |stage| stage.found("chromedriver")),
    Word("tarball", FOR_PACKAGE, |stage| Ok(shown(&stage.package()?.tarball))),
    Word("mini-program", FOR_PACKAGE, |stage| stage.mini_program()),
    Word("mini-program-with-plain-module", FOR_PACKAGE, |stage| stage.mini_program_with_plain_module()),
    Word("demo", FOR_PACKAGE, |stage| stage.demo()),
    Word("site-base", site::NEEDS, |stage| stage.site()),
    Word("api", &[], |stage| Ok(stage.backend()?.api.clone())),
    Word("wechat", &[], |stage| Ok(stage.backend()?.wechat.clone())),
    Word("shop", &[], |stage| stage.shop()),
    Word("server", &[], |stage| stage.program("wxsession-server")),
    Word("packages", release::debian::NEEDS, |stage| stage.packages("packages", Manner::Quick)),
    Word("packages-again", release::debian::NEEDS, |stage| stage.packages("packages-again", Manner::QuickWithoutRoot)),
    Word("provider", &[], |stage| stage.program("wxsession-provider")),
];

/// The needs of the names in a command.
pub(super) fn needs(line: &str) -> Vec<Need> {
    let named = WORDS
        .iter()
        .filter(|Word(name, ..)| line.contains(&format!("{{{name}}}")));
    named
        .flat_map(|Word(_, needs, _)| needs.iter().copied())
        .collect()
}

impl<'a> Stage<'a> {
    /// Starts with nothing. Dropping the stage, or a signal to the process, stops its servers.
    ///
    /// # Errors
    /// The signal handler cannot be installed.
    pub(super) fn new(project: &'a Project, report: &'a Report<'a>) -> Result<Self> {
        let services = Services::default();
        services.stop_on_signals()?;
        let words = WORDS.iter().map(|Word(name, ..)| (*name, OnceLock::new()));
        Ok(Self {
            project,
            report,
            services,
            package: OnceLock::new(),
            programs: OnceLock::new(),
            backend: OnceLock::new(),
            words: words.collect(),
        })
    }

    /// The command for a line of the table.
    ///
    /// # Errors
    /// A value for the command could not be made.
    pub(super) fn command(&self, line: &str) -> Result<Command> {
        let mut words = line.split_whitespace().peekable();
        let mut environment = Vec::new();
        while let Some((name, value)) = words.peek().and_then(|word| word.split_once('=')) {
            environment.push((name, self.filled(value)?));
            words.next();
        }
        let program = words.next().context("the command names no program")?;
        let mut command = self.project.command(self.filled(program)?);
        for word in words {
            command.arg(self.filled(word)?);
        }
        command.envs(environment);
        Ok(command)
    }

    /// The package, built from the current sources.
    ///
    /// # Errors
    /// The build failed. The reason is already in the report, as for all other shared values.
    pub(super) fn package(&self) -> Result<&Package> {
        self.shared(&self.package, "the package", || {
            package::assemble(self.project)
        })
    }

    fn backend(&self) -> Result<&Backend> {
        self.programs()?;
        self.shared(&self.backend, "the backend", || {
            Backend::start(self.project, &self.services, IN_MEMORY)
        })
    }

    /// Builds the programs that suites run. The example makes cargo choose the features that the native tests use, so that
    /// dependencies are compiled only once.
    fn programs(&self) -> Result<()> {
        const BUILD: &str = "cargo build --workspace --bin wxsession-simulator --bin wxsession-demo \
                             --bin wxsession-demo-page --bin wxsession-server --bin wxsession-provider \
                             --example shop --example tea";
        let name = "the programs: cargo build";
        self.shared(&self.programs, name, || {
            let mut build = self.command(BUILD)?;
            step(name, || {
                succeed(self.project, "build-programs", &mut build).map(drop)
            })
        })
        .copied()
    }

    /// The demonstration, which uses the package that was built last.
    fn demo(&self) -> Result<String> {
        self.package()?;
        self.programs()?;
        Ok(shown(&self.project.program("wxsession-demo")))
    }

    /// Builds the documents' site for a path that is not the usual one. Returns the path.
    fn site(&self) -> Result<String> {
        const BASE: &str = "/wxsession/";
        site::build(self.project, BASE, None, site::Demonstration::LeftOut).map(|_| BASE.to_owned())
    }

    fn found(&self, name: &str) -> Result<String> {
        let program = self.project.find_program(name);
        Ok(shown(
            &program.with_context(|| format!("{name} is not on the PATH"))?,
        ))
    }

    fn mini_program(&self) -> Result<String> {
        Ok(shown(&miniprogram::install(
            self.project,
            &self.package()?.tarball,
            "programs",
        )?))
    }

    /// JavaScriptCore's shell cannot decompress the shipped module.
    fn mini_program_with_plain_module(&self) -> Result<String> {
        let package = self.package()?;
        let program = miniprogram::install(self.project, &package.tarball, "test")?;
        let folder = miniprogram::package_in(&program);
        fs::copy(&package.module, folder.join("wxsession.wasm"))?;
        fs::copy(&package.names, folder.join("wxsession-names.json"))?;
        Ok(shown(&program))
    }

    /// One of the programs.
    fn program(&self, name: &str) -> Result<String> {
        self.programs()?;
        Ok(shown(&self.project.program(name)))
    }

    /// The server's archive and packages, with the unoptimized program.
    fn packages(&self, name: &str, manner: Manner) -> Result<String> {
        self.programs()?;
        let program = self.project.program("wxsession-server");
        let folder = self.project.target(name);
        release::server_files(self.project, &program, &folder, manner)?;
        Ok(shown(&folder))
    }

    /// The server's example, which accepts uploads of pictures.
    fn shop(&self) -> Result<String> {
        self.programs()?;
        let mut shop = self.project.command(self.project.program("examples/shop"));
        let shop = self
            .services
            .start(self.project, "shop", shop.arg("127.0.0.1:0"))?;
        Ok(shop.url)
    }

    /// A word in which the value replaces the name in braces, if there is one.
    fn filled(&self, word: &str) -> Result<String> {
        let Some((before, rest)) = word.split_once('{') else {
            return Ok(word.to_owned());
        };
        let (name, after) = rest.split_once('}').context("a brace is not closed")?;
        let Word(name, _, make) = WORDS
            .iter()
            .find(|Word(word, ..)| *word == name)
            .with_context(|| format!("{{{name}}} stands for nothing"))?;
        let value = self.shared(&self.words[name], name, || make(self))?;
        Ok(format!("{before}{value}{after}"))
    }

    /// The shared value, made on first use. A failure is reported only once, when it happens.
    fn shared<'b, T>(
        &self,
        cell: &'b OnceLock<Option<T>>,
        name: &str,
        make: impl FnOnce() -> Result<T>,
    ) -> Result<&'b T> {
        cell.get_or_init(|| self.report.attempt(name, make))
            .as_ref()
            .with_context(|| format!("{name} could not be made"))
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
