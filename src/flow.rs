//! Who may use which session, when to sign in, and what a refusal means.
//!
//! # The theory
//!
//! There is at most one session and at most one sign-in. One of four things stands: nothing, a live session, a sign-out, or
//! an end elsewhere. A sign-in may run beside it. While it runs, every call waits. When it brings a session, that session
//! replaces what stood; when it fails, what stood still stands. A session that can no longer be used no longer stands, but
//! every sign-in presents it to the server until one has replaced it, or until a sign-out or another device has ended it.
//!
//! Every session has a number, its *generation*, and a call remembers the generation it was sent with. So a refusal says
//! which session it refuses, and a late refusal cannot harm a newer session. Signing out, or being ended elsewhere, closes an
//! *epoch*: a call whose answer is still out is then never sent again, and a call that was told to go but has not gone fails.
//!
//! | event | nothing, no sign-in | live | signed out or ended | sign-in running |
//! |---|---|---|---|---|
//! | call | sign in, wait (fails in a pause) | goes; past its deadline: as with nothing | fails, saying why | waits |
//! | login | sign in, wait | done; if forced or past its deadline: sign in, wait | sign in, wait | waits |
//! | refused: renew | as a call, but a pause delivers | renew, wait; a pause delivers | delivered | waits |
//! | refused: ended | ended, delivered | ended, delivered | delivered | ended, delivered; all fail if no login waits |
//! | refused, of an older session | renew: as above; ended: delivered | goes again with the newer one | delivered | renew: waits; ended: delivered |
//! | refused a second time | delivered, pause | delivered, pause | delivered | delivered, pause |
//! | refused, of a one-shot call | as above, but the call neither waits nor goes again | … | … | … |
//! | session issued | – | – | – | live; all go |
//! | sign-in failed | – | – | – | all fail with the cause, pause; calls go if a live session stands |
//! | abort | – | – | – | the caller no longer waits; the others do |
//! | sign-out | signed out, what was to be replaced is ended at the server | signed out, ended at the server | signed out | signed out, all fail, abandoned; what it replaces is ended at the server |
//!
//! A *pause* follows a failure, so that a broken server is not asked by every call. It lasts one second, doubling to sixty,
//! or the time that the server names if that is longer, up to an hour; after a failure of the network it is always one
//! second. A second refusal of the newest session is such a failure too: the endpoint may answer 401 for reasons of its own,
//! and must not cost a sign-in each time. Only time forgives it. An accepted resend does not, because that call may have been
//! refused only because such an endpoint had the session replaced. `login()` skips the pause. A late refusal of an older
//! session goes again even during a pause, since that costs no sign-in.
//!
//! A *one-shot* call cannot be sent again: a stream of which the app has had a part, or a socket. Its refusal renews the
//! session for the calls to come. Whether it is a second refusal cannot be told by counting sends, so the machine remembers
//! which session it last gave in return for such a refusal: a refusal of that session within a minute is a second one, for
//! the renewal has not helped. After that minute it has helped.
//!
//! Nothing here knows a clock or `wx`. Time comes in with the event, and what has to be done goes out as a list of
//! [`Effect`]s.

mod event;
mod pause;
mod renewal;

pub use self::event::{Effect, Generation, Outcome, Phase, Sent, Ticket, Want};
use self::pause::Pause;
use self::renewal::Renewal;
use crate::error::{ErrorCode, Failure};
use crate::policy::Refusal;
use crate::session::Session;

/// What holds while no sign-in runs, and again if one fails.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Standing {
    /// No session; the next call signs in. The session is one that can no longer be used; the server ends it when it issues
    /// the next.
    Nothing(Option<Session>),
    /// A session that is used until it is refused or past its deadline. Storage has this session, and has none in every
    /// other standing.
    Live(Session),
    /// The app signed out; only `login()` or the next launch signs in.
    SignedOut,
    /// The session was ended elsewhere, for this reason; only `login()` signs in.
    Ended(ErrorCode),
}

/// The sign-in in progress.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct SignIn {
    /// The tickets that wait for it: first come, first served.
    waiting: Vec<(Ticket, Want)>,
    /// Whether the refusal of a one-shot call has asked for it.
    is_for_one_shot: bool,
}

impl SignIn {
    /// Settles the tickets that wait: calls with one outcome, logins with another.
    fn settle(self, calls: Outcome, logins: Outcome, effects: &mut Vec<Effect>) {
        for (ticket, want) in self.waiting {
            let outcome = if want == Want::Call { calls } else { logins };
            effects.push(Effect::Settle(ticket, outcome));
        }
    }
}

/// What can be done about a refusal.
enum Remedy {
    /// A session that came later than the refused one.
    Newer,
    /// The sign-in in progress.
    SignIn,
    /// Nothing, so the caller has to know.
    None,
}

/// The state machine.
///
/// ```
/// use wxsession::flow::{Effect, Flow, Outcome, Want};
/// use wxsession::session::Session;
///
/// let now = 1_000_000;
/// let mut flow = Flow::new(None);
/// // Two calls without a session share one sign-in.
/// assert_eq!(flow.want(1, Want::Call, now), [Effect::SignIn]);
/// assert_eq!(flow.want(2, Want::Call, now), []);
///
/// let session = Session::issued("an id".into(), 600.0, now).expect("a header can carry it");
/// let go = |ticket| Effect::Settle(ticket, Outcome::Go);
/// assert_eq!(flow.issued(session, now), [Effect::Keep, go(1), go(2)]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Flow {
    standing: Standing,
    sign_in: Option<SignIn>,
    generation: Generation,
    /// The first generation of this epoch; a call sent with an earlier one is never sent again.
    epoch: Generation,
    after_failure: Pause,
    after_refusal: Pause,
    renewal: Renewal,
}

impl Flow {
    /// Creates a machine with the session that storage kept, if any.
    pub fn new(restored: Option<Session>) -> Self {
        Self {
            generation: u32::from(restored.is_some()),
            standing: restored.map_or(Standing::Nothing(None), Standing::Live),
            sign_in: None,
            epoch: 0,
            after_failure: Pause::default(),
            after_refusal: Pause::default(),
            renewal: Renewal::default(),
        }
    }

    /// The session that a call may use at this instant, and its generation.
    pub fn live(&self, now: u64) -> Option<(&Session, Generation)> {
        match &self.standing {
            Standing::Live(session) if self.sign_in.is_none() && session.is_live(now) => {
                Some((session, self.generation))
            }
            _ => None,
        }
    }

    /// The session that stands, if any, and its generation.
    pub fn standing(&self) -> Option<(&Session, Generation)> {
        match &self.standing {
            Standing::Live(session) => Some((session, self.generation)),
            _ => None,
        }
    }

    /// Why a call that was told to go with this generation may no longer go, if its epoch has ended.
    pub fn ended(&self, generation: Generation) -> Option<ErrorCode> {
        let code = match self.standing {
            Standing::Ended(code) => code,
            _ => ErrorCode::SignedOut,
        };
        (generation < self.epoch).then_some(code)
    }

    /// The id that a sign-in presents to the server: that of the session to be replaced.
    pub fn presented(&self) -> Option<&str> {
        match &self.standing {
            Standing::Live(session) | Standing::Nothing(Some(session)) => Some(session.id()),
            _ => None,
        }
    }

    /// The state that an app sees.
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
        if let Some(sign_in) = &mut self.sign_in {
            sign_in.waiting.push((ticket, want));
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
        if let Some(failure) = refused {
            return vec![Effect::Settle(ticket, Outcome::Fail(failure))];
        }
        let mut effects = Vec::new();
        // A forced login keeps what stands until it has a better session.
        if want != Want::NewLogin {
            self.discard(&mut effects);
        }
        let sign_in = self.sign_in.get_or_insert_default();
        sign_in.waiting.push((ticket, want));
        effects.push(Effect::SignIn);
        effects
    }

    /// The answer to a call, which went with the session of `generation`, refuses that session.
    pub fn refused(
        &mut self,
        ticket: Ticket,
        generation: Generation,
        sent: Sent,
        refusal: Refusal,
        now: u64,
    ) -> Vec<Effect> {
        let mut effects = Vec::new();
        let outcome = match self.remedy(generation, sent, refusal, now, &mut effects) {
            Remedy::Newer => Outcome::Go,
            Remedy::None => Outcome::Deliver,
            Remedy::SignIn => {
                let sign_in = self.sign_in.get_or_insert_default();
                sign_in.waiting.push((ticket, Want::Call));
                return effects;
            }
        };
        effects.push(Effect::Settle(ticket, outcome));
        effects
    }

    /// The answer to a one-shot call, or the end of a socket, refuses the session of `generation`. The app has had it.
    pub fn refused_one_shot(
        &mut self,
        generation: Generation,
        refusal: Refusal,
        now: u64,
    ) -> Vec<Effect> {
        let sent = if self.renewal.is_on_trial(generation, now) {
            Sent::Twice
        } else {
            Sent::Once
        };
        let mut effects = Vec::new();
        match self.remedy(generation, sent, refusal, now, &mut effects) {
            Remedy::Newer => self.renewal.brought(self.generation, now),
            Remedy::SignIn => self.sign_in.get_or_insert_default().is_for_one_shot = true,
            Remedy::None => {}
        }
        effects
    }

    /// The sign-in brought a session.
    pub fn issued(&mut self, session: Session, now: u64) -> Vec<Effect> {
        let Some(sign_in) = self.sign_in.take() else {
            return vec![Effect::End(session.id().to_owned())];
        };
        self.generation += 1;
        self.after_failure = Pause::default();
        self.standing = Standing::Live(session);
        if sign_in.is_for_one_shot {
            self.renewal.brought(self.generation, now);
        }
        let mut effects = vec![Effect::Keep];
        sign_in.settle(Outcome::Go, Outcome::Go, &mut effects);
        effects
    }

    /// The sign-in failed for good.
    pub fn failed(&mut self, failure: Failure, now: u64) -> Vec<Effect> {
        if failure.is_of_the_network() {
            self.after_failure.restart(now);
        } else {
            self.after_failure.extend(now, failure.retry_after);
        }
        let mut effects = Vec::new();
        if let Some(sign_in) = self.sign_in.take() {
            let has_session = self.live(now).is_some();
            if has_session && sign_in.is_for_one_shot {
                self.renewal.brought(self.generation, now);
            }
            let fails = Outcome::Fail(failure);
            let calls = if has_session { Outcome::Go } else { fails };
            sign_in.settle(calls, fails, &mut effects);
        }
        effects
    }

    /// The caller no longer waits. The sign-in and the others that wait for it are left alone.
    pub fn abort(&mut self, ticket: Ticket) {
        if let Some(sign_in) = &mut self.sign_in {
            sign_in.waiting.retain(|(waiter, _)| *waiter != ticket);
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

    /// Finds what can be done about a refusal, and starts it.
    fn remedy(
        &mut self,
        generation: Generation,
        sent: Sent,
        refusal: Refusal,
        now: u64,
        effects: &mut Vec<Effect>,
    ) -> Remedy {
        let is_current = generation == self.generation;
        match (refusal, sent) {
            // The call is from an ended epoch: its caller is told, and nothing else happens.
            _ if generation < self.epoch => Remedy::None,
            (Refusal::Ended(code), _) if is_current => {
                self.end(code, effects);
                Remedy::None
            }
            (Refusal::Renew, Sent::Twice) => {
                if is_current {
                    self.after_refusal.decay(now);
                    self.after_refusal.extend(now, 0);
                }
                Remedy::None
            }
            (_, Sent::Twice) => Remedy::None,
            // An older session was ended elsewhere. With no newer one, the user has to hear of that.
            (Refusal::Ended(_), _) if self.live(now).is_none() => Remedy::None,
            _ => self.renew(is_current, now, effects),
        }
    }

    /// Handles a first refusal that another session can mend.
    fn renew(&mut self, is_current: bool, now: u64, effects: &mut Vec<Effect>) -> Remedy {
        if self.sign_in.is_none() {
            if !is_current && self.live(now).is_some() {
                return Remedy::Newer;
            }
            if self.pause(now).is_some() {
                return Remedy::None;
            }
            self.discard(effects);
            self.sign_in = Some(SignIn::default());
            effects.push(Effect::SignIn);
        } else if is_current {
            self.discard(effects);
        }
        Remedy::SignIn
    }

    /// The session was ended elsewhere. A silent renewal ends too, or it would push the other device out in turn. A login is
    /// the user's own wish and goes on.
    fn end(&mut self, code: ErrorCode, effects: &mut Vec<Effect>) {
        self.close(Standing::Ended(code), effects);
        let mut waiting = self.sign_in.iter().flat_map(|sign_in| &sign_in.waiting);
        if !waiting.any(|(_, want)| *want != Want::Call) {
            self.give_up(code, effects);
        }
    }

    /// Abandons the sign-in and fails every ticket that waits for it.
    fn give_up(&mut self, code: ErrorCode, effects: &mut Vec<Effect>) {
        let Some(sign_in) = self.sign_in.take() else {
            return;
        };
        effects.push(Effect::Abandon);
        let fails = Outcome::Fail(code.into());
        sign_in.settle(fails, fails, effects);
    }

    /// Marks a live session as one to be replaced; any other standing stays as it is.
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
