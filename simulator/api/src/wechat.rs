//! WeChat's side of a sign-in: who has which code, and what a code is worth.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::answer::Outcome;
use crate::faults::{Call, Fault, Faults};
use crate::identity::{fresh_code, fresh_session_key, stable_id};
use crate::ledger::{Code, Counts, Ledger, Member};

/// The simulated WeChat. Clones share one state.
#[derive(Clone)]
pub struct WeChat {
    apps: Arc<[App]>,
    pub(crate) settings: Settings,
    started: Instant,
    state: Arc<Mutex<Ledger>>,
}

/// A mini program that WeChat knows.
#[derive(Clone)]
pub struct App {
    /// Its public id.
    pub appid: String,
    /// What its server proves itself with.
    pub secret: String,
}

impl App {
    /// A mini program of this appid and secret.
    pub fn new(appid: impl Into<String>, secret: impl Into<String>) -> Self {
        Self {
            appid: appid.into(),
            secret: secret.into(),
        }
    }

    /// The mini program that the binary knows when it is told nothing else.
    pub fn simulated() -> Self {
        Self::new("wx5e55105e55105e55", "51a51a51a51a51a51a51a51a51a51a51")
    }
}

/// WeChat's limits; the defaults are the documented ones.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How long a code can be exchanged.
    pub code_lifetime: Duration,
    /// How often one user of one mini program can be exchanged within a minute.
    pub exchanges_per_minute: usize,
    /// Whether a code that was never given out stands for one user, always the same, as often as it is shown. The
    /// developer tools make codes up when they have no appid, and WeChat itself would refuse them.
    pub any_code: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            code_lifetime: Duration::from_secs(300),
            exchanges_per_minute: 100,
            any_code: false,
        }
    }
}

/// What is particular about a user.
#[derive(Clone, Debug, Default)]
pub struct User {
    /// The company's account that links its mini programs; a user has a unionid where it is given.
    pub linked_by: Option<String>,
    /// WeChat answers 40226 for this user.
    pub blocked: bool,
}

impl WeChat {
    /// A WeChat that knows these mini programs.
    pub fn new(apps: impl IntoIterator<Item = App>) -> Self {
        Self::with_settings(apps, Settings::default())
    }

    /// A WeChat with limits of its own.
    pub fn with_settings(apps: impl IntoIterator<Item = App>, settings: Settings) -> Self {
        Self {
            apps: apps.into_iter().collect(),
            settings,
            started: Instant::now(),
            state: Arc::default(),
        }
    }

    /// Signs the user in on a phone, as `wx.login` does: a fresh code, and a new session key behind it.
    ///
    /// A code for a mini program that WeChat does not know can be had, and never exchanged.
    pub fn login(&self, appid: &str, user: &str) -> String {
        let mut state = self.state();
        let member = Member::new(appid, user);
        let code = fresh_code();
        state.counts.logins += 1;
        state
            .session_keys
            .insert(member.clone(), fresh_session_key());
        let issued = self.now(&state);
        let issue = Code {
            member,
            issued,
            used: false,
        };
        state.codes.insert(code.clone(), issue);
        code
    }

    /// What the user is called in this mini program.
    pub fn openid(&self, appid: &str, user: &str) -> String {
        stable_id(appid, user)
    }

    /// The session key of the user's latest sign-in, if there was one.
    pub fn session_key(&self, appid: &str, user: &str) -> Option<String> {
        self.state()
            .session_keys
            .get(&Member::new(appid, user))
            .cloned()
    }

    /// Makes the user particular.
    pub fn user(&self, name: impl Into<String>, user: User) {
        self.state().users.insert(name.into(), user);
    }

    /// Replaces what the following exchanges meet.
    pub fn faults(&self, faults: Faults) {
        self.state().faults = faults;
    }

    /// Lets time pass for WeChat, so that a test of five minutes takes none.
    pub fn advance(&self, time: Duration) {
        let mut state = self.state();
        state.passed = state.passed.saturating_add(time);
    }

    /// What has happened since the start or the last [`WeChat::reset`].
    pub fn counts(&self) -> Counts {
        self.state().counts.clone()
    }

    /// Forgets codes, users, faults and counts. Openids stay what they are.
    pub fn reset(&self) {
        let mut state = self.state();
        let under_way = state.under_way;
        *state = Ledger {
            under_way,
            ..Ledger::default()
        };
    }

    /// Counts a call as under way until what it gives is dropped.
    pub(crate) fn begin(&self) -> UnderWay {
        let mut state = self.state();
        state.under_way += 1;
        state.counts.most_at_once = state.counts.most_at_once.max(state.under_way);
        UnderWay(self.clone())
    }

    /// How long the answer to a call for this mini program takes, and the fault that it meets.
    pub(crate) fn next_conditions(&self, call: Call, appid: &str) -> (Duration, Option<Fault>) {
        let faults = &mut self.state().faults;
        let is_another = faults.appid.as_deref().is_some_and(|only| only != appid);
        if faults.call != call || is_another {
            return (Duration::ZERO, None);
        }
        let next = (!faults.next.is_empty()).then(|| faults.next.remove(0));
        (Duration::from_millis(faults.delay_ms), next)
    }

    /// Notes a call that ended before WeChat judged it.
    pub(crate) fn count(&self, call: Call, outcome: Outcome) {
        self.state().count(call, outcome);
    }

    pub(crate) fn check_secret(&self, appid: &str, secret: &str) -> Result<(), Outcome> {
        match self.apps.iter().find(|app| app.appid == appid) {
            None => Err(Outcome::WrongAppid),
            Some(app) if app.secret != secret => Err(Outcome::WrongSecret),
            Some(_) => Ok(()),
        }
    }

    /// Time since the start, with what was let pass.
    pub(crate) fn now(&self, state: &Ledger) -> Duration {
        self.started.elapsed().saturating_add(state.passed)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, Ledger> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call that has not been answered yet.
pub(crate) struct UnderWay(WeChat);

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.under_way = state.under_way.saturating_sub(1);
    }
}
