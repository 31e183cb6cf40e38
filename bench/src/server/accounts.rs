//! The cost of accounts that our server keeps: passwords, renewals, and requests of their users beside those of guests.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Error, Result, anyhow};
use serde_json::{Value, json};
use ureq::{Agent, Body, http};
use xtask::progress::step;
use xtask::project::Project;
use xtask::services::{Service, Services};

use super::figures::Accounts;
use super::fleet::{self, Fleet};
use super::load::{Load, PATH, Pressure};
use super::redis::Redis;
use super::sign_in::{agent, login_code};
use crate::effort::Effort;
use crate::statistics::Spread;

/// How many users register.
const USERS: usize = 200;
/// How many of them call at once, and how many where passwords are hashed: more than a server with few cores lets wait
/// are told that it is busy.
const AT_ONCE: usize = 16;
const HASHING_AT_ONCE: usize = 4;
/// How many sign in by a password again and again while the latency of others is measured.
pub(super) const WAITING: usize = 200;
/// How often each session is renewed.
const RENEWALS: usize = 5;
/// How many runs guests and users with an account get in turn, and the seconds of each.
const RUNS: usize = 3;
const SECONDS: u32 = 4;

/// The server and those who call it.
struct Rig<'a> {
    project: &'a Project,
    service: Service,
    wechat: String,
    agent: Agent,
    /// How many WeChat users have signed in. WeChat limits how often one of them does.
    phones: AtomicUsize,
}

/// Measures our server on Redis with `--accounts built-in`.
///
/// # Errors
/// The server does not start, or answers wrongly.
pub(super) fn measure(
    project: &Project,
    services: &Services,
    fleet: &Fleet,
    effort: Effort,
) -> Result<Accounts> {
    let redis = Redis::start(project, services, "redis-of-accounts")?;
    let folder = project.target("bench/data");
    let mut command = fleet::on_redis(project, &redis, &fleet.wechat, &folder)?;
    command.args(["--accounts", "built-in"]);
    let rig = Rig {
        project,
        service: services.start(project, "bench-accounts", &mut command)?,
        wechat: fleet.wechat.clone(),
        agent: agent(super::sign_in::PATIENCE),
        phones: AtomicUsize::new(0),
    };
    let guests = step("guests", || {
        rig.all(AT_ONCE, |user| rig.enter(user, None, &json!({})))
    })?
    .1;
    let empty = redis.used_bytes(project)?;
    let register = |user| rig.enter(USERS + user, None, &password(user, true));
    let users = step("registering", || rig.all(HASHING_AT_ONCE, register))?.1;
    let full = redis.used_bytes(project)?;
    let sign_in = |user| rig.enter(rig.phone(), None, &password(user, false));
    let (sign_ins, _) = step("signing in by password", || {
        rig.all(HASHING_AT_ONCE, sign_in)
    })?;
    let (rounds, users) = step("renewing", || rig.renewed(&users))?;
    let (guests, users) = (
        headers(&folder.join("guests.headers"), &guests)?,
        headers(&folder.join("users.headers"), &users)?,
    );
    let ratio = rig.ratio(&users, &guests, effort.runs(RUNS))?;
    let idle = rig.press(&users, Pressure::Moderate)?;
    let waiting = step("requests while many wait for a hash", || {
        rig.while_many_wait(&users)
    })?;
    #[expect(clippy::cast_precision_loss, reason = "some thousand")]
    let bytes = full.saturating_sub(empty) as f64 / USERS as f64;
    Ok(Accounts {
        waiting: WAITING,
        sign_ins,
        renewals: rounds,
        ratio,
        idle: idle.p99,
        while_many_wait: waiting.p99,
        failed: waiting.failed,
        bytes,
    })
}

/// What somebody shows who signs in by a password, or registers.
fn password(user: usize, register: bool) -> Value {
    json!({
        "method": "password",
        "identifier": format!("user{user}"),
        "password": "kq7-wmvze-4dt",
        "register": register,
    })
}

fn headers(path: &Path, sessions: &[String]) -> Result<PathBuf> {
    let lines = sessions.iter().map(|id| format!("sessionid: {id}\n"));
    fs::write(path, lines.collect::<String>())?;
    Ok(path.to_owned())
}

impl Rig<'_> {
    /// A WeChat user who has not signed in yet.
    fn phone(&self) -> usize {
        2 * USERS + self.phones.fetch_add(1, Ordering::Relaxed)
    }

    /// Signs in on the phone of this WeChat user, and returns the session.
    fn enter(&self, phone: usize, presented: Option<&str>, fields: &Value) -> Result<String> {
        let answer = self.attempt(phone, presented, fields)?;
        let id = answer["sessionid"].as_str();
        let id = id.with_context(|| format!("unexpected answer to a sign-in: {answer}"))?;
        Ok(id.to_owned())
    }

    fn attempt(&self, phone: usize, presented: Option<&str>, fields: &Value) -> Result<Value> {
        let mut answer = self.sign_in(phone, presented, fields)?;
        Ok(serde_json::from_str(&answer.body_mut().read_to_string()?)?)
    }

    fn sign_in(
        &self,
        phone: usize,
        presented: Option<&str>,
        fields: &Value,
    ) -> Result<http::Response<Body>> {
        let mut body = fields.clone();
        body["code"] = login_code(&self.agent, &self.wechat, phone)?.into();
        let mut request = self.agent.post(format!("{}/wx/onlogin", self.service.url));
        if let Some(id) = presented {
            request = request.header("sessionid", id);
        }
        let request = request.header("Content-Type", "application/json");
        Ok(request.send(body.to_string())?)
    }

    /// Signs in by a password. Waits as long as a busy server asks for, as a client does.
    fn sign_in_patiently(&self, fields: &Value, is_over: &AtomicBool) -> Result<()> {
        let answer = self.sign_in(self.phone(), None, fields)?;
        let wait = answer.headers().get("retry-after");
        let seconds = wait.map_or(Ok(0), |wait| wait.to_str()?.parse().map_err(Error::from))?;
        let end = Instant::now() + Duration::from_secs(seconds);
        while Instant::now() < end && !is_over.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// Does this for each user, so many at once. Returns how many it did a second, and what came of it.
    fn all<T: Send>(
        &self,
        at_once: usize,
        one: impl Fn(usize) -> Result<T> + Sync,
    ) -> Result<(f64, Vec<T>)> {
        let start = Instant::now();
        let some = |first: usize| -> Result<Vec<(usize, T)>> {
            let users = (first..USERS).step_by(at_once);
            users.map(|user| Ok((user, one(user)?))).collect()
        };
        let done: Result<Vec<Vec<(usize, T)>>> = thread::scope(|scope| {
            let threads: Vec<_> = (0..at_once)
                .map(|first| scope.spawn(move || some(first)))
                .collect();
            let joined = threads.into_iter().map(thread::ScopedJoinHandle::join);
            joined
                .map(|done| done.map_err(|_| anyhow!("a sign-in panicked"))?)
                .collect()
        });
        #[expect(clippy::cast_precision_loss, reason = "some hundred")]
        let rate = USERS as f64 / start.elapsed().as_secs_f64();
        let mut done: Vec<_> = done?.into_iter().flatten().collect();
        done.sort_by_key(|(user, _)| *user);
        Ok((rate, done.into_iter().map(|(_, made)| made).collect()))
    }

    /// Renews each session on its phone, several times over. Returns how many renewals there were a second, and the
    /// sessions that are left.
    fn renewed(&self, users: &[String]) -> Result<(f64, Vec<String>)> {
        let renew = |user: usize| {
            let first = users[user].clone();
            (0..RENEWALS).try_fold(first, |id, _| {
                self.enter(USERS + user, Some(&id), &json!({}))
            })
        };
        let (rate, users) = self.all(AT_ONCE, renew)?;
        #[expect(clippy::cast_precision_loss, reason = "a handful")]
        Ok((rate * RENEWALS as f64, users))
    }

    /// How many requests a second users with an account get answered, over those of guests in the same round.
    fn ratio(&self, users: &Path, guests: &Path, runs: usize) -> Result<Spread> {
        let ratios: Result<Vec<f64>> = (0..runs)
            .map(|round| {
                let what = format!("requests of users and of guests, {} of {runs}", round + 1);
                step(&what, || {
                    let users = self.press(users, Pressure::Full)?;
                    Ok(users.rate() / self.press(guests, Pressure::Full)?.rate())
                })
            })
            .collect();
        Spread::of(ratios?).context("no runs")
    }

    fn press(&self, headers: &Path, pressure: Pressure) -> Result<Load> {
        Load::press(self.project, &self.url(), headers, pressure, SECONDS)
    }

    fn url(&self) -> String {
        format!("{}{PATH}", self.service.url)
    }

    /// Requests at moderate load while many wait to sign in by a password.
    fn while_many_wait(&self, users: &Path) -> Result<Load> {
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            for user in 0..WAITING {
                let is_over = &is_over;
                scope.spawn(move || {
                    let password = password(user, false);
                    while !is_over.load(Ordering::Relaxed) {
                        // Most are told that the server is busy. The load ends when it has been measured, however this went.
                        let _ = self.sign_in_patiently(&password, is_over);
                    }
                });
            }
            let url = self.url();
            let load = Load::strain(self.project, &url, users, Pressure::Moderate, SECONDS);
            is_over.store(true, Ordering::Relaxed);
            load
        })
    }
}
