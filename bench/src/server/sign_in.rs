//! Signs users in to each service, by the service's own sign-in.

use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};
use ureq::Agent;

/// How many users are signed in to each service.
pub(super) const USERS: usize = 5_000;

/// How many users sign in at once.
const AT_ONCE: usize = 16;

/// How long an answer may take, on a busy machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// Signs all users in, and returns the header of each session on a line of its own.
///
/// A simulated WeChat, if given by its URL, issues the codes; otherwise a code is any text.
///
/// # Errors
/// A sign-in fails.
pub(super) fn all(service: &str, wechat: Option<&str>) -> Result<String> {
    let agent = agent(PATIENCE);
    let some = |first: usize| -> Result<String> {
        (first..USERS)
            .step_by(AT_ONCE)
            .map(|user| one(&agent, service, wechat, user).map(|header| header + "\n"))
            .collect()
    };
    let lines: Result<String> = thread::scope(|scope| {
        let threads: Vec<_> = (0..AT_ONCE)
            .map(|first| scope.spawn(move || some(first)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().map_err(|_| anyhow!("a sign-in panicked"))?)
            .collect()
    });
    lines.with_context(|| format!("signing users in at {service}"))
}

/// An HTTP client with this timeout, for which every status is an answer.
pub(super) fn agent(patience: Duration) -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(patience))
        .max_idle_connections_per_host(AT_ONCE)
        .build()
        .into()
}

/// Signs one user in, and returns the header for later requests.
fn one(agent: &Agent, service: &str, wechat: Option<&str>, user: usize) -> Result<String> {
    let code = match wechat {
        Some(wechat) => login_code(agent, wechat, user)?,
        None => format!("user-{user}"),
    };
    let url = format!("{service}/wx/onlogin?code={code}");
    let mut answer = agent.get(&url).call()?;
    let cookie = answer.headers().get("set-cookie").cloned();
    let body = answer.body_mut().read_to_string()?;
    let body: Value = serde_json::from_str(&body).context(body)?;
    if let Some(id) = body["sessionid"].as_str() {
        return Ok(format!("sessionid: {id}"));
    }
    let cookie = cookie.with_context(|| format!("unexpected answer to a sign-in: {body}"))?;
    let pair = cookie.to_str()?.split(';').next().unwrap_or_default();
    Ok(format!("Cookie: {pair}"))
}

/// A code, as `wx.login` returns it.
pub(super) fn login_code(agent: &Agent, wechat: &str, user: usize) -> Result<String> {
    let login = json!({ "user": format!("user-{user}") }).to_string();
    let mut answer = agent
        .post(format!("{wechat}/simulator/login"))
        .header("Content-Type", "application/json")
        .send(login)?;
    let answer: Value = serde_json::from_str(&answer.body_mut().read_to_string()?)?;
    let code = answer["code"].as_str().context("no code")?;
    Ok(code.to_owned())
}
