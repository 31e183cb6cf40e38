//! All services, running side by side.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};
use xtask::backend::{APPID, SECRET};
use xtask::process::{answer, succeed};
use xtask::progress::step;
use xtask::project::Project;
use xtask::services::{Service, Services};

use super::candidate::{self, Candidate, Kind};
use super::load::PATH;
use super::redis::Redis;
use super::sign_in;
use super::usage::Process;

/// The folder of the services that are made with others' libraries.
pub(super) const OTHERS: &str = "bench/services";

/// The key ring that our server requires with Redis. It signs nothing real.
const RING: &str = "bench AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";

/// The services and their Redis.
pub(super) struct Fleet {
    pub(super) members: Vec<Member>,
    pub(super) redis: Redis,
    /// The URL of the simulated WeChat.
    pub(super) wechat: String,
}

/// A running service with signed-in users.
pub(super) struct Member {
    pub(super) candidate: &'static Candidate,
    pub(super) service: Service,
    /// The URL at which our server tells whose session it is to proxies.
    pub(super) verify: Option<String>,
    /// A file with a session's header on each line.
    pub(super) headers: PathBuf,
}

impl Member {
    /// Where its users call.
    pub(super) fn url(&self) -> String {
        format!("{}{PATH}", self.service.url)
    }

    /// Its process.
    pub(super) fn process(&self) -> Process {
        Process {
            id: self.service.process,
        }
    }
}

impl Fleet {
    /// Compiles all programs for production.
    ///
    /// # Errors
    /// A program does not compile.
    pub(super) fn build(project: &Project) -> Result<()> {
        let mut ours = project.command("cargo");
        ours.args(["build", "--release", "--package", "wxsession-service"]);
        ours.args(["--example", "tea"]);
        ours.args(["--package", "wxsession-simulator", "--bins"]);
        step("server and simulator: cargo build --release", || {
            succeed(project, "build-server", &mut ours)
        })?;
        let mut other = project.command("cargo");
        other.args(["build", "--release", "--locked", "--manifest-path"]);
        other.arg(project.path(OTHERS).join("tower-sessions/Cargo.toml"));
        other.arg("--target-dir").arg(others_target(project));
        step("tower-sessions: cargo build --release", || {
            succeed(project, "build-tower-sessions", &mut other)
        })?;
        Ok(())
    }

    /// Starts all services, and signs users in to each.
    ///
    /// # Errors
    /// A service does not start or sign users in; the message has the service's output.
    pub(super) fn start(project: &Project, services: &Services) -> Result<Self> {
        let redis = Redis::start(project, services, "redis")?;
        let mut simulator = project.command(project.target("release/wxsession-simulator"));
        simulator.args(["--listen", "127.0.0.1:0"]);
        simulator.args(["--appid", APPID, "--secret", SECRET]);
        let wechat = services.start(project, "bench-simulator", &mut simulator)?;
        let folder = project.target("bench/data");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        let mut members = Vec::new();
        for candidate in &candidate::ALL {
            members.push(step(&format!("users of {}", candidate.name), || {
                let mut command = command(project, candidate.kind, &redis, &wechat.url, &folder)?;
                let log = format!("bench-{}", candidate.name.replace(' ', "-"));
                let (service, verify) = match candidate.is_ours() {
                    true => start_ours(project, services, &log, &mut command)?,
                    false => (services.start(project, &log, &mut command)?, None),
                };
                let wechat = candidate.is_ours().then_some(wechat.url.as_str());
                let headers = folder.join(&log).with_extension("headers");
                fs::write(&headers, sign_in::all(&service.url, wechat)?)?;
                Ok(Member {
                    candidate,
                    service,
                    verify,
                    headers,
                })
            })?);
        }
        Ok(Self {
            members,
            redis,
            wechat: wechat.url,
        })
    }
}

/// Starts our server with an internal listener beside the public one.
fn start_ours(
    project: &Project,
    services: &Services,
    log: &str,
    command: &mut Command,
) -> Result<(Service, Option<String>)> {
    // A server that offers signatures must know where proxies name the request that they ask about.
    command.args(["--internal", "127.0.0.1:0", "--proof-target", "path"]);
    let (process, (url, verify)) = services.start_until(project, log, command, listeners)?;
    Ok((Service { process, url }, Some(verify)))
}

/// The URLs of the public listener and of `/verify`, once both are printed.
fn listeners(printed: &str) -> Option<(String, String)> {
    let (whole, _) = printed.rsplit_once('\n')?;
    let after = |words: &str| whole.lines().find_map(|line| line.strip_prefix(words));
    let public = after("listening on ")?.to_owned();
    let internal = after("internal listener on ")?;
    Some((public, format!("{internal}/verify")))
}

/// Our server on a Redis.
///
/// # Errors
/// The key ring cannot be written.
pub(super) fn on_redis(
    project: &Project,
    redis: &Redis,
    wechat: &str,
    folder: &Path,
) -> Result<Command> {
    command(project, Kind::Ours("redis"), redis, wechat, folder)
}

fn others_target(project: &Project) -> PathBuf {
    project.target("bench/tower-sessions")
}

fn command(
    project: &Project,
    kind: Kind,
    redis: &Redis,
    wechat: &str,
    folder: &Path,
) -> Result<Command> {
    Ok(match kind {
        Kind::Script(name) => {
            let mut command = project.command("node");
            command
                .arg(project.path(OTHERS).join(name))
                .arg(redis.url());
            command.env("NODE_ENV", "production");
            command
        }
        Kind::TowerSessions => {
            let program = others_target(project).join("release/tower-sessions-service");
            let mut command = project.command(program);
            command.arg(redis.url());
            command
        }
        Kind::Ours(store) => {
            let mut command = project.command(project.target("release/examples/tea"));
            command.args(["--listen", "127.0.0.1:0", "--appid", APPID]);
            command.args(["--wechat-api", wechat, "--store", store]);
            // Those who ask for a key get one. Nothing changes for the others.
            command.args(["--proof", "offered"]);
            // All users come from one address.
            command.args(["--sign-in-rate", "0"]);
            command.env("WXSESSION_SECRET", SECRET);
            match store {
                "redb" => {
                    command.arg("--data").arg(folder.join("redb"));
                }
                "redis" => {
                    command.env("WXSESSION_REDIS", redis.url());
                    command.arg("--keyring").arg(ring(project, folder)?);
                }
                _ => {}
            }
            command
        }
    })
}

/// A key ring that only its owner can read, as the server requires.
fn ring(project: &Project, folder: &Path) -> Result<PathBuf> {
    let path = folder.join("keyring");
    fs::write(&path, RING)?;
    let made = answer(project.command("chmod").arg("600").arg(&path));
    ensure!(made.is_some(), "chmod 600 {} failed", path.display());
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::listeners;

    #[test]
    fn a_server_is_ready_once_both_listeners_are_printed_in_whole() {
        let printed = "listening on http://a:1\ninternal listener on http://b:2\n";
        for end in 0..printed.len() {
            assert_eq!(listeners(&printed[..end]), None);
        }
        let both = ("http://a:1".to_owned(), "http://b:2/verify".to_owned());
        assert_eq!(listeners(printed), Some(both));
    }
}
