//! The simulated WeChat: the mini programs it knows, its users, and the switches that tests turn.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::faults::{Call, Fault, Faults};
use crate::identity::{fresh_code, fresh_session_key, stable_id};
use crate::ledger::{Counts, IssuedCode, Ledger, Member, User};
use crate::outcome::Outcome;

/// The simulated WeChat. Clones share one state.
#[derive(Clone)]
pub struct FakeWeChat {
    apps: Arc<[App]>,
    pub(crate) settings: Settings,
    started: Instant,
    state: Arc<Mutex<Ledger>>,
}

/// A mini program that WeChat knows.
#[derive(Clone)]
pub struct App {
    /// The public id.
    pub appid: String,
    /// The secret that its server authenticates with.
    pub secret: String,
}

impl App {
    /// A mini program with this appid and secret.
    pub fn new(appid: impl Into<String>, secret: impl Into<String>) -> Self {
        Self {
            appid: appid.into(),
            secret: secret.into(),
        }
    }

    /// The mini program that the binary knows by default.
    pub fn simulated() -> Self {
        Self::new("wx5e55105e55105e55", "51a51a51a51a51a51a51a51a51a51a51")
    }
}

/// WeChat's limits; the defaults are the documented ones.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How long a code can be exchanged.
    pub code_lifetime: Duration,
    /// How many exchanges a minute one user of one mini program has.
    pub exchanges_per_minute: usize,
    /// Whether a code that was never issued signs in one fixed user, any number of times. The developer tools make codes
    /// up when they have no appid; the real WeChat refuses those.
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

impl FakeWeChat {
    /// A WeChat that knows these mini programs.
    pub fn new(apps: impl IntoIterator<Item = App>) -> Self {
        Self::with_settings(apps, Settings::default())
    }

    /// A WeChat with these limits.
    pub fn with_settings(apps: impl IntoIterator<Item = App>, settings: Settings) -> Self {
        Self {
            apps: apps.into_iter().collect(),
            settings,
            started: Instant::now(),
            state: Arc::default(),
        }
    }

    /// Signs the user in on a phone, as `wx.login` does. Returns a fresh code, and replaces the session key.
    ///
    /// An unknown appid gets a code too, but the code cannot be exchanged.
    ///
    /// ```
    /// use wxsession_simulator::{App, Exchange, FakeWeChat, Outcome};
    ///
    /// let App { appid, secret } = App::simulated();
    /// let wechat = FakeWeChat::new([App::simulated()]);
    /// let exchange = Exchange {
    ///     js_code: wechat.login(&appid, "alice"),
    ///     grant_type: "authorization_code".into(),
    ///     appid: appid.clone(),
    ///     secret,
    /// };
    /// let account = wechat.exchange(&exchange).ok().unwrap();
    /// assert_eq!(account.openid, wechat.openid(&appid, "alice"));
    /// assert_eq!(wechat.exchange(&exchange).err(), Some(Outcome::UsedCode));
    /// ```
    pub fn login(&self, appid: &str, user: &str) -> String {
        let mut state = self.state();
        let member = Member::new(appid, user);
        let code = fresh_code();
        state.counts.logins += 1;
        state
            .session_keys
            .insert(member.clone(), fresh_session_key());
        let issued = self.now(&state);
        let issue = IssuedCode {
            member,
            issued,
            used: false,
        };
        state.codes.insert(code.clone(), issue);
        code
    }

    /// The openid of the user in this mini program.
    pub fn openid(&self, appid: &str, user: &str) -> String {
        stable_id(appid, user)
    }

    /// The session key of the user's latest sign-in, or `None` before the first.
    pub fn session_key(&self, appid: &str, user: &str) -> Option<String> {
        self.state()
            .session_keys
            .get(&Member::new(appid, user))
            .cloned()
    }

    /// Sets what is special about a user.
    pub fn user(&self, name: impl Into<String>, user: User) {
        self.state().users.insert(name.into(), user);
    }

    /// Sets what goes wrong with the next calls, in place of earlier faults.
    pub fn faults(&self, faults: Faults) {
        self.state().faults = faults;
    }

    /// Moves WeChat's clock forward, so that a test of five minutes takes no time.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use wxsession_simulator::{App, FakeWeChat};
    /// let wechat = FakeWeChat::new([App::simulated()]);
    /// let code = wechat.login(&App::simulated().appid, "alice");
    /// wechat.advance(Duration::from_secs(300)); // The code has expired.
    /// # let _ = code;
    /// ```
    pub fn advance(&self, time: Duration) {
        let mut state = self.state();
        state.passed = state.passed.saturating_add(time);
    }

    /// What has happened since the start or the last [`FakeWeChat::reset`].
    pub fn counts(&self) -> Counts {
        self.state().counts.clone()
    }

    /// Forgets codes, users, faults and counts. Openids do not change.
    pub fn reset(&self) {
        let mut state = self.state();
        let under_way = state.under_way;
        *state = Ledger {
            under_way,
            ..Ledger::default()
        };
    }

    /// Counts a call as in progress until the guard is dropped.
    pub(crate) fn begin(&self) -> UnderWay {
        let mut state = self.state();
        state.under_way += 1;
        state.counts.most_at_once = state.counts.most_at_once.max(state.under_way);
        UnderWay(self.clone())
    }

    /// Returns the delay and the fault for the next call of this mini program, and uses the fault up.
    pub(crate) fn next_conditions(&self, call: Call, appid: &str) -> (Duration, Option<Fault>) {
        let faults = &mut self.state().faults;
        let is_for_another = faults.appid.as_deref().is_some_and(|only| only != appid);
        if faults.call != call || is_for_another {
            return (Duration::ZERO, None);
        }
        let next = (!faults.next.is_empty()).then(|| faults.next.remove(0));
        (Duration::from_millis(faults.delay_ms), next)
    }

    /// Counts a call that failed before WeChat judged it.
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

    /// The time since the start, including [`FakeWeChat::advance`].
    pub(crate) fn now(&self, state: &Ledger) -> Duration {
        self.started.elapsed().saturating_add(state.passed)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, Ledger> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call in progress.
pub(crate) struct UnderWay(FakeWeChat);

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.under_way = state.under_way.saturating_sub(1);
    }
}
