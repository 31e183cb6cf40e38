//! The cost of a million users in each of our stores. The program `stores/benches/million.rs` issues their sessions with the
//! server's library.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;
use xtask::process::succeed;
use xtask::progress::step;
use xtask::project::Project;
use xtask::services::Services;

use super::figures::Million;
use super::redis::Redis;

/// The figures that the program prints.
#[derive(Deserialize)]
struct Told {
    users: u64,
    seconds: f64,
    resident: u64,
}

/// Compiles the program.
///
/// # Errors
/// The program does not compile.
pub(super) fn build(project: &Project) -> Result<()> {
    step("a million users: cargo bench --no-run", || {
        succeed(project, "build-million", program(project).arg("--no-run"))
    })?;
    Ok(())
}

/// Fills a store of each kind.
///
/// # Errors
/// The program does not compile, or fails.
pub(super) fn measure(project: &Project, services: &Services) -> Result<Vec<Million>> {
    let folder = project.target("bench/million");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let file = folder.join("sessions.redb");
    let redis = Redis::start(project, services, "redis-of-a-million")?;
    let empty = redis.used_bytes(project)?;
    let path = file.to_string_lossy();
    let url = redis.url();
    let mut millions = Vec::new();
    for (store, place) in [
        ("memory", None),
        ("redb", Some(&*path)),
        ("redis", Some(&*url)),
    ] {
        let told = step(&format!("a million users in {store}"), || {
            issue(project, store, place)
        })?;
        #[expect(clippy::cast_precision_loss, reason = "a million")]
        let rate = told.users as f64 / told.seconds;
        millions.push(Million {
            store: store.to_owned(),
            users: told.users,
            rate,
            resident: told.resident,
            elsewhere: match store {
                "redb" => Some(fs::metadata(&file)?.len()),
                "redis" => Some(redis.used_bytes(project)?.saturating_sub(empty)),
                _ => None,
            },
        });
    }
    Ok(millions)
}

fn issue(project: &Project, store: &str, place: Option<&str>) -> Result<Told> {
    let mut program = program(project);
    program.args(["--", store]).args(place);
    let printed = succeed(project, "bench-million", &mut program)?;
    let line = printed.lines().rfind(|line| line.starts_with('{'));
    let line = line.with_context(|| format!("no figures were printed:\n{printed}"))?;
    Ok(serde_json::from_str(line)?)
}

fn program(project: &Project) -> Command {
    let mut command = project.command("cargo");
    command.args(["bench", "--quiet", "--package", "wxsession-stores"]);
    command.args(["--bench", "million"]);
    command
}
