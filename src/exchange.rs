//! Gets a login code, exchanges it for a session, retries or gives up.
//!
//! # The theory
//!
//! A sign-in is a chain of steps, of which exactly one is open at a time: asking `wx.login` for a code, waiting for the
//! app's login data, posting both to the app's server, or waiting before the next post. Every step has its own number and a
//! timer. Its answer or its timer, whichever comes first, closes it, and an event with the number of a closed step changes
//! nothing. A session that arrives late is the exception: the server keeps it alive, so it is handed out to be ended.
//!
//! | step | event | then |
//! |---|---|---|
//! | code | a code | prepare |
//! | code | failure, no code, timer | give up: asking again would cost the user's quota |
//! | prepare | the login data is ready | post |
//! | prepare | failure, timer | give up: it is the app's own function |
//! | post | a session | done |
//! | post | 401 `code_invalid` | ask for one fresh code; the second time, give up |
//! | post | 429, 5xx, no network, timer | wait and post again: at most three posts of one code in 20 s |
//! | post | anything else | give up |
//! | wait | timer | post |
//!
//! A wait is the longer of the back-off and the server's `Retry-After`, times a random number from 1 to 2, so that clients
//! that fail together do not return together.

mod reply;

pub use self::reply::Reply;
use self::reply::{Verdict, judge};
use crate::errand::{Errand, Errands};
use crate::error::{ErrorCode, Failure};
use crate::session::Session;

/// The number of a step, counted from 1.
pub type Step = u32;

/// Deadlines in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Deadlines {
    /// For `wx.login`.
    pub login: u32,
    /// For the app's login data.
    pub data: u32,
    /// For one exchange.
    pub exchange: u32,
}

/// The outcome of preparing the app's login data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginData {
    /// The data can be sent along with the code.
    Ready,
    /// The app's function failed.
    Failed,
}

/// How a sign-in ends.
#[derive(Debug, PartialEq, Eq)]
pub enum Conclusion<Secret = String> {
    /// The sign-in has brought a session.
    Issued(Session<Secret>),
    /// The sign-in has failed for good.
    Failed(Failure),
    /// Nobody waits for this session; it has to be ended at the server.
    Unwanted(Session<Secret>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum State {
    Idle,
    Login,
    Prepare,
    Post,
    Wait,
}

/// The state machine.
///
/// ```
/// use wxsession::errand::{Errand, Errands};
/// use wxsession::error::ErrorCode;
/// use wxsession::exchange::{Conclusion, Deadlines, Exchange};
///
/// let mut errands = Errands::<String>::new(None);
/// let mut exchange = Exchange::new(Deadlines { login: 5_000, data: 5_000, exchange: 10_000 });
/// exchange.begin(&mut errands);
/// assert_eq!(errands.take(), Some(Errand::Sleep(1, 5_000)));
/// assert_eq!(errands.take(), Some(Errand::AskCode(1)));
/// // `wx.login` fails, and is not asked again.
/// let failed = Conclusion::Failed(ErrorCode::LoginFailed.into());
/// assert_eq!(exchange.coded(1, None, &mut errands), Some(failed));
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Exchange<Secret = String> {
    deadlines: Deadlines,
    state: State,
    step: Step,
    code: Option<Secret>,
    /// When the code was first posted, in milliseconds.
    began: u64,
    /// How often the code was posted.
    posts: u32,
    /// Whether this is the second code.
    is_fresh: bool,
}

impl<Secret> Exchange<Secret> {
    const POSTS_OF_ONE_CODE: u32 = 3;
    /// Milliseconds from the first post of a code to the last.
    const WINDOW: u32 = 20_000;
    /// Milliseconds before the second post; twice that before the third.
    const BACK_OFF: u32 = 500;

    /// Creates a machine at rest.
    pub const fn new(deadlines: Deadlines) -> Self {
        Self {
            deadlines,
            state: State::Idle,
            step: 0,
            code: None,
            began: 0,
            posts: 0,
            is_fresh: false,
        }
    }

    /// Whether no sign-in is in progress.
    pub fn is_idle(&self) -> bool {
        self.state == State::Idle
    }

    /// Whether this step still waits for its answer.
    pub fn is_open(&self, step: Step) -> bool {
        self.step == step
    }

    /// The code of this step, or `None` if the step has been closed.
    pub fn code(&self, step: Step) -> Option<&Secret> {
        self.code.as_ref().filter(|_| self.is_open(step))
    }

    /// Starts a sign-in.
    #[inline(always)]
    pub fn begin(&mut self, errands: &mut Errands<Secret>) {
        self.is_fresh = false;
        self.ask(errands);
    }

    /// Forgets the sign-in in progress. If the sign-in still brings a session, that session is unwanted.
    pub fn abandon(&mut self) {
        self.rest();
    }

    /// `wx.login` answered, with a code or, if it failed, without.
    #[inline(always)]
    pub fn coded(
        &mut self,
        step: Step,
        code: Option<Secret>,
        errands: &mut Errands<Secret>,
    ) -> Option<Conclusion<Secret>> {
        if !self.is_in(step, State::Login) {
            return None;
        }
        if code.is_none() {
            return self.fail(ErrorCode::LoginFailed.into());
        }
        self.code = code;
        let deadline = self.deadlines.data;
        let step = self.open(State::Prepare, deadline, errands);
        errands.add(Errand::Prepare(step));
        None
    }

    /// The app's login data is ready or has failed.
    #[inline(always)]
    pub fn prepared(
        &mut self,
        step: Step,
        data: LoginData,
        now: u64,
        errands: &mut Errands<Secret>,
    ) -> Option<Conclusion<Secret>> {
        if !self.is_in(step, State::Prepare) {
            return None;
        }
        if data == LoginData::Failed {
            return self.fail(ErrorCode::LoginDataFailed.into());
        }
        self.began = now;
        self.posts = 0;
        self.post(errands)
    }

    /// A post ended. `random` is from 0 to 1.
    #[inline(always)]
    pub fn answered(
        &mut self,
        step: Step,
        reply: Reply<Secret>,
        now: u64,
        random: f64,
        errands: &mut Errands<Secret>,
    ) -> Option<Conclusion<Secret>> {
        if !self.is_in(step, State::Post) {
            return match reply {
                Reply::Answer {
                    session: Some(session),
                    ..
                } => Some(Conclusion::Unwanted(session)),
                _ => None,
            };
        }
        match judge(reply) {
            Verdict::Issued(session) => {
                self.rest();
                Some(Conclusion::Issued(session))
            }
            Verdict::AnotherCode if !self.is_fresh => {
                self.is_fresh = true;
                self.ask(errands)
            }
            Verdict::AnotherCode => self.fail(ErrorCode::CodeInvalid.into()),
            Verdict::Later(failure) => self.wait(failure, now, random, errands),
            Verdict::Never(failure) => self.fail(failure),
        }
    }

    /// The timer of a step ran out.
    #[inline(always)]
    pub fn elapsed(
        &mut self,
        step: Step,
        now: u64,
        random: f64,
        errands: &mut Errands<Secret>,
    ) -> Option<Conclusion<Secret>> {
        if !self.is_open(step) {
            return None;
        }
        match self.state {
            State::Idle => None,
            State::Login => self.fail(ErrorCode::LoginTimeout.into()),
            State::Prepare => self.fail(ErrorCode::LoginDataTimeout.into()),
            State::Post => self.wait(ErrorCode::ExchangeTimeout.into(), now, random, errands),
            State::Wait => self.post(errands),
        }
    }

    fn is_in(&self, step: Step, state: State) -> bool {
        self.is_open(step) && self.state == state
    }

    /// Opens the next step, with its timer.
    fn open(&mut self, state: State, timer: u32, errands: &mut Errands<Secret>) -> Step {
        let step = self.enter(state);
        errands.add(Errand::Sleep(step, timer));
        step
    }

    fn enter(&mut self, state: State) -> Step {
        self.state = state;
        self.step += 1;
        self.step
    }

    fn rest(&mut self) {
        self.enter(State::Idle);
        self.code = None;
    }

    fn ask(&mut self, errands: &mut Errands<Secret>) -> Option<Conclusion<Secret>> {
        self.code = None;
        let step = self.open(State::Login, self.deadlines.login, errands);
        errands.add(Errand::AskCode(step));
        None
    }

    fn post(&mut self, errands: &mut Errands<Secret>) -> Option<Conclusion<Secret>> {
        self.posts += 1;
        let step = self.open(State::Post, self.deadlines.exchange, errands);
        errands.add(Errand::Post(step));
        None
    }

    fn wait(
        &mut self,
        failure: Failure,
        now: u64,
        random: f64,
        errands: &mut Errands<Secret>,
    ) -> Option<Conclusion<Secret>> {
        let back_off = Self::BACK_OFF << (self.posts - 1);
        // One more than the window, so that a longer time never fits, not even with the smallest random number.
        let least = back_off.max(failure.retry_after).min(Self::WINDOW + 1);
        let wait = least + (f64::from(least) * random) as u32;
        let spent = now.saturating_sub(self.began);
        if self.posts == Self::POSTS_OF_ONE_CODE
            || spent + u64::from(wait) > u64::from(Self::WINDOW)
        {
            return self.fail(failure);
        }
        self.open(State::Wait, wait, errands);
        None
    }

    fn fail(&mut self, failure: Failure) -> Option<Conclusion<Secret>> {
        self.rest();
        Some(Conclusion::Failed(failure))
    }
}

/// The code is a secret, so it is left out.
impl<Secret> std::fmt::Debug for Exchange<Secret> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Exchange")
            .field("state", &self.state)
            .field("step", &self.step)
            .field("posts", &self.posts)
            .field("is_fresh", &self.is_fresh)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod effects;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod normal;
#[cfg(test)]
mod tests;
