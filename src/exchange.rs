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
//! | post | `code_invalid` | take a fresh code, once |
//! | post | a refusal that names no problem of ours, of a post that presented a session | take a fresh code and present none, once |
//! | post | such a refusal, and the code may be spent | take a fresh code, once |
//! | post | no answer, timer | withdraw, wait and post again: the code may be spent |
//! | post | a 5xx that names no problem of ours | as a refusal if no code has been replaced yet, else as no answer; in any case wait |
//! | post | 429, or a 5xx that names a problem of ours | wait and post again: the code is unspent |
//! | post | anything else | give up |
//! | wait | timer | post, or ask for the fresh code |
//! | any but wait | a timer that runs more than a second late | one more second |
//!
//! A *code may be spent* without an answer that says so: the server had the post, and its answer was lost or was a failure of
//! its own. WeChat then refuses the code, and servers pass that on in words of their own: as a 401, a 400, a 500 or a 200
//! without a session. So from then on any of these means that the code is spent.
//!
//! Many servers judge the *presented session* before they look at the route, so an expired one would have every sign-in
//! refused. Presenting a session only helps the server to end it early, and a sign-in goes without. If the refusal says
//! that the session was ended elsewhere, the sign-in fails with that, and the other machine judges what is to be done.
//!
//! An *attempt* takes credentials, which are judged once: any answer ends it but one that says that the code is spent. An
//! attempt without an answer is posted again like any other, for the server may not have had it. Wherever the table says
//! otherwise, an attempt gives up.
//!
//! A wait is the longer of the back-off and the server's `Retry-After`, times a random number from 1 to 2, so that clients
//! that fail together do not return together. The third failure of network or server ends the sign-in, and so does a wait
//! that leads past 20 s. A refusal is no such failure.
//!
//! A *late timer* means that the program was in the background, where no answer reaches it. The answer may already be in wx's
//! queue, behind the timer.

mod reply;

pub use self::reply::Reply;
use self::reply::{Verdict, judge};
use crate::errand::{Errand, Errands};
use crate::error::{ErrorCode, Failure};
use crate::milliseconds::Milliseconds;
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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Conclusion<Secret = String> {
    /// The sign-in has brought a session.
    Issued(Session<Secret>),
    /// The sign-in has failed for good.
    Failed(Failure),
    /// Nobody waits for this session; it has to be ended at the server.
    Unwanted(Session<Secret>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
// The module compares a word without masking it first.
#[repr(u32)]
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
/// use wxsession::milliseconds::Milliseconds;
///
/// let mut errands = Errands::<String>::new(None);
/// let mut exchange = Exchange::new(Deadlines { login: 5_000, data: 5_000, exchange: 10_000 });
/// let now = Milliseconds::new(1_000_000);
/// exchange.begin(false, now, &mut errands);
/// assert_eq!(errands.take(), Some(Errand::Sleep(1, 5_000)));
/// assert_eq!(errands.take(), Some(Errand::AskCode(1)));
/// // `wx.login` fails, and is not asked again.
/// let failed = Conclusion::Failed(ErrorCode::LoginFailed.into());
/// exchange.coded(1, None, now, &mut errands);
/// assert_eq!(exchange.conclusion(), Some(failed));
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Exchange<Secret = String> {
    pub(crate) deadlines: Deadlines,
    state: State,
    step: Step,
    /// When the step's timer is due.
    due: Milliseconds,
    code: Option<Secret>,
    /// When the first post began.
    began: Milliseconds,
    /// How many posts have failed, by the network or the server.
    failures: u32,
    /// Whether credentials go with the code.
    is_attempt: bool,
    /// Whether a refused or spent code has been replaced.
    is_fresh: bool,
    /// Whether the code may be spent.
    is_doubtful: bool,
    /// Whether the last post presented a session.
    presented: bool,
    /// Whether the posts present no session, because the server refused one that did.
    is_bare: bool,
    /// What the other machine has not yet heard.
    pub(crate) conclusion: Option<Conclusion<Secret>>,
}

impl<Secret> Exchange<Secret> {
    const FAILURES: u32 = 3;
    /// Milliseconds from the first post to the last.
    const WINDOW: u32 = 20_000;
    /// Milliseconds by which a timer may be late, and for which an answer that is in wx's queue is waited for.
    const GRACE: u32 = 1_000;
    /// Milliseconds before the second post; twice that before the third.
    const BACK_OFF: u32 = 500;

    /// Creates a machine at rest.
    pub const fn new(deadlines: Deadlines) -> Self {
        Self {
            deadlines,
            state: State::Idle,
            step: 0,
            due: Milliseconds::ZERO,
            code: None,
            began: Milliseconds::ZERO,
            failures: 0,
            is_attempt: false,
            is_fresh: false,
            is_doubtful: false,
            presented: false,
            is_bare: false,
            conclusion: None,
        }
    }

    /// Takes what the last event has led to, if it has ended the sign-in or brought a session.
    #[inline(always)]
    pub fn conclusion(&mut self) -> Option<Conclusion<Secret>> {
        self.conclusion.take()
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

    /// Whether the posts present no session, because the server refused one that did.
    pub fn is_bare(&self) -> bool {
        self.is_bare
    }

    /// Starts a sign-in, which is an attempt if credentials go with the code.
    #[inline(always)]
    pub fn begin(&mut self, is_attempt: bool, now: Milliseconds, errands: &mut Errands<Secret>) {
        self.is_attempt = is_attempt;
        self.failures = 0;
        self.is_fresh = false;
        self.is_bare = false;
        self.ask(now, errands);
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
        now: Milliseconds,
        errands: &mut Errands<Secret>,
    ) {
        if !self.is_in(step, State::Login) {
            return;
        }
        if code.is_none() {
            return self.fail(ErrorCode::LoginFailed.into());
        }
        self.code = code;
        let deadline = self.deadlines.data;
        let step = self.open(State::Prepare, deadline, now, errands);
        errands.add(Errand::Prepare(step));
    }

    /// The app's login data is ready or has failed.
    #[inline(always)]
    pub fn prepared(
        &mut self,
        step: Step,
        data: LoginData,
        now: Milliseconds,
        errands: &mut Errands<Secret>,
    ) {
        if !self.is_in(step, State::Prepare) {
            return;
        }
        if data == LoginData::Failed {
            return self.fail(ErrorCode::LoginDataFailed.into());
        }
        if self.failures == 0 && !self.is_fresh && !self.is_bare {
            self.began = now;
        }
        self.post(now, errands);
    }

    /// The post goes out now, and presents a session or none. A refused attempt does not tell which of the two was refused.
    pub fn posted(&mut self, presented: bool) {
        self.presented = presented && !self.is_attempt;
    }

    /// A post ended. `random` is from 0 to 1.
    #[inline(always)]
    pub fn answered(
        &mut self,
        step: Step,
        reply: Reply<Secret>,
        now: Milliseconds,
        random: f64,
        errands: &mut Errands<Secret>,
    ) {
        let is_open = self.is_in(step, State::Post);
        let (verdict, failure) = match reply {
            Reply::Answer {
                status: 200..=299,
                session: Some(session),
                ..
            } if is_open => return self.end(Conclusion::Issued(session)),
            Reply::Answer {
                session: Some(session),
                ..
            } if !is_open => {
                self.conclusion = Some(Conclusion::Unwanted(session));
                return;
            }
            _ if !is_open => return,
            Reply::Answer {
                status,
                problem,
                retry_after,
                ..
            } => {
                let (verdict, code) = judge(status, problem);
                (verdict, Failure { code, retry_after })
            }
            Reply::Unreachable => (Verdict::Lost, ErrorCode::Network.into()),
            Reply::TimedOut => (Verdict::Lost, ErrorCode::ExchangeTimeout.into()),
            Reply::Interrupted => (Verdict::Lost, ErrorCode::Interrupted.into()),
        };
        let is_first = !self.is_fresh && !self.is_bare;
        match verdict {
            Verdict::Busy | Verdict::Broken if self.is_attempt => return self.fail(failure),
            Verdict::CodeInvalid if !self.is_fresh => {
                self.is_fresh = true;
                return self.ask(now, errands);
            }
            Verdict::Refused if self.may_help() => return self.ask(now, errands),
            Verdict::Broken if is_first && self.may_help() => self.code = None,
            Verdict::Lost | Verdict::Broken => self.is_doubtful = true,
            Verdict::Busy => {}
            Verdict::CodeInvalid | Verdict::Refused | Verdict::Never => return self.fail(failure),
        }
        self.wait(failure, now, random, errands);
    }

    /// The timer of a step ran out.
    #[inline(always)]
    pub fn elapsed(
        &mut self,
        step: Step,
        now: Milliseconds,
        random: f64,
        errands: &mut Errands<Secret>,
    ) {
        if !self.is_open(step) {
            return;
        }
        let is_late = now > self.due + Self::GRACE;
        match self.state {
            State::Idle => {}
            State::Wait if self.code.is_none() => self.ask(now, errands),
            State::Wait => self.post(now, errands),
            _ if is_late => self.start_timer(Self::GRACE, now, errands),
            State::Login => self.fail(ErrorCode::LoginTimeout.into()),
            State::Prepare => self.fail(ErrorCode::LoginDataTimeout.into()),
            State::Post => {
                errands.add(Errand::Withdraw(step));
                self.is_doubtful = true;
                self.wait(ErrorCode::ExchangeTimeout.into(), now, random, errands);
            }
        }
    }

    /// Whether a fresh code may help after a refusal that names no problem. If so, remembers why.
    #[inline(never)]
    fn may_help(&mut self) -> bool {
        let helps = if self.presented {
            !self.is_bare
        } else {
            self.is_doubtful && !self.is_fresh
        };
        if helps && self.presented {
            self.is_bare = true;
        } else if helps {
            self.is_fresh = true;
        }
        helps
    }

    fn is_in(&self, step: Step, state: State) -> bool {
        self.is_open(step) && self.state == state
    }

    /// Opens the next step, with its timer.
    fn open(
        &mut self,
        state: State,
        timer: u32,
        now: Milliseconds,
        errands: &mut Errands<Secret>,
    ) -> Step {
        self.enter(state);
        self.start_timer(timer, now, errands);
        self.step
    }

    #[inline(never)]
    fn start_timer(&mut self, timer: u32, now: Milliseconds, errands: &mut Errands<Secret>) {
        self.due = now + timer;
        errands.add(Errand::Sleep(self.step, timer));
    }

    fn enter(&mut self, state: State) {
        self.state = state;
        self.step += 1;
    }

    fn rest(&mut self) {
        self.enter(State::Idle);
        self.code = None;
    }

    fn ask(&mut self, now: Milliseconds, errands: &mut Errands<Secret>) {
        self.code = None;
        self.is_doubtful = false;
        let step = self.open(State::Login, self.deadlines.login, now, errands);
        errands.add(Errand::AskCode(step));
    }

    fn post(&mut self, now: Milliseconds, errands: &mut Errands<Secret>) {
        let step = self.open(State::Post, self.deadlines.exchange, now, errands);
        errands.add(Errand::Post(step));
    }

    /// Waits for the next post, or gives up if there is no time for one.
    fn wait(
        &mut self,
        failure: Failure,
        now: Milliseconds,
        random: f64,
        errands: &mut Errands<Secret>,
    ) {
        let back_off = Self::BACK_OFF << self.failures;
        self.failures += 1;
        // One more than the window, so that a longer time never fits, not even with the smallest random number.
        let least = back_off.max(failure.retry_after).min(Self::WINDOW + 1);
        let wait = least + Milliseconds::of(f64::from(least) * random).whole();
        let spent = now - self.began;
        let is_last = self.failures >= Self::FAILURES && self.code.is_some();
        if is_last || spent + wait > Milliseconds::new(Self::WINDOW) {
            return self.fail(failure);
        }
        self.open(State::Wait, wait, now, errands);
    }

    #[inline(never)]
    fn fail(&mut self, failure: Failure) {
        self.end(Conclusion::Failed(failure));
    }

    fn end(&mut self, conclusion: Conclusion<Secret>) {
        self.rest();
        self.conclusion = Some(conclusion);
    }
}

/// The code is a secret, so it is left out.
impl<Secret> std::fmt::Debug for Exchange<Secret> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Exchange")
            .field("state", &self.state)
            .field("step", &self.step)
            .field("failures", &self.failures)
            .field("is_fresh", &self.is_fresh)
            .field("is_doubtful", &self.is_doubtful)
            .field("is_bare", &self.is_bare)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod effects;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod normal;
#[cfg(test)]
mod tests;
