//! Who may use which session, when to sign in, and what a refusal means.
//!
//! # The theory
//!
//! There is at most one session and at most one sign-in. What stands is one of four, and a sign-in
//! may run beside it. While it runs every call waits; when it brings a session, what stood is
//! replaced; when it fails, what stood still stands. A session that can be used no longer stands no more, but each
//! sign-in presents it until one has replaced it, or signing out or somebody else has ended it.
//!
//! Every session has a number, its *generation*, and a call remembers the generation it was sent with. So a
//! refusal says which session it refuses, and a late one cannot harm a newer one. Signing out, or being
//! ended elsewhere, closes an *epoch*: a call whose answer is still out by then is never sent again, and one that
//! was told to go and has not gone yet fails.
//!
//! | event | nothing, no sign-in | live | signed out or ended | sign-in running |
//! |---|---|---|---|---|
//! | call | sign in, wait (fails in a pause) | goes; past its deadline: as with nothing | fails, saying why | waits |
//! | login | sign in, wait | done; if forced or past its deadline: sign in, wait | sign in, wait | waits |
//! | refused: renew | as a call, but a pause delivers | renew, wait; a pause delivers | delivered | waits |
//! | refused: ended | ended, delivered | ended, delivered | delivered | ended, delivered; all fail if no login waits |
//! | refused, of an older session | renew: as above; ended: delivered | goes again with the newer one | delivered | renew: waits; ended: delivered |
//! | refused a second time | delivered, pause | delivered, pause | delivered | delivered, pause |
//! | session issued | – | – | – | live; all go |
//! | sign-in failed | – | – | – | all fail with the cause, pause; calls go if a live session stands |
//! | abort | – | – | – | waits no more; the others do |
//! | sign-out | signed out, what was to be replaced is ended at the server | signed out, ended at the server | signed out | signed out, all fail, abandoned; what it replaces is ended at the server |
//!
//! A *pause* follows a failure, so that a broken server is not asked by every call: one second, doubling to
//! sixty, or the time that the server names if that is longer, up to an hour; and always one second after a failure
//! of the network. A second refusal of the newest session is such a failure too: its endpoint may answer 401 for reasons
//! of its own, and must not cost a sign-in each time. That another call was accepted when it was sent again forgives
//! nothing, for it may have been refused only because such an endpoint had its session replaced: what forgives is
//! time. `login()` skips the pause. A late refusal of an older session goes again even in a pause, since that costs
//! no sign-in.
//!
//! Nothing here knows a clock or `wx`: time comes in with the event, and what is to be done goes out as
//! [`Effect`]s, in order.

mod pause;

use self::pause::Pause;
use crate::error::{ErrorCode, Failure};
use crate::policy::Refusal;
use crate::session::Session;

/// A call that waits for an answer of this machine.
pub type Ticket = u32;

/// The number of a session; the first has 1.
pub type Generation = u32;

/// What a ticket wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Want {
    /// A session for a call.
    Call,
    /// To be signed in.
    Login,
    /// A new session even if there is a live one.
    NewLogin,
}

/// What becomes of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// A session is there: send the call with it; a login is done.
    Go,
    /// The refusal reaches the caller as it came.
    Deliver,
    /// The call fails.
    Fail(Failure),
}

/// What is to be done, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Obtain a session, presenting [`Flow::presented`].
    SignIn,
    /// Forget the sign-in under way; a session it still brings is ended.
    Abandon,
    /// Answer a ticket.
    Settle(Ticket, Outcome),
    /// Bring storage in line with what stands: save the session, or remove the one that is there.
    Keep,
    /// End the session of this id at the server.
    End(String),
}

/// The state that an app sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Phase {
    /// No session.
    SignedOut,
    /// A sign-in is running.
    SigningIn,
    /// A session is there.
    SignedIn,
    /// Ended elsewhere; only `login()` signs in again.
    Ended,
}

/// What holds while no sign-in runs, and again if one fails.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Standing {
    /// No session; the next call signs in. What stood before and can be used no longer, the server ends as it issues
    /// the next.
    Nothing(Option<Session>),
    /// A session that is used until it is refused or past its deadline. Storage has it, and in every other
    /// standing storage has none.
    Live(Session),
    /// The app signed out; only `login()` or the next launch signs in.
    SignedOut,
    /// The session was ended elsewhere, for this reason; only `login()` signs in.
    Ended(ErrorCode),
}

/// The machine.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Flow {
    standing: Standing,
    /// Who waits for the sign-in under way: first come, first served.
    sign_in: Option<Vec<(Ticket, Want)>>,
    generation: Generation,
    /// The first generation of this epoch; a call sent with an earlier one is never sent again.
    epoch: Generation,
    after_failure: Pause,
    after_refusal: Pause,
}

impl Flow {
    /// A start, with what storage kept.
    pub fn new(restored: Option<Session>) -> Self {
        Self {
            generation: u32::from(restored.is_some()),
            standing: restored.map_or(Standing::Nothing(None), Standing::Live),
            sign_in: None,
            epoch: 0,
            after_failure: Pause::default(),
            after_refusal: Pause::default(),
        }
    }

    /// The session that a call may use this instant, with its generation.
    pub fn live(&self, now: u64) -> Option<(&Session, Generation)> {
        match &self.standing {
            Standing::Live(session) if self.sign_in.is_none() && session.is_live(now) => {
                Some((session, self.generation))
            }
            _ => None,
        }
    }

    /// The session that stands, if any, with its generation.
    pub fn standing(&self) -> Option<(&Session, Generation)> {
        match &self.standing {
            Standing::Live(session) => Some((session, self.generation)),
            _ => None,
        }
    }

    /// Why a call that was to go with this generation may not go any more: its epoch has ended.
    pub fn ended(&self, generation: Generation) -> Option<ErrorCode> {
        let code = match self.standing {
            Standing::Ended(code) => code,
            _ => ErrorCode::SignedOut,
        };
        (generation < self.epoch).then_some(code)
    }

    /// The id that a sign-in presents: of the session that it replaces.
    pub fn presented(&self) -> Option<&str> {
        match &self.standing {
            Standing::Live(session) | Standing::Nothing(Some(session)) => Some(session.id()),
            _ => None,
        }
    }

    /// What an app sees.
    pub fn phase(&self) -> Phase {
        match (&self.sign_in, &self.standing) {
            (Some(_), _) => Phase::SigningIn,
            (None, Standing::Live(_)) => Phase::SignedIn,
            (None, Standing::Nothing(_) | Standing::SignedOut) => Phase::SignedOut,
            (None, Standing::Ended(_)) => Phase::Ended,
        }
    }

    /// A call needs a session, or the app wants to be signed in.
    pub fn want(&mut self, ticket: Ticket, want: Want, now: u64) -> Vec<Effect> {
        if let Some(waiting) = &mut self.sign_in {
            waiting.push((ticket, want));
            return vec![];
        }
        let refused = match &self.standing {
            Standing::Live(session) if want != Want::NewLogin && session.is_live(now) => {
                return vec![Effect::Settle(ticket, Outcome::Go)];
            }
            _ if want != Want::Call => None,
            Standing::SignedOut => Some(ErrorCode::SignedOut.into()),
            Standing::Ended(code) => Some((*code).into()),
            Standing::Nothing(_) | Standing::Live(_) => self.pause(now),
        };
        match refused {
            Some(failure) => vec![Effect::Settle(ticket, Outcome::Fail(failure))],
            None => self.begin(ticket, want),
        }
    }

    /// The answer to a call sent with `generation` refuses its session; `second` if the call was sent twice.
    pub fn refused(
        &mut self,
        ticket: Ticket,
        generation: Generation,
        second: bool,
        refusal: Refusal,
        now: u64,
    ) -> Vec<Effect> {
        let mut effects = Vec::new();
        let is_current = generation == self.generation;
        match refusal {
            // From an ended epoch: it is told, and that is all.
            _ if generation < self.epoch => {}
            Refusal::Ended(code) if is_current => self.end(code, &mut effects),
            Refusal::Renew if second => {
                if is_current {
                    self.after_refusal.decay(now);
                    self.after_refusal.extend(now, 0);
                }
            }
            _ if second => {}
            // Somebody ended an older session: where there is none by now, that is for the user to hear.
            Refusal::Ended(_) if self.live(now).is_none() => {}
            _ => return self.renew(ticket, is_current, now),
        }
        effects.push(Effect::Settle(ticket, Outcome::Deliver));
        effects
    }

    /// The sign-in brought a session.
    pub fn issued(&mut self, session: Session) -> Vec<Effect> {
        let Some(waiting) = self.sign_in.take() else {
            return vec![Effect::End(session.id().to_owned())];
        };
        self.generation += 1;
        self.after_failure = Pause::default();
        self.standing = Standing::Live(session);
        let mut effects = vec![Effect::Keep];
        for (ticket, _) in waiting {
            effects.push(Effect::Settle(ticket, Outcome::Go));
        }
        effects
    }

    /// The sign-in failed for good.
    pub fn failed(&mut self, failure: Failure, now: u64) -> Vec<Effect> {
        let mut effects = Vec::new();
        if failure.is_of_the_network() {
            self.after_failure.restart(now);
        } else {
            self.after_failure.extend(now, failure.retry_after);
        }
        if let Some(waiting) = self.sign_in.take() {
            let has_session = self.live(now).is_some();
            for (ticket, want) in waiting {
                let goes = want == Want::Call && has_session;
                let outcome = if goes {
                    Outcome::Go
                } else {
                    Outcome::Fail(failure)
                };
                effects.push(Effect::Settle(ticket, outcome));
            }
        }
        effects
    }

    /// The caller lost interest; the sign-in and who else waits for it are left alone.
    pub fn abort(&mut self, ticket: Ticket) {
        if let Some(waiting) = &mut self.sign_in {
            waiting.retain(|(waiter, _)| *waiter != ticket);
        }
    }

    /// The app signs out.
    pub fn leave(&mut self) -> Vec<Effect> {
        let ended = self.presented().map(|id| Effect::End(id.to_owned()));
        let mut effects = Vec::new();
        self.close(Standing::SignedOut, &mut effects);
        self.after_failure = Pause::default();
        self.after_refusal = Pause::default();
        self.give_up(ErrorCode::SignedOut, &mut effects);
        effects.extend(ended);
        effects
    }

    /// The session was ended elsewhere. A silent renewal of it ends too, or it would push the other device out in
    /// its turn; a login is the user's will and goes on.
    fn end(&mut self, code: ErrorCode, effects: &mut Vec<Effect>) {
        self.close(Standing::Ended(code), effects);
        let mut waiting = self.sign_in.iter().flatten();
        if !waiting.any(|(_, want)| *want != Want::Call) {
            self.give_up(code, effects);
        }
    }

    /// Fails all who wait and abandons the sign-in.
    fn give_up(&mut self, code: ErrorCode, effects: &mut Vec<Effect>) {
        let Some(waiting) = self.sign_in.take() else {
            return;
        };
        effects.push(Effect::Abandon);
        for (ticket, _) in waiting {
            effects.push(Effect::Settle(ticket, Outcome::Fail(code.into())));
        }
    }

    /// Starts a sign-in with its first waiter. Only a forced login keeps what stands until it has better.
    fn begin(&mut self, ticket: Ticket, want: Want) -> Vec<Effect> {
        self.sign_in = Some(vec![(ticket, want)]);
        let mut effects = Vec::new();
        if want != Want::NewLogin {
            self.discard(&mut effects);
        }
        effects.push(Effect::SignIn);
        effects
    }

    /// A first refusal that a session can mend.
    fn renew(&mut self, ticket: Ticket, is_current: bool, now: u64) -> Vec<Effect> {
        if let Some(waiting) = &mut self.sign_in {
            waiting.push((ticket, Want::Call));
            let mut effects = Vec::new();
            if is_current {
                self.discard(&mut effects);
            }
            return effects;
        }
        if !is_current && self.live(now).is_some() {
            return vec![Effect::Settle(ticket, Outcome::Go)];
        }
        if self.pause(now).is_some() {
            return vec![Effect::Settle(ticket, Outcome::Deliver)];
        }
        self.begin(ticket, Want::Call)
    }

    /// A session that can be used no longer is to be replaced; what else stands is not touched.
    fn discard(&mut self, effects: &mut Vec<Effect>) {
        if let Standing::Live(session) = &self.standing {
            self.standing = Standing::Nothing(Some(session.clone()));
            effects.push(Effect::Keep);
        }
    }

    /// Ends the epoch.
    fn close(&mut self, standing: Standing, effects: &mut Vec<Effect>) {
        self.standing = standing;
        self.epoch = self.generation + 1;
        effects.push(Effect::Keep);
    }

    fn pause(&self, now: u64) -> Option<Failure> {
        let left = self
            .after_failure
            .left(now)
            .max(self.after_refusal.left(now))?;
        Some(Failure {
            code: ErrorCode::SignInPaused,
            retry_after: left,
        })
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod normal;
#[cfg(test)]
mod tests;
