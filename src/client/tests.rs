//! The client over a hand-written mini program: single cases first, then schedules that proptest makes up.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};

use super::Client;
use crate::error::ErrorCode;
use crate::exchange::{Deadlines, Reply, Step};
use crate::flow::{Generation, Outcome, Phase, Sent, Ticket, Want};
use crate::host::Host;
use crate::policy::Refusal;
use crate::session::{Session, Stored};

const LOGIN: &str = "https://api.example.com/wx/onlogin";
const PRODUCTS: &str = "https://api.example.com/wx/products/list";

type Callback = Box<dyn Fn(&Client<Program>, Ticket)>;
type Listener = Box<dyn Fn(&Client<Program>)>;

/// A mini program that remembers what was asked of it and answers when told to.
#[derive(Default)]
struct World {
    client: RefCell<Weak<Client<Program>>>,
    now: Cell<u64>,
    stored: RefCell<Option<Stored>>,
    code_asked: Cell<Option<Step>>,
    posted: Cell<Option<Step>>,
    /// Posts that were given up and may still be answered.
    late: RefCell<Vec<Step>>,
    timer: Cell<Option<Step>>,
    presented: RefCell<Option<String>>,
    logins: Cell<u32>,
    settled: RefCell<Vec<(Ticket, Outcome)>>,
    ended: RefCell<Vec<String>>,
    phases: RefCell<Vec<Phase>>,
    /// Runs inside `settle`, as wx may call back in the same turn.
    on_settle: RefCell<Option<Callback>>,
    /// Runs once, inside `changed`, when it is told that a session is there.
    on_signed_in: RefCell<Option<Listener>>,
}

impl World {
    fn phase(&self) -> Phase {
        *self.phases.borrow().last().expect("the start was told")
    }
}

struct Program(Rc<World>);

impl Host for Program {
    fn now(&self) -> u64 {
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
    }

    fn prepare(&self, step: Step, _: &str) {
        let client = self.0.client.borrow().upgrade();
        client.expect("it asks").prepared(step, true);
    }

    fn post(&self, step: Step, _: &str, presented: Option<&str>) {
        self.0.presented.replace(presented.map(str::to_owned));
        let before = self.0.posted.replace(Some(step));
        self.0.late.borrow_mut().extend(before);
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

fn start(stored: Option<Stored>) -> (Rc<Client<Program>>, Rc<World>) {
    let world = Rc::new(World::default());
    world.now.set(1_000_000);
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

fn session(id: &str, now: u64) -> Option<Session> {
    Session::issued(id.into(), 600.0, now)
}

/// `wx.login` and the server answer.
fn sign_in(client: &Client<Program>, world: &World, id: &str) {
    client.coded(
        world.code_asked.take().expect("a code is asked for"),
        Some("code".into()),
    );
    post_answers(client, world, id);
}

fn post_answers(client: &Client<Program>, world: &World, id: &str) {
    let session = session(id, world.now.get());
    let reply = Reply::Answer {
        status: 200,
        session,
        problem: None,
        retry_after: 0,
    };
    client.answered(world.posted.take().expect("a code is posted"), reply);
}

#[test]
fn a_cold_start_signs_in_keeps_the_session_and_tells_the_phases() {
    let (client, world) = start(None);
    assert_eq!(client.admit(client.now()), None);
    client.want(1, Want::Call);
    client.want(2, Want::Call);
    sign_in(&client, &world, "first");
    assert_eq!(
        *world.settled.borrow(),
        [(1, Outcome::Go), (2, Outcome::Go)]
    );
    assert_eq!(world.logins.get(), 1);
    assert_eq!(
        *world.phases.borrow(),
        [Phase::SignedOut, Phase::SigningIn, Phase::SignedIn]
    );
    assert_eq!(client.admit(client.now()), Some(1));
    assert_eq!(client.id().as_deref(), Some("first"));

    let (client, world) = start(world.stored.take());
    assert_eq!(client.admit(client.now()), Some(1));
    assert_eq!(client.id().as_deref(), Some("first"));
    assert_eq!(world.logins.get(), 0);
}

#[test]
fn only_trusted_origins_carry_the_session() {
    let (client, _) = start(None);
    let other = "https://other.example/";
    assert!(client.carries(PRODUCTS));
    assert!(!client.carries(other));
    assert!(client.trust(other));
    assert!(client.carries(other));
    assert!(!client.trust("other.example"));
}

#[test]
fn an_exchange_presents_the_session_that_it_replaces() {
    let (client, world) = start(None);
    client.want(1, Want::Login);
    sign_in(&client, &world, "first");
    assert_eq!(*world.presented.borrow(), None);
    client.refused(2, 1, Sent::Once, Refusal::Renew);
    assert!(
        world.stored.borrow().is_none(),
        "a dead session is not kept"
    );
    sign_in(&client, &world, "second");
    assert_eq!(world.presented.borrow().as_deref(), Some("first"));
}

#[test]
fn a_sign_out_in_a_callback_fails_who_has_not_gone_yet() {
    let (client, world) = start(None);
    world.on_settle.replace(Some(Box::new(|client, ticket| {
        if ticket == 1 {
            client.leave();
        }
    })));
    client.want(1, Want::Call);
    client.want(2, Want::Call);
    sign_in(&client, &world, "first");
    assert_eq!(
        *world.settled.borrow(),
        [
            (1, Outcome::Go),
            (2, Outcome::Fail(ErrorCode::SignedOut.into()))
        ]
    );
    assert_eq!(*world.ended.borrow(), ["first"]);
    assert!(world.stored.borrow().is_none());
}

#[test]
fn who_has_not_gone_yet_does_not_join_a_login_after_the_sign_out() {
    let (client, world) = start(None);
    world.on_signed_in.replace(Some(Box::new(|client| {
        client.leave();
        client.want(3, Want::Login);
        client.want(4, Want::Call);
    })));
    client.want(1, Want::Call);
    client.want(2, Want::Login);
    sign_in(&client, &world, "first");
    let signed_out = Outcome::Fail(ErrorCode::SignedOut.into());
    assert_eq!(*world.settled.borrow(), [(1, signed_out), (2, signed_out)]);
    sign_in(&client, &world, "second");
    assert_eq!(
        world.settled.borrow()[2..],
        [(3, Outcome::Go), (4, Outcome::Go)]
    );
    assert_eq!(*world.ended.borrow(), ["first"]);
}

#[test]
fn who_has_not_gone_yet_hears_that_the_session_was_ended_elsewhere() {
    let (client, world) = start(None);
    world.on_signed_in.replace(Some(Box::new(|client| {
        client.refused(
            3,
            client.generation(),
            Sent::Once,
            Refusal::Ended(ErrorCode::SessionRevoked),
        );
        client.want(4, Want::Login);
    })));
    client.want(1, Want::Call);
    sign_in(&client, &world, "first");
    let revoked = Outcome::Fail(ErrorCode::SessionRevoked.into());
    assert_eq!(
        *world.settled.borrow(),
        [(1, revoked), (3, Outcome::Deliver)]
    );
}

#[test]
fn who_has_not_gone_yet_asks_anew_where_only_the_session_was_lost() {
    let (client, world) = start(None);
    world.on_signed_in.replace(Some(Box::new(|client| {
        client.refused(2, client.generation(), Sent::Once, Refusal::Renew);
    })));
    client.want(1, Want::Call);
    sign_in(&client, &world, "first");
    assert_eq!(*world.settled.borrow(), []);
    sign_in(&client, &world, "second");
    assert_eq!(
        *world.settled.borrow(),
        [(2, Outcome::Go), (1, Outcome::Go)]
    );
}

#[test]
fn a_sign_in_abandoned_before_the_code_came_never_posts_it() {
    let (client, world) = start(None);
    client.want(1, Want::Call);
    client.leave();
    client.coded(
        world.code_asked.take().expect("a code is asked for"),
        Some("code".into()),
    );
    assert_eq!(world.posted.get(), None);
    assert_eq!(world.phase(), Phase::SignedOut);
}

#[test]
fn a_session_that_comes_after_the_sign_out_is_ended_at_the_server() {
    let (client, world) = start(None);
    client.want(1, Want::Call);
    client.coded(
        world.code_asked.take().expect("a code is asked for"),
        Some("code".into()),
    );
    client.leave();
    post_answers(&client, &world, "late");
    assert_eq!(*world.ended.borrow(), ["late"]);
    assert_eq!(client.id(), None);
}

#[test]
fn the_session_in_use_is_not_ended_when_a_late_answer_repeats_it() {
    let (client, world) = start(None);
    client.want(1, Want::Call);
    client.coded(
        world.code_asked.take().expect("a code is asked for"),
        Some("code".into()),
    );
    let first_post = world.posted.take();
    client.elapsed(world.timer.take().expect("a deadline"));
    client.elapsed(world.timer.take().expect("a back-off"));
    post_answers(&client, &world, "shared");
    world.posted.set(first_post);
    post_answers(&client, &world, "shared");
    assert_eq!(*world.ended.borrow(), [""; 0]);
    assert_eq!(client.id().as_deref(), Some("shared"));
}

/// What may happen next in a made-up schedule. Numbers choose among what is open.
#[derive(Clone, Debug)]
enum Event {
    Call,
    Login {
        is_forced: bool,
    },
    Leave,
    CodeComes {
        is_given: bool,
    },
    PostEnds(Ending),
    LatePostEnds,
    TimerEnds,
    AnswerComes {
        which: usize,
        refusal: Option<Refusal>,
    },
    Abort {
        which: usize,
    },
    TimePasses {
        milliseconds: u64,
    },
}

#[derive(Clone, Copy, Debug)]
enum Ending {
    Issued,
    Unreachable,
    Rejected,
}

fn event() -> impl Strategy<Value = Event> {
    let refusal = prop_oneof![
        3 => Just(Some(Refusal::Renew)),
        1 => Just(Some(Refusal::Ended(ErrorCode::SessionReplaced))),
        2 => Just(None),
    ];
    let ending = prop_oneof![4 => Just(Ending::Issued), 1 => Just(Ending::Unreachable), 1 => Just(Ending::Rejected)];
    prop_oneof![
        4 => Just(Event::Call),
        1 => any::<bool>().prop_map(|is_forced| Event::Login { is_forced }),
        1 => Just(Event::Leave),
        4 => prop_oneof![4 => Just(true), 1 => Just(false)]
            .prop_map(|is_given| Event::CodeComes { is_given }),
        4 => ending.prop_map(Event::PostEnds),
        2 => Just(Event::TimerEnds),
        1 => Just(Event::LatePostEnds),
        6 => (any::<usize>(), refusal)
            .prop_map(|(which, refusal)| Event::AnswerComes { which, refusal }),
        1 => any::<usize>().prop_map(|which| Event::Abort { which }),
        1 => (0_u64..700_000).prop_map(|milliseconds| Event::TimePasses { milliseconds }),
    ]
}

/// A call as an app sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Call {
    Waiting { sends: u32 },
    Sent { sends: u32, generation: Generation },
    Ended,
}

/// Plays a schedule and checks after each event what must hold in every order of events.
struct Play {
    client: Rc<Client<Program>>,
    world: Rc<World>,
    calls: BTreeMap<Ticket, Call>,
    logins: BTreeMap<Ticket, bool>,
    next: Ticket,
    issued: u32,
}

impl Play {
    fn new() -> Self {
        let (client, world) = start(None);
        Self {
            client,
            world,
            calls: BTreeMap::new(),
            logins: BTreeMap::new(),
            next: 0,
            issued: 0,
        }
    }

    fn step(&mut self, event: &Event) {
        match *event {
            Event::Call => self.call(),
            Event::Login { is_forced } => {
                self.next += 1;
                self.logins.insert(self.next, false);
                self.client.want(
                    self.next,
                    if is_forced {
                        Want::NewLogin
                    } else {
                        Want::Login
                    },
                );
            }
            Event::Leave => self.client.leave(),
            Event::CodeComes { is_given } => {
                if let Some(step) = self.world.code_asked.take() {
                    self.client.coded(step, is_given.then(|| "code".to_owned()));
                }
            }
            Event::PostEnds(ending) => {
                if let Some(step) = self.world.posted.take() {
                    self.post_ends(step, ending);
                }
            }
            Event::LatePostEnds => {
                let step = self.world.late.borrow_mut().pop();
                if let Some(step) = step {
                    self.late_post_ends(step);
                }
            }
            Event::TimerEnds => {
                if let Some(step) = self.world.timer.take() {
                    self.client.elapsed(step);
                }
            }
            Event::AnswerComes { which, refusal } => self.answer_comes(which, refusal),
            Event::Abort { which } => self.abort(which),
            Event::TimePasses { milliseconds } => {
                self.world.now.set(self.world.now.get() + milliseconds);
            }
        }
        self.take_settled();
        self.check();
    }

    fn call(&mut self) {
        self.next += 1;
        match self.client.admit(self.world.now.get()) {
            Some(generation) => {
                self.calls.insert(
                    self.next,
                    Call::Sent {
                        sends: 1,
                        generation,
                    },
                );
            }
            None => {
                self.calls.insert(self.next, Call::Waiting { sends: 0 });
                self.client.want(self.next, Want::Call);
            }
        }
    }

    fn late_post_ends(&mut self, step: Step) {
        let before = self.client.id();
        self.post_ends(step, Ending::Issued);
        assert_eq!(self.client.id(), before, "a late session is not taken");
        let late = format!("session-{}", self.issued);
        assert!(
            self.world.ended.borrow().contains(&late),
            "a late session is ended"
        );
    }

    fn post_ends(&mut self, step: Step, ending: Ending) {
        let reply = match ending {
            Ending::Issued => {
                self.issued += 1;
                let session = session(&format!("session-{}", self.issued), self.world.now.get());
                Reply::Answer {
                    status: 200,
                    session,
                    problem: None,
                    retry_after: 0,
                }
            }
            Ending::Unreachable => Reply::Unreachable,
            Ending::Rejected => Reply::Answer {
                status: 400,
                session: None,
                problem: None,
                retry_after: 0,
            },
        };
        self.client.answered(step, reply);
    }

    fn answer_comes(&mut self, which: usize, refusal: Option<Refusal>) {
        let sent: Vec<_> = self
            .calls
            .iter()
            .filter_map(|(ticket, call)| match call {
                Call::Sent { sends, generation } => Some((*ticket, *sends, *generation)),
                _ => None,
            })
            .collect();
        if sent.is_empty() {
            return;
        }
        let (ticket, sends, generation) = sent[which % sent.len()];
        match refusal {
            Some(refusal) => {
                self.calls.insert(ticket, Call::Waiting { sends });
                self.client
                    .refused(ticket, generation, Sent::times(sends), refusal);
            }
            None => {
                self.calls.insert(ticket, Call::Ended);
            }
        }
    }

    fn abort(&mut self, which: usize) {
        let waiting: Vec<_> = self
            .calls
            .iter()
            .filter(|(_, call)| matches!(call, Call::Waiting { .. }))
            .map(|(ticket, _)| *ticket)
            .collect();
        if !waiting.is_empty() {
            let ticket = waiting[which % waiting.len()];
            self.calls.insert(ticket, Call::Ended);
            self.client.abort(ticket);
        }
    }

    fn take_settled(&mut self) {
        for (ticket, outcome) in self.world.settled.take() {
            if let Some(is_done) = self.logins.get_mut(&ticket) {
                assert!(!*is_done, "login {ticket} is answered once");
                *is_done = true;
                continue;
            }
            let Some(Call::Waiting { sends }) = self.calls.get(&ticket).copied() else {
                panic!("ticket {ticket} was not waiting: {outcome:?}");
            };
            let call = match outcome {
                Outcome::Go => {
                    let generation = self.client.generation();
                    assert_ne!(generation, 0, "a call goes with a session");
                    assert!(sends < 2, "a call is sent twice at the most");
                    Call::Sent {
                        sends: sends + 1,
                        generation,
                    }
                }
                Outcome::Deliver => {
                    assert_ne!(sends, 0, "there is a refusal to deliver");
                    Call::Ended
                }
                Outcome::Fail(_) => Call::Ended,
            };
            self.calls.insert(ticket, call);
        }
    }

    fn check(&self) {
        let phase = self.world.phase();
        let is_waited_for = self
            .calls
            .values()
            .any(|call| matches!(call, Call::Waiting { .. }))
            || self.logins.values().any(|is_done| !is_done);
        assert!(
            !is_waited_for || phase == Phase::SigningIn,
            "who waits, waits for a sign-in"
        );
        let stored = self
            .world
            .stored
            .borrow()
            .as_ref()
            .map(|stored| stored.id.clone());
        assert_eq!(stored, self.client.id(), "storage keeps what stands");
        if let Some(id) = stored {
            let ended = self.world.ended.borrow();
            assert!(!ended.contains(&id), "what stands was not ended");
        }
    }

    /// The world answers all that is open; then nobody waits any more.
    fn finish(&mut self) {
        while self.world.phase() == Phase::SigningIn {
            self.step(&Event::CodeComes { is_given: true });
            self.step(&Event::PostEnds(Ending::Issued));
            self.step(&Event::TimerEnds);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_order_every_call_is_answered_once_and_sent_twice_at_most(
        events in proptest::collection::vec(event(), 0..80),
    ) {
        let mut play = Play::new();
        for event in &events {
            play.step(event);
        }
        play.finish();
    }
}
