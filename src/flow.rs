//! Who may use which session, when to sign in, and what a refusal means.
//!
//! # The theory
//!
//! There is at most one session and at most one sign-in. One of three things stands: nothing, a live session, or an ending:
//! the app signed out, another device or an administrator ended the session, or the server answered a sign-in that the user
//! has to sign in. A sign-in may run beside it. While it runs, every call waits. When it brings a session, that session
//! replaces what stood; when it fails, what stood still stands. A session that can no longer be used no longer stands, but
//! every sign-in presents it to the server until one has replaced it, or until a sign-out or another device has ended it.
//! As long as a session is presented it outlasts a restart, so that the server knows again whose program this is; so does
//! an ending. The next launch begins with it.
//!
//! Every session has a number, its *generation*, and a call remembers the generation it was sent with. So a refusal says
//! which session it refuses, and a late refusal cannot harm a newer session. Signing out, or being ended elsewhere, closes an
//! *epoch*: a call whose answer is still out is then never sent again, and a call that was told to go but has not gone fails.
//!
//! | event | nothing, no sign-in | live | signed out or ended | sign-in running |
//! |---|---|---|---|---|
//! | call | sign in, wait (fails in a pause; fails by hand) | goes; past its deadline: as with nothing | fails, saying why | waits |
//! | optional call | fails | as a call | fails | waits if a session is replaced, else fails |
//! | login | sign in, wait | done; if forced or past its deadline: sign in, wait | sign in, wait | waits |
//! | attempt | sign in with it, wait | sign in with it, wait | sign in with it, wait | waits until the sign-in is over, then as without it |
//! | refused: renew | as a call, but a pause delivers | renew, wait; a pause delivers | delivered | waits; delivered if an attempt runs |
//! | refused: ended | ended, delivered | ended, delivered | delivered | ended, delivered; all fail if no login waits |
//! | refused, of an older session | renew: as above; ended: delivered | goes again with the newer one | delivered | renew: waits; ended: delivered |
//! | refused a second time | delivered, pause | delivered, pause | delivered | delivered, pause |
//! | refused, of a one-shot call | as above, but the call neither waits nor goes again | … | … | … |
//! | session issued | – | – | – | live; all go |
//! | sign-in failed | – | – | – | all fail with the cause, pause; calls go if a live session stands |
//! | sign-in failed: the user has to sign in | – | – | – | ended, all fail |
//! | sign-in failed: the presented session was ended | – | – | – | ended, all fail; if a login waits, it signs in anew and presents none |
//! | attempt failed | – | – | – | it fails with the cause; the others ask again |
//! | abort | – | – | – | the caller no longer waits; the others do |
//! | sign-out | signed out, what was to be replaced is ended at the server | signed out, ended at the server | signed out | signed out, all fail, abandoned; what it replaces is ended at the server |
//!
//! An app may sign in *by hand*: then only `login()` signs a new user in, and calls fail until it has. A session that has
//! been there is renewed as ever. An *optional* call asks for a page that guests may see too. It never signs in because
//! there is no session, and where this machine fails it, it goes without.
//!
//! An *attempt* is a login with credentials, such as a password. It never shares a sign-in: nobody else may be signed in by
//! them, and they are judged once. So it waits until a sign-in in progress is over, and then has one of its own, which presents
//! a session only if a live one stands. Its failure reaches its caller alone, is followed by no pause and leaves what stood;
//! whoever waits then asks again, as if for the first time. Its success closes an epoch, because the user may now be somebody
//! else: a call that was sent for one user is never sent again for another.
//!
//! A *pause* follows a failure, so that a broken server is not asked by every call. It lasts one second, doubling to sixty,
//! or the time that the server names if that is longer, up to an hour; after a failure in which no server was asked or none
//! answered it is always one second. A second refusal of the newest session is such a failure too: the endpoint may answer 401 for reasons of its own,
//! and must not cost a sign-in each time. Only time forgives it. An accepted resend does not, because that call may have been
//! refused only because such an endpoint had the session replaced. `login()` skips the pause. A late refusal of an older
//! session goes again even during a pause, since that costs no sign-in.
//!
//! A *one-shot* call cannot be sent again: a stream of which the app has had a part, or a socket. Its refusal renews the
//! session for the calls to come. Whether it is a second refusal cannot be told by counting sends, so the machine remembers
//! which session it last gave in return for such a refusal: a refusal of that session within a minute is a second one, for
//! the renewal has not helped. After that minute it has helped.
//!
//! Nothing here knows a clock or `wx`. Time comes in with the event, and what has to be done goes out as [`Errand`]s. The
//! sign-in itself is the other machine's: [`Machines`](crate::machines::Machines) lets it run as long as this machine
//! [is signing in](Flow::is_signing_in).

mod event;
mod pause;
mod renewal;

pub use self::event::{Generation, Outcome, Phase, Sent, Ticket, Want};
use self::pause::Pause;
use self::renewal::Renewal;
use crate::errand::{Errand, Errands};
use crate::error::{ErrorCode, Failure};
use crate::list::push;
use crate::milliseconds::Milliseconds;
use crate::policy::Refusal;
use crate::session::{Kept, Session};

/// What holds while no sign-in runs, and again if one fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Standing {
    /// No session; the next call signs in.
    Nothing,
    /// The session is used until it is refused or past its deadline.
    Live,
    /// Only `login()` signs in, for this reason.
    Ended(ErrorCode),
}

/// The sign-in in progress.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct SignIn {
    /// Whether the refusal of a one-shot call has asked for it.
    is_for_one_shot: bool,
    /// The attempt whose credentials it takes, if it takes any. This ticket is not among those that wait.
    attempt: Option<Ticket>,
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
/// use wxsession::errand::{Errand, Errands};
/// use wxsession::flow::{Flow, Outcome, Phase, Want};
/// use wxsession::milliseconds::Milliseconds;
/// use wxsession::session::Session;
///
/// let now = Milliseconds::new(1_000_000);
/// let mut errands = Errands::new(Some(Phase::SignedOut));
/// let mut flow = Flow::new(None);
/// // Two calls without a session share one sign-in.
/// flow.want(1, Want::Call, now, &mut errands);
/// flow.want(2, Want::Call, now, &mut errands);
/// assert!(flow.is_signing_in());
///
/// let session = Session::issued("an id".into(), 600.0, now).expect("a header can carry it");
/// flow.issued(&session, now, &mut errands);
/// assert_eq!(errands.take(), Some(Errand::Keep));
/// assert_eq!(errands.take(), Some(Errand::Changed(Phase::SignedIn)));
/// assert_eq!(errands.take(), Some(Errand::Settle(1, Outcome::Go, 1)));
/// assert_eq!(errands.take(), Some(Errand::Settle(2, Outcome::Go, 1)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Flow<Secret = String> {
    standing: Standing,
    /// The session that stands, or one that can no longer be used; the server ends that when it issues the next. Storage keeps
    /// it.
    session: Option<Session<Secret>>,
    sign_in: Option<SignIn>,
    /// The tickets that wait for the sign-in: first come, first served.
    waiting: Vec<(Ticket, Want)>,
    generation: Generation,
    /// The first generation of this epoch; a call sent with an earlier one is never sent again.
    epoch: Generation,
    after_failure: Pause,
    after_refusal: Pause,
    renewal: Renewal,
}

impl<Secret> Flow<Secret> {
    /// A machine without a session.
    pub(crate) const fn at_rest() -> Self {
        Self {
            standing: Standing::Nothing,
            session: None,
            sign_in: None,
            waiting: Vec::new(),
            generation: 0,
            epoch: 0,
            after_failure: Pause::NONE,
            after_refusal: Pause::NONE,
            renewal: Renewal::NONE,
        }
    }
}

impl<Secret: Clone> Flow<Secret> {
    /// Creates a machine with what storage kept, if anything.
    pub fn new(kept: Option<Kept<Secret>>) -> Self {
        let mut flow = Self::at_rest();
        if let Some(kept) = kept {
            flow.restore(kept);
        }
        flow
    }

    /// Sets a machine at rest to what storage kept.
    #[inline(always)]
    pub(crate) fn restore(&mut self, kept: Kept<Secret>) {
        match kept {
            Kept::Session(session) => {
                self.standing = Standing::Live;
                self.session = Some(session);
                self.generation = 1;
            }
            Kept::Ended(code) => {
                self.standing = Standing::Ended(code);
                self.epoch = 1;
            }
        }
    }

    /// Whether a call may use the session that stands at this instant.
    #[inline(never)]
    pub fn is_live(&self, now: Milliseconds) -> bool {
        self.sign_in.is_none() && self.standing().is_some_and(|session| session.is_live(now))
    }

    /// The session that stands, if any.
    pub fn standing(&self) -> Option<&Session<Secret>> {
        let session = self.session.as_ref()?;
        (self.standing == Standing::Live).then_some(session)
    }

    /// The generation of the session that stands, or 0.
    #[inline(never)]
    pub fn generation(&self) -> Generation {
        self.standing().map_or(0, |_| self.generation)
    }

    /// How the session ended, if only a login signs in again.
    pub fn ending(&self) -> Option<ErrorCode> {
        match self.standing {
            Standing::Ended(code) => Some(code),
            _ => None,
        }
    }

    /// What storage keeps. That the user has to sign in is not kept: the next launch asks the server again.
    pub fn kept(&self) -> Option<Kept<Secret>> {
        match (&self.session, self.standing) {
            (Some(session), _) => Some(Kept::Session(session.clone())),
            (None, Standing::Ended(code)) if code != ErrorCode::SignInNeeded => {
                Some(Kept::Ended(code))
            }
            _ => None,
        }
    }

    /// Why a call that was told to go with this generation may no longer go, if its epoch has ended.
    pub fn ended(&self, generation: Generation) -> Option<ErrorCode> {
        (generation < self.epoch).then(|| self.ending().unwrap_or(ErrorCode::SignedOut))
    }

    /// The id that a sign-in presents to the server: that of the session to be replaced. An attempt presents only what can
    /// still be used: a server that judges the session before it looks at the route would refuse the others unheard.
    pub fn presented(&self) -> Option<&Secret> {
        let is_presented = self.attempt().is_none() || self.standing == Standing::Live;
        let session = self.session.as_ref().filter(|_| is_presented);
        session.map(Session::id)
    }

    /// The ticket of the attempt that is signing in.
    pub fn attempt(&self) -> Option<Ticket> {
        self.sign_in.as_ref()?.attempt
    }

    /// Whether a sign-in is wanted, and has neither brought a session nor failed.
    pub fn is_signing_in(&self) -> bool {
        self.sign_in.is_some()
    }

    /// The state that an app sees.
    pub fn phase(&self) -> Phase {
        match (&self.sign_in, self.standing) {
            (Some(_), _) => Phase::SigningIn,
            (None, Standing::Live) => Phase::SignedIn,
            (None, Standing::Nothing | Standing::Ended(ErrorCode::SignedOut)) => Phase::SignedOut,
            (None, Standing::Ended(_)) => Phase::Ended,
        }
    }

    /// Tells the app this state, if it is another one.
    #[inline(never)]
    pub fn announce(&self, errands: &mut Errands<Secret>) {
        errands.announce(self.phase());
    }

    /// A call needs a session, or the app wants to be signed in.
    pub fn want(
        &mut self,
        ticket: Ticket,
        want: Want,
        now: Milliseconds,
        errands: &mut Errands<Secret>,
    ) {
        let is_live = self.is_live(now);
        let failure = match self.standing {
            _ if self.sign_in.is_some() => {
                let is_useless = want == Want::Optional && self.session.is_none();
                is_useless.then(|| ErrorCode::SignInNeeded.into())
            }
            Standing::Live if is_live && !want.is_new() => {
                return self.settle(ticket, Outcome::Go, errands);
            }
            _ if want.is_login() => None,
            Standing::Ended(code) => Some(code.into()),
            Standing::Nothing if want != Want::Call && self.session.is_none() => {
                Some(ErrorCode::SignInNeeded.into())
            }
            Standing::Nothing | Standing::Live => {
                let retry_after = self.pause(now);
                (retry_after > 0).then_some(Failure {
                    code: ErrorCode::SignInPaused,
                    retry_after,
                })
            }
        };
        if let Some(failure) = failure {
            return self.settle(ticket, Outcome::Fail(failure), errands);
        }
        if self.sign_in.is_none() {
            // A forced login and an attempt keep a live session until they have a better one.
            if !is_live {
                self.discard();
            }
            let sign_in = self.sign_in.insert(SignIn::default());
            if want == Want::Attempt {
                sign_in.attempt = Some(ticket);
                return;
            }
        }
        push(&mut self.waiting, (ticket, want));
    }

    /// The answer to a call, which went with the session of `generation`, refuses that session.
    #[inline(always)]
    pub fn refused(
        &mut self,
        ticket: Ticket,
        generation: Generation,
        sent: Sent,
        refusal: Refusal,
        now: Milliseconds,
        errands: &mut Errands<Secret>,
    ) {
        match self.remedy(generation, sent, refusal, now, errands) {
            Remedy::Newer => self.settle(ticket, Outcome::Go, errands),
            Remedy::SignIn => push(&mut self.waiting, (ticket, Want::Call)),
            Remedy::None => self.settle(ticket, Outcome::Deliver, errands),
        }
    }

    /// The answer to a one-shot call, or the end of a socket, refuses the session of `generation`. The app has had it.
    #[inline(always)]
    pub fn refused_one_shot(
        &mut self,
        generation: Generation,
        refusal: Refusal,
        now: Milliseconds,
        errands: &mut Errands<Secret>,
    ) {
        let sent = if self.renewal.is_on_trial(generation, now) {
            Sent::Twice
        } else {
            Sent::Once
        };
        match self.remedy(generation, sent, refusal, now, errands) {
            Remedy::Newer => self.renewal.brought(self.generation, now),
            Remedy::SignIn => self.sign_in.get_or_insert_default().is_for_one_shot = true,
            Remedy::None => {}
        }
    }

    /// The sign-in brought a session.
    pub fn issued(
        &mut self,
        session: &Session<Secret>,
        now: Milliseconds,
        errands: &mut Errands<Secret>,
    ) {
        let Some(sign_in) = self.sign_in.take() else {
            return errands.add(Errand::End(session.id().clone()));
        };
        self.generation += 1;
        self.after_failure.forget();
        self.standing = Standing::Live;
        self.session = Some(session.clone());
        if sign_in.is_for_one_shot {
            self.renewal.brought(self.generation, now);
        }
        errands.add(Errand::Keep);
        if let Some(ticket) = sign_in.attempt {
            self.epoch = self.generation;
            self.settle(ticket, Outcome::Go, errands);
        }
        self.settle_all(Outcome::Go, Outcome::Go, Outcome::Deliver, errands);
    }

    /// The sign-in failed for good.
    #[inline(always)]
    pub fn failed(&mut self, failure: Failure, now: Milliseconds, errands: &mut Errands<Secret>) {
        let attempt = self.attempt();
        match failure.code {
            code @ ErrorCode::SignInNeeded if attempt.is_none() && self.ending().is_none() => {
                self.close(code, errands);
            }
            code @ (ErrorCode::SessionReplaced | ErrorCode::SessionRevoked)
                if self.session.is_some() =>
            {
                return self.end(code, errands);
            }
            _ => {}
        }
        if let Some(ticket) = attempt {
            self.sign_in = None;
            self.settle(ticket, Outcome::Fail(failure), errands);
            let again = Outcome::Deliver;
            return self.settle_all(again, again, again, errands);
        }
        if failure.is_of_the_network() {
            self.after_failure.restart(now);
        } else {
            self.after_failure.extend(now, failure.retry_after.into());
        }
        if let Some(sign_in) = self.sign_in.take() {
            let has_session = self.is_live(now);
            if has_session && sign_in.is_for_one_shot {
                self.renewal.brought(self.generation, now);
            }
            let fails = Outcome::Fail(failure);
            let calls = if has_session { Outcome::Go } else { fails };
            self.settle_all(calls, fails, Outcome::Deliver, errands);
        }
    }

    /// The caller no longer waits. The sign-in and the others that wait for it are left alone.
    #[inline(always)]
    pub fn abort(&mut self, ticket: Ticket) {
        self.waiting.retain(|(waiter, _)| *waiter != ticket);
    }

    /// The app signs out.
    #[inline(always)]
    pub fn leave(&mut self, errands: &mut Errands<Secret>) {
        let ended = self.session.take();
        self.close(ErrorCode::SignedOut, errands);
        self.after_failure.forget();
        self.after_refusal.forget();
        let fails = Outcome::Fail(ErrorCode::SignedOut.into());
        self.give_up(ErrorCode::SignedOut, fails, errands);
        if let Some(session) = ended {
            self.announce(errands);
            errands.add(Errand::End(session.id().clone()));
        }
    }

    /// Finds what can be done about a refusal, and starts it.
    fn remedy(
        &mut self,
        generation: Generation,
        sent: Sent,
        refusal: Refusal,
        now: Milliseconds,
        errands: &mut Errands<Secret>,
    ) -> Remedy {
        let is_current = generation == self.generation;
        match (refusal, sent) {
            // The call is from an ended epoch: its caller is told, and nothing else happens.
            _ if generation < self.epoch => Remedy::None,
            (Refusal::Ended(code), _) if is_current => {
                self.end(code, errands);
                Remedy::None
            }
            (Refusal::Renew, Sent::Twice) => {
                if is_current {
                    self.after_refusal.decay(now);
                    self.after_refusal.extend(now, Milliseconds::ZERO);
                }
                Remedy::None
            }
            (_, Sent::Twice) => Remedy::None,
            // An older session was ended elsewhere. With no newer one, the user has to hear of that.
            (Refusal::Ended(_), _) if !self.is_live(now) => Remedy::None,
            _ => self.renew(is_current, now),
        }
    }

    /// Handles a first refusal that another session can mend.
    #[inline(always)]
    fn renew(&mut self, is_current: bool, now: Milliseconds) -> Remedy {
        if self.sign_in.is_none() {
            if !is_current && self.is_live(now) {
                return Remedy::Newer;
            }
            if self.pause(now) > 0 {
                return Remedy::None;
            }
            self.discard();
        } else {
            if is_current {
                self.discard();
            }
            if self.attempt().is_some() {
                return Remedy::None;
            }
        }
        self.sign_in.get_or_insert_default();
        Remedy::SignIn
    }

    /// The session was ended elsewhere. A silent renewal ends too, or it would push the other device out in turn. A login is
    /// the user's own wish and goes on.
    #[inline(never)]
    fn end(&mut self, code: ErrorCode, errands: &mut Errands<Secret>) {
        self.close(code, errands);
        let is_wished = |(_, want): &(Ticket, Want)| want.is_login() && *want != Want::Attempt;
        if self.attempt().is_none() && !self.waiting.iter().any(is_wished) {
            self.give_up(code, Outcome::Deliver, errands);
        }
    }

    /// Abandons the sign-in and fails every ticket that waits for it.
    #[inline(never)]
    fn give_up(&mut self, code: ErrorCode, attempts: Outcome, errands: &mut Errands<Secret>) {
        let fails = Outcome::Fail(code.into());
        if let Some(ticket) = self.sign_in.take().and_then(|sign_in| sign_in.attempt) {
            self.settle(ticket, fails, errands);
        }
        self.settle_all(fails, fails, attempts, errands);
    }

    /// Marks a live session as one to be replaced; any other standing stays as it is.
    fn discard(&mut self) {
        if self.standing == Standing::Live {
            self.standing = Standing::Nothing;
        }
    }

    /// Ends the epoch.
    #[inline(never)]
    fn close(&mut self, code: ErrorCode, errands: &mut Errands<Secret>) {
        self.standing = Standing::Ended(code);
        if code != ErrorCode::SignInNeeded {
            self.session = None;
        }
        self.epoch = self.generation + 1;
        errands.add(Errand::Keep);
    }

    /// Settles the tickets that wait: calls, logins, and attempts that have not begun.
    #[inline(never)]
    fn settle_all(
        &mut self,
        calls: Outcome,
        logins: Outcome,
        attempts: Outcome,
        errands: &mut Errands<Secret>,
    ) {
        for index in 0..self.waiting.len() {
            let (ticket, want) = self.waiting[index];
            let outcome = if want == Want::Attempt {
                attempts
            } else if want.is_login() {
                logins
            } else {
                calls
            };
            self.settle(ticket, outcome, errands);
        }
        self.waiting.clear();
    }

    /// The address of the list of waiting tickets, and how many tickets fit.
    #[cfg(test)]
    pub(crate) fn room(&self) -> (usize, usize) {
        (self.waiting.as_ptr() as usize, self.waiting.capacity())
    }

    fn settle(&self, ticket: Ticket, outcome: Outcome, errands: &mut Errands<Secret>) {
        self.announce(errands);
        errands.add(Errand::Settle(ticket, outcome, self.generation()));
    }

    /// Milliseconds for which no call may sign in.
    fn pause(&self, now: Milliseconds) -> u32 {
        let of_refusals = self.after_refusal.left(now);
        self.after_failure.left(now).max(of_refusals).whole()
    }
}

#[cfg(test)]
mod effects;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod normal;
#[cfg(test)]
mod tests;
