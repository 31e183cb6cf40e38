//! The program around the client. It makes calls, answers when told to, and checks what it hears.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use super::event::{CallEnd, Callback, Event, Inside, Late, PostEnd};
use super::world::{Attempt, Call, LATE, LOGIN, NEW, NOW, TIMER, Task, World, session};
use crate::client::Client;
use crate::error::ErrorCode;
use crate::exchange::{LoginData, Reply, Step};
use crate::flow::{Flow, Outcome, Phase, Sent, Ticket, Want};
use crate::host::Host;
use crate::policy::Refusal;
use crate::session::{Kept, Stored};

/// What the program has heard during an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Saved(String),
    SavedEnding(ErrorCode),
    Forgotten,
    Asked(Task),
    Withdrawn,
    Settled(Ticket, Outcome),
    Ended(String),
    Changed(Phase),
}

pub(super) struct Program {
    pub(super) client: Weak<Client<Program>>,
    pub(super) now: Cell<u64>,
    pub(super) world: RefCell<World>,
    pub(super) heard: RefCell<Vec<Heard>>,
    /// What happens inside the first callback of its kind.
    pub(super) inside: Cell<Option<Inside>>,
}

impl Host for Program {
    fn now(&self) -> u64 {
        self.now.get()
    }

    fn random(&self) -> f64 {
        0.0
    }

    fn save(&self, stored: Stored) {
        let Some(Kept::Ended(code)) = Kept::restored(stored.clone(), "") else {
            self.hear(Heard::Saved(stored.id.clone()));
            self.world.borrow_mut().keep(Some(stored.id), None);
            return;
        };
        self.hear(Heard::SavedEnding(code));
        self.world.borrow_mut().keep(None, Some(code));
    }

    fn forget(&self) {
        self.hear(Heard::Forgotten);
        self.world.borrow_mut().keep(None, None);
    }

    fn ask_code(&self, step: Step) {
        self.ask(Task::LoginCode, step);
        let mut world = self.world.borrow_mut();
        let attempt = &mut world.attempt;
        let is_first = !attempt.is_fresh && !attempt.is_bare;
        assert!(is_first || attempt.is_refused, "a fresh code has a reason");
        attempt.is_doubtful = false;
        attempt.is_refused = false;
    }

    fn prepare(&self, step: Step, code: &str) {
        assert_eq!(code, "code", "a late code changes nothing");
        self.ask(Task::Data, step);
    }

    fn post(&self, step: Step, code: &str, presented: Option<&str>) {
        assert_eq!(code, "code", "a late code changes nothing");
        self.ask(Task::Post, step);
        let mut world = self.world.borrow_mut();
        let Attempt {
            failures,
            is_refused,
            is_bare,
            ..
        } = world.attempt;
        assert!(failures <= 3, "there is an end to posts");
        assert!(!is_refused, "a code that was refused is not posted again");
        assert_eq!(
            presented,
            world.stored.as_deref().filter(|_| !is_bare),
            "the session to be replaced is presented, until the server refuses that"
        );
        world.attempt.presented = presented.is_some();
    }

    fn withdraw(&self, _: Step) {
        self.hear(Heard::Withdrawn);
    }

    fn sleep(&self, step: Step, milliseconds: u32) {
        self.world.borrow_mut().timer = Some((step, milliseconds));
    }

    fn settle(&self, ticket: Ticket, outcome: Outcome) {
        self.hear(Heard::Settled(ticket, outcome));
        match ticket {
            LOGIN => self.settle_login(outcome),
            _ => self.settle_call(ticket as usize - 1, outcome),
        }
        self.call_back(Callback::Settled);
    }

    fn end(&self, id: &str) {
        self.hear(Heard::Ended(id.to_owned()));
    }

    fn changed(&self, phase: Phase) {
        self.hear(Heard::Changed(phase));
        let mut world = self.world.borrow_mut();
        assert_ne!(world.phase, phase, "only changes are reported");
        world.phase = phase;
        world.end_step();
        world.timer = None;
        world.attempt = Attempt::default();
        if phase == Phase::SigningIn {
            world.begin_sign_in();
        }
        drop(world);
        self.call_back(Callback::Changed);
    }
}

impl Program {
    fn call_back(&self, callback: Callback) {
        match self.inside.get() {
            Some(inside) if inside.callback == callback => {
                self.inside.take();
                self.perform(inside.event);
                if let Some(event) = inside.then {
                    self.perform(event);
                }
            }
            _ => {}
        }
    }

    fn hear(&self, heard: Heard) {
        self.heard.borrow_mut().push(heard);
    }

    fn ask(&self, task: Task, step: Step) {
        self.hear(Heard::Asked(task));
        let mut world = self.world.borrow_mut();
        assert_eq!(world.open, None, "one step of one sign-in at a time");
        assert_eq!(
            world.timer.map(|(step, _)| step),
            Some(step),
            "with its timer"
        );
        world.open = Some((task, step));
    }

    fn settle_login(&self, outcome: Outcome) {
        let want = self.world.borrow_mut().login.take();
        assert!(want.is_some(), "a login is answered once");
        match outcome {
            Outcome::Go => assert_ne!(
                self.client().generation(),
                0,
                "after a login there is a session"
            ),
            Outcome::Deliver => panic!("a login has no refusal"),
            Outcome::Fail(failure) => {
                assert_ne!(
                    failure.code,
                    ErrorCode::SignInPaused,
                    "a login skips the pause"
                );
            }
        }
    }

    fn settle_call(&self, which: usize, outcome: Outcome) {
        let generation = self.client().generation();
        let mut world = self.world.borrow_mut();
        world.newest = world.newest.max(generation);
        let call = &mut world.calls[which];
        let Call::Waiting { sends, is_past } = *call else {
            panic!("call {which} is answered once: {call:?}, {outcome:?}");
        };
        *call = match outcome {
            Outcome::Go => {
                assert_ne!(generation, 0, "a call goes with a session");
                assert!(sends < 2, "a call is sent at most twice");
                assert!(!is_past, "a call of an ended epoch is never sent again");
                Call::Sent {
                    sends: sends + 1,
                    generation,
                    is_past,
                }
            }
            Outcome::Deliver => {
                assert_ne!(sends, 0, "there is a refusal to deliver");
                Call::Done
            }
            Outcome::Fail(failure) => {
                let is_new = failure.code != ErrorCode::SignInPaused || sends == 0;
                assert!(is_new, "in a pause a refusal is delivered");
                Call::Done
            }
        };
    }

    fn client(&self) -> Rc<Client<Program>> {
        self.client.upgrade().expect("it is running")
    }

    pub(super) fn perform(&self, event: Event) {
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
                world().login = Some(want);
                client.want(LOGIN, want);
            }
            Event::SignOut => {
                world().left.sign_outs -= 1;
                world().close(ErrorCode::SignedOut);
                world().give_up();
                client.leave();
            }
            Event::Abort(which) => {
                world().left.aborts -= 1;
                world().calls[which] = Call::Done;
                client.abort(which as Ticket + 1);
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
                if let Some(code) = ending.code().filter(|_| is_ended) {
                    world().close(code);
                    if code == ErrorCode::SignInNeeded || world().login.is_none() {
                        world().give_up();
                    } else {
                        world().begin_sign_in();
                    }
                } else if ending != PostEnd::Issued {
                    world().attempt.ends(ending);
                }
                world().attempt.presented = false;
                client.answered(step, ending.reply(session(NEW)));
            }
            Event::Timer => {
                if matches!(world().open, Some((Task::Post, _))) {
                    world().attempt.is_doubtful = true;
                    world().attempt.failures += 1;
                }
                world().attempt.presented = false;
                world().end_step();
                let (step, milliseconds) = world().timer.take().expect("a timer");
                world().over[TIMER] = step;
                self.now.set(NOW + u64::from(milliseconds));
                client.elapsed(step);
            }
            Event::LateTimer => {
                world().left.late_timers -= 1;
                world().attempt.was_late = true;
                let (step, milliseconds) = world().timer.take().expect("a timer");
                self.now.set(NOW + u64::from(milliseconds) + 1_001);
                client.elapsed(step);
            }
            Event::Late(late) => self.come_late(late),
        }
    }

    fn call(&self, which: usize, want: Want) {
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
            },
        };
        if admitted.is_none() {
            client.want(which as Ticket + 1, want);
        }
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
                let call = Call::Waiting { sends, is_past };
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
                client.refused(which as Ticket + 1, generation, sent, refusal);
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
