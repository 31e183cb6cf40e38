//! What users see while Redis hangs or is gone, and once it is back.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use xtask::progress::step;
use xtask::project::Project;
use xtask::services::Services;

use super::figures::{Outage, Reply};
use super::fleet::{Fleet, Member};
use super::sign_in::agent;

/// How long to wait for the answer to one user, and for a service to come back.
const PATIENCE: Duration = Duration::from_secs(10);
/// The timeout of a request to a service that is coming back.
const TRY: Duration = Duration::from_secs(1);
/// How many requests each service gets while Redis hangs.
const ASKED: usize = 20;
/// The pause between two requests.
const PAUSE: Duration = Duration::from_millis(10);
/// How long Redis is down.
const AWAY: Duration = Duration::from_secs(2);

/// Hangs, resumes, kills and restarts Redis under all services that keep their sessions there.
///
/// # Errors
/// Redis cannot be signalled or restarted.
pub(super) fn measure(
    project: &Project,
    services: &Services,
    fleet: &mut Fleet,
) -> Result<Vec<Outage>> {
    let Fleet { members, redis, .. } = fleet;
    let askers = members
        .iter()
        .filter(|member| member.candidate.on_redis)
        .map(Asker::of)
        .collect::<Result<Vec<_>>>()?;
    redis.command(project, &["SAVE"])?;
    redis.signal(project, "STOP")?;
    let hung = step("Redis hangs", || together(&askers, Asker::slowest))?;
    redis.signal(project, "CONT")?;
    let resumed = step("Redis resumes", || together(&askers, Asker::time_to_serve))?;
    redis.signal(project, "KILL")?;
    let began = Instant::now();
    let away = step("Redis is down", || {
        together(&askers, |asker| asker.ask(AWAY))
    })?;
    thread::sleep(AWAY.saturating_sub(began.elapsed()));
    redis.launch(project, services)?;
    let restarted = step("Redis is back", || together(&askers, Asker::time_to_serve))?;
    Ok((0..askers.len())
        .map(|place| Outage {
            service: askers[place].member.candidate.name.to_owned(),
            hung: hung[place],
            resumed: resumed[place],
            away: away[place],
            restarted: restarted[place],
            survived: !services.has_ended(askers[place].member.service.process),
        })
        .collect())
}

/// Asks all services at the same time.
fn together<'a, T: Send>(
    askers: &'a [Asker<'a>],
    ask: impl Fn(&'a Asker<'a>) -> T + Copy + Send,
) -> Result<Vec<T>> {
    thread::scope(|scope| {
        let threads: Vec<_> = askers
            .iter()
            .map(|asker| scope.spawn(move || ask(asker)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().map_err(|_| anyhow!("a request panicked")))
            .collect()
    })
}

/// A signed-in user of a service.
struct Asker<'a> {
    member: &'a Member,
    header: (String, String),
}

impl<'a> Asker<'a> {
    fn of(member: &'a Member) -> Result<Self> {
        Ok(Self {
            member,
            header: first_header(&member.headers)?,
        })
    }

    /// The slowest of several answers, or nothing if one never comes.
    fn slowest(&self) -> Option<Reply> {
        let mut slowest: Option<Reply> = None;
        for _ in 0..ASKED {
            let reply = self.ask(PATIENCE)?;
            if slowest.is_none_or(|slowest| reply.milliseconds > slowest.milliseconds) {
                slowest = Some(reply);
            }
        }
        slowest
    }

    /// Milliseconds until a request succeeds, or nothing if that takes too long.
    fn time_to_serve(&self) -> Option<f64> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if self.ask(TRY).is_some_and(|reply| reply.status == 200) {
                return Some(milliseconds(began));
            }
            thread::sleep(PAUSE);
        }
        None
    }

    /// Sends one request on a connection of its own.
    fn ask(&self, patience: Duration) -> Option<Reply> {
        let began = Instant::now();
        let (name, value) = &self.header;
        let url = format!("{}/wx/products/list", self.member.service.url);
        let answer = agent(patience).get(url).header(name, value).call().ok()?;
        Some(Reply {
            status: answer.status().as_u16(),
            milliseconds: milliseconds(began),
        })
    }
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

fn first_header(file: &Path) -> Result<(String, String)> {
    let headers = fs::read_to_string(file)?;
    let line = headers.lines().next().context("nobody signed in")?;
    let (name, value) = line.split_once(": ").context("no header")?;
    Ok((name.to_owned(), value.to_owned()))
}
