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

/// What the caller has to do, in this order.
#[derive(Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask `wx.login` for a code.
    AskCode(Step),
    /// Get the login data that goes along with the [`Exchange::code`] of this step.
    Prepare(Step),
    /// Post the [`Exchange::code`] of this step.
    Post(Step),
    /// Report [`Exchange::elapsed`] after this many milliseconds. A later timer replaces an earlier one.
    Sleep(Step, u32),
    /// The sign-in has brought a session.
    Issued(Session),
    /// The sign-in has failed for good.
    Failed(Failure),
    /// Nobody waits for this session; end it at the server.
    Unwanted(Session),
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
/// use wxsession::error::ErrorCode;
/// use wxsession::exchange::{Deadlines, Effect, Exchange};
///
/// let mut exchange = Exchange::new(Deadlines { login: 5_000, data: 5_000, exchange: 10_000 });
/// assert_eq!(exchange.begin(), [Effect::Sleep(1, 5_000), Effect::AskCode(1)]);
/// // `wx.login` fails, and is not asked again.
/// assert_eq!(exchange.coded(1, None), [Effect::Failed(ErrorCode::LoginFailed.into())]);
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Exchange {
    deadlines: Deadlines,
    state: State,
    step: Step,
    code: String,
    /// When the code was first posted, in milliseconds.
    began: u64,
    /// How often the code was posted.
    posts: u32,
    /// Whether this is the second code.
    is_fresh: bool,
}

impl Exchange {
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
            code: String::new(),
            began: 0,
            posts: 0,
            is_fresh: false,
        }
    }

    /// The code of this step, or `None` if the step has been closed.
    pub fn code(&self, step: Step) -> Option<&str> {
        (self.step == step && !self.code.is_empty()).then_some(self.code.as_str())
    }

    /// Whether this step still waits for a code.
    pub fn asks(&self, step: Step) -> bool {
        self.is_open(step, State::Login)
    }

    /// Starts a sign-in.
    pub fn begin(&mut self) -> Vec<Effect> {
        self.is_fresh = false;
        self.ask()
    }

    /// Forgets the sign-in in progress.
    pub fn abandon(&mut self) {
        self.rest();
    }

    /// `wx.login` answered, with a code or, if it failed, without.
    pub fn coded(&mut self, step: Step, code: Option<String>) -> Vec<Effect> {
        if !self.is_open(step, State::Login) {
            return vec![];
        }
        match code.filter(|code| !code.is_empty()) {
            Some(code) => {
                self.code = code;
                let step = self.open(State::Prepare);
                vec![
                    Effect::Sleep(step, self.deadlines.data),
                    Effect::Prepare(step),
                ]
            }
            None => self.fail(ErrorCode::LoginFailed.into()),
        }
    }

    /// The app's login data is ready or has failed.
    pub fn prepared(&mut self, step: Step, data: LoginData, now: u64) -> Vec<Effect> {
        if !self.is_open(step, State::Prepare) {
            return vec![];
        }
        if data == LoginData::Failed {
            return self.fail(ErrorCode::LoginDataFailed.into());
        }
        self.began = now;
        self.posts = 0;
        self.post()
    }

    /// A post ended. `random` is from 0 to 1.
    pub fn answered(&mut self, step: Step, reply: Reply, now: u64, random: f64) -> Vec<Effect> {
        if !self.is_open(step, State::Post) {
            return match reply {
                Reply::Answer {
                    session: Some(session),
                    ..
                } => vec![Effect::Unwanted(session)],
                _ => vec![],
            };
        }
        match judge(reply) {
            Verdict::Issued(session) => {
                self.rest();
                vec![Effect::Issued(session)]
            }
            Verdict::AnotherCode if !self.is_fresh => {
                self.is_fresh = true;
                self.ask()
            }
            Verdict::AnotherCode => self.fail(ErrorCode::CodeInvalid.into()),
            Verdict::Later(failure) => self.wait(failure, now, random),
            Verdict::Never(failure) => self.fail(failure),
        }
    }

    /// The timer of a step ran out.
    pub fn elapsed(&mut self, step: Step, now: u64, random: f64) -> Vec<Effect> {
        match self.state {
            _ if step != self.step => vec![],
            State::Idle => vec![],
            State::Login => self.fail(ErrorCode::LoginTimeout.into()),
            State::Prepare => self.fail(ErrorCode::LoginDataTimeout.into()),
            State::Post => self.wait(ErrorCode::ExchangeTimeout.into(), now, random),
            State::Wait => self.post(),
        }
    }

    fn is_open(&self, step: Step, state: State) -> bool {
        self.step == step && self.state == state
    }

    fn open(&mut self, state: State) -> Step {
        self.state = state;
        self.step += 1;
        self.step
    }

    fn rest(&mut self) {
        self.open(State::Idle);
        self.code.clear();
    }

    fn ask(&mut self) -> Vec<Effect> {
        self.code.clear();
        let step = self.open(State::Login);
        vec![
            Effect::Sleep(step, self.deadlines.login),
            Effect::AskCode(step),
        ]
    }

    fn post(&mut self) -> Vec<Effect> {
        self.posts += 1;
        let step = self.open(State::Post);
        vec![
            Effect::Sleep(step, self.deadlines.exchange),
            Effect::Post(step),
        ]
    }

    fn wait(&mut self, failure: Failure, now: u64, random: f64) -> Vec<Effect> {
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
        vec![Effect::Sleep(self.open(State::Wait), wait)]
    }

    fn fail(&mut self, failure: Failure) -> Vec<Effect> {
        self.rest();
        vec![Effect::Failed(failure)]
    }
}

/// The code is a secret, so it is left out.
impl std::fmt::Debug for Exchange {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Exchange")
            .field("state", &self.state)
            .field("step", &self.step)
            .field("posts", &self.posts)
            .field("is_fresh", &self.is_fresh)
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod normal;
#[cfg(test)]
mod tests;
