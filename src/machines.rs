//! Both machines, and the errands that they leave for the mini program.
//!
//! An event goes through the machine that it belongs to, and what follows for the other machine follows at once. Only then
//! does the mini program hear of anything: it takes the errands one by one with [`Machines::next`]. While it runs one, wx
//! may call back in the same turn. The events of such a callback are handled at once, but their errands queue behind the
//! others.
//!
//! A session id and a login code are secrets that the machines only copy and compare. So a `Secret` is either a text or
//! a number that the mini program has for a text; in the module that the npm package ships it is a number.

use crate::errand::{Errand, Errands};
use crate::exchange::{Conclusion, Deadlines, Exchange, LoginData, Reply, Step};
use crate::flow::{Flow, Generation, Outcome, Sent, Ticket, Want};
use crate::milliseconds::Milliseconds;
use crate::policy::Refusal;
use crate::session::{Kept, Session};

/// Both machines.
///
/// ```
/// use wxsession::errand::Errand;
/// use wxsession::exchange::Deadlines;
/// use wxsession::flow::{Phase, Want};
/// use wxsession::machines::Machines;
/// use wxsession::milliseconds::Milliseconds;
///
/// let deadlines = Deadlines { login: 5_000, data: 5_000, exchange: 10_000 };
/// // Session ids and codes are numbers here.
/// let mut machines = Machines::<u32>::new(deadlines, None);
/// let now = Milliseconds::new(1_000_000);
/// machines.want(7, Want::Call, now);
/// assert_eq!(machines.next(now), Some(Errand::Changed(Phase::SigningIn)));
/// assert_eq!(machines.next(now), Some(Errand::Sleep(1, 5_000)));
/// assert_eq!(machines.next(now), Some(Errand::AskCode(1)));
/// assert_eq!(machines.next(now), None);
/// ```
#[derive(Debug)]
pub struct Machines<Secret = String> {
    pub(crate) flow: Flow<Secret>,
    pub(crate) exchange: Exchange<Secret>,
    pub(crate) errands: Errands<Secret>,
    /// Whether sign-ins present the session that they replace.
    pub(crate) presents: bool,
}

impl<Secret> Machines<Secret> {
    /// Both machines before anything is known.
    pub const fn at_rest() -> Self {
        let deadlines = Deadlines {
            login: 0,
            data: 0,
            exchange: 0,
        };
        Self {
            flow: Flow::at_rest(),
            exchange: Exchange::new(deadlines),
            errands: Errands::new(None),
            presents: true,
        }
    }
}

impl<Secret: Clone + PartialEq> Machines<Secret> {
    /// Creates both machines with what storage kept, if anything.
    pub fn new(deadlines: Deadlines, kept: Option<Kept<Secret>>) -> Self {
        let mut machines = Self::at_rest();
        machines.begin(deadlines, kept);
        machines
    }

    /// Sets machines at rest to what storage kept, if anything.
    #[inline(always)]
    pub fn begin(&mut self, deadlines: Deadlines, kept: Option<Kept<Secret>>) {
        self.exchange.deadlines = deadlines;
        if let Some(kept) = kept {
            self.flow.restore(kept);
        }
    }

    /// From now on sign-ins present no session. Servers judge `Authorization` and `Cookie` before they look at the route.
    pub fn present_nothing(&mut self) {
        self.presents = false;
    }

    /// Announces the first phase.
    #[inline(always)]
    pub fn start(&mut self, now: Milliseconds) {
        self.follow(now);
    }

    /// The generation of the session that a call may be sent with at once. If there is none, the call has to ask
    /// with [`want`](Self::want).
    #[inline(always)]
    pub fn admit(&self, now: Milliseconds) -> Option<Generation> {
        self.flow.is_live(now).then(|| self.flow.generation())
    }

    /// The session that stands.
    pub fn session(&self) -> Option<&Session<Secret>> {
        self.flow.standing()
    }

    /// The generation of the session that stands, or 0.
    pub fn generation(&self) -> Generation {
        self.flow.generation()
    }

    /// The code of this step, or `None` if the step has been closed.
    pub fn code(&self, step: Step) -> Option<&Secret> {
        self.exchange.code(step)
    }

    /// The ticket of the attempt that is signing in: its credentials go with the code.
    pub fn attempt(&self) -> Option<Ticket> {
        self.flow.attempt()
    }

    /// What storage keeps.
    pub fn kept(&self) -> Option<Kept<Secret>> {
        self.flow.kept()
    }

    /// The id that a sign-in presents to the server: that of the session to be replaced.
    #[inline(never)]
    pub fn presented(&self) -> Option<&Secret> {
        let presents = self.presents && !self.exchange.is_bare();
        self.flow.presented().filter(|_| presents)
    }

    /// A call needs a session, or the app wants to be signed in; [`Errand::Settle`] answers.
    pub fn want(&mut self, ticket: Ticket, want: Want, now: Milliseconds) {
        self.flow.want(ticket, want, now, &mut self.errands);
        self.follow(now);
    }

    /// A call that was told to go has not gone yet, and the session of that generation is gone. The call asks again, unless
    /// its epoch has ended: then it fails, because it was not made for the next epoch.
    pub fn want_again(&mut self, ticket: Ticket, told: Generation) {
        self.errands.add(Errand::Settle(ticket, Outcome::Go, told));
    }

    /// The answer to a call refuses its session; [`Errand::Settle`] answers.
    #[inline(always)]
    pub fn refused(
        &mut self,
        ticket: Ticket,
        generation: Generation,
        sent: Sent,
        refusal: Refusal,
        now: Milliseconds,
    ) {
        self.flow
            .refused(ticket, generation, sent, refusal, now, &mut self.errands);
        self.follow(now);
    }

    /// A refusal of a call that cannot be sent again: a socket, or a stream of which the app has had a part. The session is
    /// renewed for later calls, and nothing is settled.
    #[inline(always)]
    pub fn refused_one_shot(
        &mut self,
        generation: Generation,
        refusal: Refusal,
        now: Milliseconds,
    ) {
        self.flow
            .refused_one_shot(generation, refusal, now, &mut self.errands);
        self.follow(now);
    }

    /// The caller no longer waits for this ticket.
    #[inline(always)]
    pub fn abort(&mut self, ticket: Ticket) {
        self.flow.abort(ticket);
    }

    /// The app signs out.
    #[inline(always)]
    pub fn leave(&mut self, now: Milliseconds) {
        self.flow.leave(&mut self.errands);
        self.follow(now);
    }

    /// `wx.login` answered, with a code or, if it failed, without.
    #[inline(always)]
    pub fn coded(&mut self, step: Step, code: Option<Secret>, now: Milliseconds) {
        self.exchange.coded(step, code, now, &mut self.errands);
        self.conclude(now);
    }

    /// The app's login data is ready or has failed.
    #[inline(always)]
    pub fn prepared(&mut self, step: Step, data: LoginData, now: Milliseconds) {
        self.exchange.prepared(step, data, now, &mut self.errands);
        self.conclude(now);
    }

    /// A post ended. `random` is from 0 to 1.
    #[inline(always)]
    pub fn answered(&mut self, step: Step, reply: Reply<Secret>, now: Milliseconds, random: f64) {
        self.exchange
            .answered(step, reply, now, random, &mut self.errands);
        self.conclude(now);
    }

    /// A timer ran out. `random` is from 0 to 1.
    #[inline(always)]
    pub fn elapsed(&mut self, step: Step, now: Milliseconds, random: f64) {
        self.exchange.elapsed(step, now, random, &mut self.errands);
        self.conclude(now);
    }

    /// Takes the next errand. Some errands in the queue are overtaken by the callback of an earlier one, which may have signed
    /// out or lost the session: the steps of a sign-in that is over are left out, and a call that was told to go asks again
    /// or fails.
    #[inline(always)]
    pub fn next(&mut self, now: Milliseconds) -> Option<Errand<Secret>> {
        while let Some(mut errand) = self.errands.take() {
            match &mut errand {
                Errand::AskCode(step) | Errand::Prepare(step) | Errand::Post(step)
                    if !self.exchange.is_open(*step) =>
                {
                    continue;
                }
                Errand::Post(_) => {
                    let presented = self.presented().is_some();
                    self.exchange.posted(presented);
                }
                Errand::Settle(ticket, outcome, told)
                    if *outcome == Outcome::Go && *told != self.generation() =>
                {
                    let Some(code) = self.flow.ended(*told) else {
                        self.want(*ticket, Want::Call, now);
                        continue;
                    };
                    *outcome = Outcome::Fail(code.into());
                }
                _ => {}
            }
            return Some(errand);
        }
        None
    }

    /// Tells the first machine how the second one has ended.
    #[inline(never)]
    fn conclude(&mut self, now: Milliseconds) {
        let Self {
            flow,
            exchange,
            errands,
            ..
        } = self;
        match &exchange.conclusion {
            Some(Conclusion::Issued(session)) => flow.issued(session, now, errands),
            Some(Conclusion::Failed(failure)) => flow.failed(*failure, now, errands),
            // A server that shares exchanges may answer two posts of one code with the same session.
            Some(Conclusion::Unwanted(session))
                if flow.standing().map(Session::id) == Some(session.id()) => {}
            Some(Conclusion::Unwanted(session)) => {
                errands.add(Errand::End(session.id().clone()));
            }
            None => {}
        }
        exchange.conclusion = None;
        self.follow(now);
    }

    /// Lets the second machine run exactly as long as the first one is signing in.
    fn follow(&mut self, now: Milliseconds) {
        self.flow.announce(&mut self.errands);
        match (self.flow.is_signing_in(), self.exchange.is_idle()) {
            (true, true) => {
                let is_attempt = self.attempt().is_some();
                self.exchange.begin(is_attempt, now, &mut self.errands);
            }
            (false, false) => self.exchange.abandon(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Machines;
    use crate::errand::Errand;
    use crate::exchange::{Deadlines, LoginData, Reply, Step};
    use crate::flow::{Outcome, Want};
    use crate::milliseconds::Milliseconds;
    use crate::session::Session;

    const NOW: Milliseconds = Milliseconds::new(1_000_000);

    fn machines() -> Machines<u32> {
        let deadlines = Deadlines {
            login: 5_000,
            data: 5_000,
            exchange: 10_000,
        };
        Machines::new(deadlines, None)
    }

    /// Signs in with one call and one login waiting; returns what they are told.
    fn sign_in(machines: &mut Machines<u32>, step: Step, number: u32) -> Vec<Errand<u32>> {
        machines.want(1, Want::NewLogin, NOW);
        machines.want(2, Want::Call, NOW);
        machines.coded(step, Some(number), NOW);
        machines.prepared(step + 1, LoginData::Ready, NOW);
        let reply = Reply::Answer {
            status: 200,
            session: Some(Session::new(number, NOW, Milliseconds::ZERO)),
            problem: None,
            retry_after: 0,
        };
        machines.answered(step + 2, reply, NOW, 0.0);
        std::iter::from_fn(|| machines.next(NOW)).collect()
    }

    #[test]
    fn a_session_and_a_code_may_be_numbers() {
        let mut machines = machines();
        let errands = sign_in(&mut machines, 1, 17);
        assert!(errands.ends_with(&[
            Errand::Settle(1, Outcome::Go, 1),
            Errand::Settle(2, Outcome::Go, 1),
        ]));
        assert_eq!(machines.session().map(Session::id), Some(&17));
    }

    #[test]
    fn the_steps_of_an_abandoned_sign_in_are_left_out() {
        let mut machines = machines();
        machines.want(1, Want::Call, NOW);
        machines.leave(NOW);
        let left_out =
            |errand: &Errand<u32>| !matches!(errand, Errand::AskCode(_) | Errand::Prepare(_));
        let errands: Vec<_> = std::iter::from_fn(|| machines.next(NOW)).collect();
        assert!(errands.iter().all(left_out), "{errands:?}");

        machines.want(2, Want::Login, NOW);
        machines.coded(3, Some(1), NOW);
        machines.leave(NOW);
        let errands: Vec<_> = std::iter::from_fn(|| machines.next(NOW)).collect();
        assert!(errands.iter().all(left_out), "{errands:?}");
    }

    /// In the module nothing that was allocated is ever freed.
    #[test]
    fn sign_ins_use_the_same_memory_again() {
        let mut machines = machines();
        sign_in(&mut machines, 1, 1);
        let room = machines.room();
        assert!(room.iter().all(|(_, fits)| *fits > 0), "the lists are kept");
        for number in 2..10_000 {
            sign_in(&mut machines, 4 * number - 3, number);
        }
        assert_eq!(machines.generation(), 9_999);
        assert_eq!(machines.room(), room);
    }

    impl Machines<u32> {
        /// Where the lists are, and how much fits.
        fn room(&self) -> [(usize, usize); 2] {
            [self.flow.room(), self.errands.room()]
        }
    }
}
