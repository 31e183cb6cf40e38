//! The cost of signed requests, beside unsigned ones to the same process.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};
use ureq::Agent;
use wxsession_protocol::proof::{ALGORITHM, Key, Signable, Target};
use xtask::progress::step;
use xtask::project::Project;

use super::candidate::{OURS_ON_REDB, OURS_ON_REDIS};
use super::figures::Signed;
use super::fleet::{Fleet, Member};
use super::load::{Load, PATH, Pressure};
use super::sign_in::{self, agent, login_code};
use crate::effort::Effort;
use crate::statistics::Spread;

/// How many sessions of either kind are presented in turn.
const USERS: usize = 1_000;
/// How many users sign in at once.
const AT_ONCE: usize = 16;
/// How many runs each kind gets, and the seconds of each. A signature counts for two minutes, so each run has its own.
const RUNS: usize = 3;
const SECONDS: u32 = 4;

/// A session with a key.
struct Session {
    id: String,
    key: Key,
}

/// What a run showed.
struct Run {
    rate: f64,
    /// Seconds of processor time per request.
    processor: f64,
}

/// Measures our server on redb and on Redis.
///
/// # Errors
/// A server answers wrongly.
pub(super) fn measure(project: &Project, fleet: &Fleet, effort: Effort) -> Result<Vec<Signed>> {
    let ours = [OURS_ON_REDB, OURS_ON_REDIS];
    let members = fleet.members.iter();
    let ours = members.filter(|member| ours.contains(&member.candidate.name));
    ours.map(|member| of(project, fleet, member, effort.runs(RUNS)))
        .collect()
}

fn of(project: &Project, fleet: &Fleet, member: &Member, runs: usize) -> Result<Signed> {
    let name = member.candidate.name;
    let sessions = step(&format!("users of {name} who sign"), || {
        signed_in(&member.service.url, &fleet.wechat)
    })?;
    let unsigned_headers = unsigned_headers(&member.headers)?;
    let (mut signed, mut unsigned) = (Vec::new(), Vec::new());
    for round in 0..runs {
        let what = format!(
            "signed and unsigned requests to {name}, {} of {runs}",
            round + 1
        );
        step(&what, || -> Result<()> {
            let headers = signed_headers(&member.headers, &sessions)?;
            signed.push(run(project, member, &headers)?);
            unsigned.push(run(project, member, &unsigned_headers)?);
            Ok(())
        })?;
    }
    let ratios = signed.iter().zip(&unsigned);
    let ratios = ratios.map(|(signed, unsigned)| signed.rate / unsigned.rate);
    let spread =
        |runs: &[Run], of: fn(&Run) -> f64| Spread::of(runs.iter().map(of)).context("no runs");
    Ok(Signed {
        service: name.to_owned(),
        rate: spread(&signed, |run| run.rate)?,
        ratio: Spread::of(ratios).context("no runs")?,
        processor: spread(&signed, |run| run.processor)?.times(1e6),
        unsigned: spread(&unsigned, |run| run.processor)?.times(1e6),
    })
}

fn run(project: &Project, member: &Member, headers: &Path) -> Result<Run> {
    let before = member.process().processor_seconds(project)?;
    let load = Load::press(project, &member.url(), headers, Pressure::Full, SECONDS)?;
    let used = member.process().processor_seconds(project)? - before;
    Ok(Run {
        rate: load.rate(),
        processor: used / load.requests,
    })
}

/// As many unsigned sessions as there are signed ones.
fn unsigned_headers(all: &Path) -> Result<PathBuf> {
    let path = all.with_extension("unsigned");
    let all = fs::read_to_string(all)?;
    let lines = all.lines().take(USERS).map(|line| format!("{line}\n"));
    fs::write(&path, lines.collect::<String>())?;
    Ok(path)
}

/// A request of each session, signed now.
fn signed_headers(beside: &Path, sessions: &[Session]) -> Result<PathBuf> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let signable = Signable {
        method: "GET",
        target: Target::sent(PATH).context("the path cannot be signed")?,
        digest: None,
    };
    let lines = sessions.iter().map(|Session { id, key }| {
        let signed = key.sign(signable, now, "bench").context("not signed")?;
        Ok(format!(
            "sessionid: {id}\tsignature-input: {}\tsignature: {}\n",
            signed.signature_input, signed.signature
        ))
    });
    let path = beside.with_extension("signed");
    fs::write(&path, lines.collect::<Result<String>>()?)?;
    Ok(path)
}

/// Signs users in with a key who have not signed in yet.
fn signed_in(service: &str, wechat: &str) -> Result<Vec<Session>> {
    let agent = agent(sign_in::PATIENCE);
    let some = &|first: usize| -> Result<Vec<Session>> {
        let users = (first..USERS).step_by(AT_ONCE);
        users
            .map(|user| one(&agent, service, wechat, sign_in::USERS + user))
            .collect()
    };
    let sessions: Result<Vec<Vec<Session>>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..AT_ONCE)
            .map(|first| scope.spawn(move || some(first)))
            .collect();
        let joined = threads.into_iter().map(thread::ScopedJoinHandle::join);
        joined
            .map(|done| done.map_err(|_| anyhow!("a sign-in panicked"))?)
            .collect()
    });
    Ok(sessions?.into_iter().flatten().collect())
}

fn one(agent: &Agent, service: &str, wechat: &str, user: usize) -> Result<Session> {
    let code = login_code(agent, wechat, user)?;
    let mut answer = agent
        .post(format!("{service}/wx/onlogin"))
        .header("Content-Type", "application/json")
        .send(json!({ "code": code, "proof": ALGORITHM }).to_string())?;
    let answer: Value = serde_json::from_str(&answer.body_mut().read_to_string()?)?;
    let text = |name: &str| answer[name].as_str();
    text("sessionid")
        .zip(text("key").and_then(Key::parse))
        .map(|(id, key)| Session {
            id: id.to_owned(),
            key,
        })
        .with_context(|| format!("a sign-in got no session with a key from {service}"))
}
