//! Our server beside other services that keep sessions.

mod accounts;
mod budgets;
mod candidate;
mod figures;
mod fleet;
mod load;
mod million;
mod outage;
mod redis;
mod sign_in;
mod signed;
mod usage;
mod validation;

use std::fs;

use anyhow::Result;
use xtask::process::answer;
use xtask::progress::heading;
use xtask::project::Project;
use xtask::services::Services;
use xtask::setup::{self, Need};

use self::candidate::Candidate;
use self::figures::Figures;
use self::fleet::{Fleet, OTHERS};
use self::redis::Redis;
use crate::circumstances::Circumstances;
use crate::effort::Effort;
use crate::peers::Peers;
use crate::report;

/// What the bench needs besides the programs that the set-up knows.
const NEEDS: &[Need] = &[Need::Packages(OTHERS), Need::Packages(report::FOLDER)];

/// Measures the server and publishes the figures.
pub(super) fn run(project: &Project, effort: Effort) -> Result<()> {
    setup::provide(project, &[setup::FOR_SERVER_BENCH, NEEDS].concat())?;
    let peers = Peers::of(project, OTHERS);
    Fleet::build(project)?;
    million::build(project)?;
    fs::create_dir_all(project.target("bench"))?;

    heading("Signing users in");
    let services = Services::default();
    services.stop_on_signals()?;
    let mut fleet = Fleet::start(project, &services)?;
    heading("Measuring");
    let validations = validation::measure(project, &fleet, effort)?;
    let outages = outage::measure(project, &services, &mut fleet)?;
    let millions = million::measure(project, &services)?;
    let accounts = accounts::measure(project, &services, &fleet, effort)?;
    let signed = signed::measure(project, &fleet, effort)?;

    let figures = Figures {
        measured: Circumstances::observe(project, programs(project, &peers)?)?,
        connections: load::CONNECTIONS,
        sessions: sign_in::USERS,
        services: candidate::ALL.iter().map(Candidate::described).collect(),
        budgets: budgets::judge(&validations, &outages, &millions, &accounts),
        validations,
        outages,
        millions,
        accounts,
        signed,
    };
    report::publish(project, effort, "server", &figures)
}

fn programs(project: &Project, peers: &Peers) -> Result<Vec<String>> {
    let node = answer(project.command("node").arg("--version")).unwrap_or_default();
    Ok(vec![
        format!("Node.js {}", node.trim_start_matches('v')),
        format!("Express {}", peers.version("express")?),
        Redis::version(project),
    ])
}
