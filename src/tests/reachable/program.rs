//! The program around the client, which checks what it hears.

mod perform;
mod settle;

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use super::event::{Callback, Inside};
use super::world::{ATTEMPTS, Attempt, CALLS, LOGIN, SignIn, Task, World};
use crate::client::Client;
use crate::error::ErrorCode;
use crate::exchange::Step;
use crate::flow::{Outcome, Phase, Ticket};
use crate::host::Host;
use crate::milliseconds::Milliseconds;
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
    pub(super) now: Cell<Milliseconds>,
    pub(super) world: RefCell<World>,
    pub(super) heard: RefCell<Vec<Heard>>,
    /// What happens inside the first callback of its kind.
    pub(super) inside: Cell<Option<Inside>>,
}

impl Host for Program {
    fn now(&self) -> Milliseconds {
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
        let sign_in = &mut world.sign_in;
        let is_first = !sign_in.is_fresh && !sign_in.is_bare;
        assert!(is_first || sign_in.is_refused, "a fresh code has a reason");
        sign_in.is_doubtful = false;
        sign_in.is_refused = false;
    }

    fn prepare(&self, step: Step, code: &str) {
        assert_eq!(code, "code", "a late code changes nothing");
        self.ask(Task::Data, step);
    }

    fn post(&self, step: Step, code: &str, presented: Option<&str>) {
        assert_eq!(code, "code", "a late code changes nothing");
        self.ask(Task::Post, step);
        let mut world = self.world.borrow_mut();
        let SignIn {
            attempt,
            failures,
            is_refused,
            is_bare,
            ..
        } = world.sign_in;
        assert!(failures <= 3, "there is an end to posts");
        assert!(!is_refused, "a code that was refused is not posted again");
        let standing = self.client().id();
        let expected = match attempt {
            Some(_) => standing.as_deref(),
            None => world.stored.as_deref().filter(|_| !is_bare),
        };
        assert_eq!(
            presented, expected,
            "the session to be replaced is presented, until the server refuses that; an attempt presents what stands"
        );
        world.sign_in.presented = presented.is_some() && attempt.is_none();
        drop(world);
        self.check_credentials();
    }

    fn withdraw(&self, _: Step) {
        self.hear(Heard::Withdrawn);
    }

    fn sleep(&self, step: Step, milliseconds: u32) {
        self.world.borrow_mut().timer = Some((step, milliseconds));
    }

    fn settle(&self, ticket: Ticket, outcome: Outcome) {
        self.hear(Heard::Settled(ticket, outcome));
        match (ticket, attempt_of(ticket)) {
            (LOGIN, _) => self.settle_login(outcome),
            (_, Some(which)) => self.settle_attempt(which, outcome),
            _ => self.settle_call((ticket - CALLS) as usize, outcome),
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
        world.sign_in = SignIn::default();
        if phase == Phase::SigningIn {
            let attempt = self.client().attempt();
            world.begin_sign_in(attempt.and_then(attempt_of));
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

    fn client(&self) -> Rc<Client<Program>> {
        self.client.upgrade().expect("it is running")
    }

    /// A post carries credentials only in the sign-in of an attempt that has not been answered, and then always the same.
    fn check_credentials(&self) {
        let attempt = self.client().attempt();
        let world = self.world.borrow();
        let of_sign_in = world.sign_in.attempt;
        assert_eq!(
            attempt.and_then(attempt_of),
            of_sign_in,
            "a post carries the credentials that its sign-in began with"
        );
        if let Some(which) = of_sign_in {
            let state = world.attempts[which];
            assert_eq!(
                state,
                Attempt::Waiting,
                "credentials are used for one attempt"
            );
        }
    }
}

/// The attempt with this ticket, if the ticket is one's.
fn attempt_of(ticket: Ticket) -> Option<usize> {
    ATTEMPTS.iter().position(|attempt| *attempt == ticket)
}
