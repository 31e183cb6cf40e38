//! The hook as the accounts of sign-ins: what it is asked, what its answer means, and what a missing answer does.
//!
//! A missing answer says nothing about who somebody is. So it signs nobody in, not even as a guest, and nobody out.

use std::error::Error;

use reqwest::StatusCode;
use wxsession_protocol::ProblemCode;
use wxsession_server::accounts::{Accounts, Answer, Attempt, Credentials, Entry, Method, Outcome};
use wxsession_server::once_a_minute::OnceAMinute;
use wxsession_server::{HttpProblem, Identity};

use super::answer::Verdict;
use super::asked::Asked;
use super::error::HookError;
use super::hook::AccountsHook;
use crate::guard::BreakerState;

impl Accounts for AccountsHook {
    fn authenticate<'a>(&'a self, attempt: &'a Attempt) -> Answer<'a, Outcome> {
        Box::pin(async move {
            let verdict = self.ask(Asked::of(attempt).json()).await?;
            outcome(verdict, &attempt.method)
        })
    }

    fn turns_away(&self, _: Option<&str>) -> Option<ProblemCode> {
        (self.state() == BreakerState::Open).then_some(ProblemCode::AccountsUnavailable)
    }

    fn linked<'a>(&'a self, wechat: &'a Identity) -> Answer<'a, Option<String>> {
        Box::pin(async move {
            let attempt = Attempt {
                method: Method::Silent,
                credentials: Credentials::default(),
                wechat: wechat.clone(),
                presented: None,
            };
            match self.ask(Asked::of(&attempt).json()).await? {
                Verdict::User(user) => Ok(Some(user)),
                Verdict::Guest | Verdict::Wrong => Ok(None),
                // It may well be a user, whose sessions would live on.
                _ => Err(HttpProblem::because(
                    ProblemCode::AccountsUnavailable,
                    "the accounts hook does not say who this WeChat user is; name the user by `user`",
                )),
            }
        })
    }
}

fn outcome(verdict: Verdict, method: &Method) -> Result<Outcome, HttpProblem> {
    Ok(match verdict {
        Verdict::User(user) => Outcome::User(Entry::to(user)),
        Verdict::Guest => Outcome::Guest,
        Verdict::More { ask, state } => Outcome::More { ask, state },
        Verdict::Wrong => Outcome::Wrong,
        Verdict::Blocked => Outcome::Blocked,
        Verdict::Taken => Outcome::Taken,
        Verdict::NotUnderstood => return Err(not_understood(method)),
        Verdict::Limited(wait) => {
            let limited = HttpProblem::new(ProblemCode::RateLimited);
            return Err(match wait {
                Some(seconds) => limited.retry_after(seconds),
                None => limited,
            });
        }
    })
}

/// A client's own method or fields may be wrong. What this server asks by itself, the hook has to understand.
fn not_understood(method: &Method) -> HttpProblem {
    match method {
        Method::Named(_) => HttpProblem::because(
            ProblemCode::BadRequest,
            "the app's user database does not understand this `method`, or the fields beside it",
        ),
        _ => HookError::Status(StatusCode::BAD_REQUEST).into(),
    }
}

impl From<HookError> for HttpProblem {
    fn from(error: HookError) -> Self {
        log(&error);
        Self::new(match error {
            HookError::Full => ProblemCode::ServerBusy,
            _ => ProblemCode::AccountsUnavailable,
        })
    }
}

/// While a hook is away, every sign-in meets it.
static AWAY: OnceAMinute = OnceAMinute::new();
/// Something for the hook's author to mend, which must not wait until the hook was away for a minute.
static WRONG: OnceAMinute = OnceAMinute::new();

fn log(error: &HookError) {
    let line = match error {
        // Logged where they are noticed.
        HookError::LeftAlone | HookError::Full => None,
        HookError::Unreachable(_) | HookError::Late => Some(&AWAY),
        HookError::Status(_) | HookError::TokenRefused | HookError::BadAnswer(_) => Some(&WRONG),
    };
    let error = error as &dyn Error;
    if let Some(left_out) = line.and_then(OnceAMinute::due) {
        tracing::warn!(
            error,
            left_out,
            "the accounts hook gave no answer that counts, so nobody was signed in; not logged again for a minute"
        );
    } else {
        tracing::debug!(error, "the accounts hook gave no answer that counts");
    }
}
