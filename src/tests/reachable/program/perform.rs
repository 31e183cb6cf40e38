//! What the program does: it makes calls, and answers when told to.

use super::Program;
use crate::error::ErrorCode;
use crate::exchange::{LoginData, Reply};
use crate::flow::{Flow, Sent, Ticket, Want};
use crate::policy::Refusal;
use crate::tests::reachable::event::{CallEnd, Event, Late, PostEnd};
use crate::tests::reachable::world::{
    ATTEMPTS, Attempt, CALLS, Call, LATE, LOGIN, NEW, NOW, TIMER, Task, session,
};

impl Program {
    pub(in crate::tests::reachable) fn perform(&self, event: Event) {
        let client = self.client();
        let world = || self.world.borrow_mut();
        match event {
            Event::Call(which) if world().is_by_hand => self.call(which, Want::CallByHand),
            Event::Call(which) => self.call(which, Want::Call),
            Event::OptionalCall(which) => {
                world().left.optionals -= 1;
                self.call(which, Want::Optional);
            }
            Event::Login(want) => {
                world().left.logins -= 1;
                self.login(want);
            }
            Event::Attempt(which) => self.attempt(which),
            Event::SignOut => {
                world().left.sign_outs -= 1;
                world().close(ErrorCode::SignedOut);
                world().give_up();
                client.leave();
            }
            Event::Abort(which) => {
                world().left.aborts -= 1;
                world().calls[which] = Call::Done;
                client.abort(CALLS + which as Ticket);
            }
            Event::CallEnds(which, end) => self.end_call(which, end),
            Event::Expiry => {
                world().left.expiries -= 1;
                client.change(Flow::expire);
            }
            Event::PauseOver(which) => client.change(|flow| flow.end_pause(which)),
            Event::TrialOver => client.change(Flow::end_trial),
            Event::LoginCode(is_given) => {
                let step = world().end_step();
                client.coded(step, is_given.then(|| "code".to_owned()));
            }
            Event::Data(is_there) => {
                let step = world().end_step();
                let data = if is_there {
                    LoginData::Ready
                } else {
                    LoginData::Failed
                };
                client.prepared(step, data);
            }
            Event::Post(ending) => {
                let step = world().end_step();
                let is_ended = world().is_ended_by(ending);
                let attempt = world().sign_in.attempt;
                if let Some(code) = ending.code().filter(|_| is_ended) {
                    world().close(code);
                    let is_wished = world().login.is_some() || attempt.is_some();
                    if code == ErrorCode::SignInNeeded || !is_wished {
                        world().give_up();
                    } else {
                        world().begin_sign_in(attempt);
                    }
                } else if ending != PostEnd::Issued {
                    world().sign_in.ends(ending);
                } else if attempt.is_some() {
                    // The user may now be somebody else.
                    world().begin_epoch();
                }
                world().sign_in.presented = false;
                client.answered(step, ending.reply(session(NEW)));
            }
            Event::Timer => {
                if matches!(world().open, Some((Task::Post, _))) {
                    world().sign_in.is_doubtful = true;
                    world().sign_in.failures += 1;
                }
                world().sign_in.presented = false;
                world().end_step();
                let (step, milliseconds) = world().timer.take().expect("a timer");
                world().over[TIMER] = step;
                self.now.set(NOW + milliseconds);
                client.elapsed(step);
            }
            Event::LateTimer => {
                world().left.late_timers -= 1;
                world().sign_in.was_late = true;
                let (step, milliseconds) = world().timer.take().expect("a timer");
                self.now.set(NOW + milliseconds + 1_001);
                client.elapsed(step);
            }
            Event::Late(late) => self.come_late(late),
        }
    }

    pub(super) fn call(&self, which: usize, want: Want) {
        let client = self.client();
        let admitted = client.admit(self.now.get());
        self.world.borrow_mut().calls[which] = match admitted {
            Some(generation) => Call::Sent {
                sends: 1,
                generation,
                is_past: false,
            },
            None => Call::Waiting {
                sends: 0,
                is_past: false,
                want,
            },
        };
        if admitted.is_none() {
            self.wants(CALLS + which as Ticket, want);
        }
    }

    pub(super) fn login(&self, want: Want) {
        self.world.borrow_mut().login = Some(want);
        self.wants(LOGIN, want);
    }

    pub(super) fn attempt(&self, which: usize) {
        self.world.borrow_mut().attempts[which] = Attempt::Waiting;
        self.wants(ATTEMPTS[which], Want::Attempt);
    }

    /// Only an attempt makes a sign-in one with credentials, and only a sign-in that begins with it.
    fn wants(&self, ticket: Ticket, want: Want) {
        let client = self.client();
        let (before, mut is_signing_in) = (client.attempt(), false);
        client.change(|flow| is_signing_in = flow.is_signing_in());
        let is_plain = self.inside.get().is_none();
        client.want(ticket, want);
        let begins = want == Want::Attempt && !is_signing_in;
        let expected = if begins { Some(ticket) } else { before };
        // What else happens inside a callback may have abandoned the sign-in.
        assert!(
            !is_plain || client.attempt() == expected,
            "whose credentials are used"
        );
    }

    fn end_call(&self, which: usize, end: CallEnd) {
        let client = self.client();
        let Call::Sent {
            sends,
            generation,
            is_past,
        } = self.world.borrow().calls[which]
        else {
            panic!("call {which} was not sent");
        };
        let (call, refusal) = match end {
            CallEnd::Over => (Call::Done, None),
            CallEnd::Refused(refusal) => {
                let want = Want::Call;
                let call = Call::Waiting {
                    sends,
                    is_past,
                    want,
                };
                (call, Some(refusal))
            }
            CallEnd::OneShotRefused(refusal) => (Call::Done, Some(refusal)),
        };
        let mut world = self.world.borrow_mut();
        world.calls[which] = call;
        match refusal {
            Some(Refusal::Ended(code)) if generation == world.newest && !is_past => {
                world.close(code)
            }
            _ => {}
        }
        drop(world);
        match end {
            CallEnd::Over => {}
            CallEnd::Refused(refusal) => {
                let sent = Sent::times(sends);
                client.refused(CALLS + which as Ticket, generation, sent, refusal);
            }
            CallEnd::OneShotRefused(refusal) => client.refused_one_shot(generation, refusal),
        }
    }

    fn come_late(&self, late: Late) {
        let client = self.client();
        let [code, data, post, timer] = self.world.borrow().over;
        let standing = self.world.borrow().stored.clone();
        let issued = |id: &str| PostEnd::Issued.reply(session(id));
        match late {
            Late::LoginCode => client.coded(code, Some("another code".into())),
            Late::NoCode => client.coded(code, None),
            Late::Data => client.prepared(data, LoginData::Ready),
            Late::NoData => client.prepared(data, LoginData::Failed),
            Late::Session => client.answered(post, issued(LATE)),
            Late::SameSession => client.answered(post, issued(&standing.expect("one stands"))),
            Late::Unreachable => client.answered(post, Reply::Unreachable),
            Late::Timer => client.elapsed(timer),
        }
    }
}
