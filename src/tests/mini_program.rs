//! A hand-written mini program around the client.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use crate::client::Client;
use crate::exchange::{Deadlines, LoginData, Reply, Step};
use crate::flow::{Outcome, Phase, Ticket};
use crate::host::Host;
use crate::milliseconds::Milliseconds;
use crate::session::{Session, Stored};

pub(crate) const LOGIN: &str = "https://api.example.com/wx/onlogin";

pub(crate) type Callback = Box<dyn Fn(&Client<Program>, Ticket)>;
pub(crate) type Listener = Box<dyn Fn(&Client<Program>)>;

/// What the mini program was asked for. It answers when a test tells it to.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) client: RefCell<Weak<Client<Program>>>,
    pub(crate) now: Cell<Milliseconds>,
    pub(crate) stored: RefCell<Option<Stored>>,
    pub(crate) code_asked: Cell<Option<Step>>,
    pub(crate) posted: Cell<Option<Step>>,
    /// Abandoned posts, which may still be answered.
    pub(crate) late: RefCell<Vec<Step>>,
    pub(crate) withdrawn: RefCell<Vec<Step>>,
    pub(crate) timer: Cell<Option<Step>>,
    pub(crate) presented: RefCell<Option<String>>,
    pub(crate) logins: Cell<u32>,
    /// The attempt whose credentials the sign-in in progress takes.
    pub(crate) attempt: Cell<Option<Ticket>>,
    pub(crate) settled: RefCell<Vec<(Ticket, Outcome)>>,
    pub(crate) ended: RefCell<Vec<String>>,
    pub(crate) phases: RefCell<Vec<Phase>>,
    /// Runs inside `settle`, because wx may call back in the same turn.
    pub(crate) on_settle: RefCell<Option<Callback>>,
    /// Runs once, inside `changed`, when the client is signed in.
    pub(crate) on_signed_in: RefCell<Option<Listener>>,
}

impl World {
    /// The id of the session that storage keeps.
    pub(crate) fn kept(&self) -> Option<String> {
        let stored = self.stored.borrow();
        let id = &stored.as_ref()?.id;
        (!id.is_empty()).then(|| id.clone())
    }

    pub(crate) fn phase(&self) -> Phase {
        *self.phases.borrow().last().expect("the start was told")
    }
}

pub(crate) struct Program(Rc<World>);

impl Host for Program {
    fn now(&self) -> Milliseconds {
        self.0.now.get()
    }

    fn random(&self) -> f64 {
        0.0
    }

    fn save(&self, stored: Stored) {
        self.0.stored.replace(Some(stored));
    }

    fn forget(&self) {
        self.0.stored.replace(None);
    }

    fn ask_code(&self, step: Step) {
        self.0.logins.set(self.0.logins.get() + 1);
        self.0.code_asked.set(Some(step));
        self.0.attempt.set(self.attempt());
    }

    fn prepare(&self, step: Step, _: &str) {
        let client = self.0.client.borrow().upgrade();
        client.expect("it asks").prepared(step, LoginData::Ready);
    }

    fn post(&self, step: Step, _: &str, presented: Option<&str>) {
        let attempt = self.0.attempt.get();
        assert_eq!(
            self.attempt(),
            attempt,
            "the credentials are those that the code was asked for"
        );
        self.0.presented.replace(presented.map(str::to_owned));
        let before = self.0.posted.replace(Some(step));
        self.0.late.borrow_mut().extend(before);
    }

    fn withdraw(&self, step: Step) {
        self.0.withdrawn.borrow_mut().push(step);
    }

    fn sleep(&self, step: Step, _: u32) {
        self.0.timer.set(Some(step));
    }

    fn settle(&self, ticket: Ticket, outcome: Outcome) {
        self.0.settled.borrow_mut().push((ticket, outcome));
        let client = self.0.client.borrow().upgrade();
        if let (Some(client), Some(callback)) = (client, self.0.on_settle.borrow().as_ref()) {
            callback(&client, ticket);
        }
    }

    fn end(&self, id: &str) {
        self.0.ended.borrow_mut().push(id.to_owned());
    }

    fn changed(&self, phase: Phase) {
        self.0.phases.borrow_mut().push(phase);
        if phase == Phase::SignedIn
            && let Some(listener) = self.0.on_signed_in.take()
        {
            let client = self.0.client.borrow().upgrade();
            listener(&client.expect("it is told"));
        }
    }
}

impl Program {
    fn attempt(&self) -> Option<Ticket> {
        let client = self.0.client.borrow().upgrade();
        client.expect("it asks").attempt()
    }
}

pub(crate) fn start(stored: Option<Stored>) -> (Rc<Client<Program>>, Rc<World>) {
    let world = Rc::new(World::default());
    world.now.set(Milliseconds::new(1_000_000));
    world.stored.replace(stored.clone());
    let deadlines = Deadlines {
        login: 5_000,
        data: 5_000,
        exchange: 10_000,
    };
    let program = Program(Rc::clone(&world));
    let client = Rc::new(Client::new(program, LOGIN.into(), deadlines, stored));
    world.client.replace(Rc::downgrade(&client));
    client.start();
    (client, world)
}

pub(crate) fn session(id: &str, now: Milliseconds) -> Option<Session> {
    Session::issued(id.into(), 600.0, now)
}

/// Lets `wx.login` and the server answer.
pub(crate) fn sign_in(client: &Client<Program>, world: &World, id: &str) {
    client.coded(
        world.code_asked.take().expect("a code is asked for"),
        Some("code".into()),
    );
    post_answers(client, world, id);
}

pub(crate) fn post_answers(client: &Client<Program>, world: &World, id: &str) {
    let session = session(id, world.now.get());
    let reply = Reply::Answer {
        status: 200,
        session,
        problem: None,
        retry_after: 0,
    };
    client.answered(world.posted.take().expect("a code is posted"), reply);
}
