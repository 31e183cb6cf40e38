//! Schedules that proptest makes up.

use std::collections::BTreeMap;
use std::rc::Rc;

use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};

use super::mini_program::{Program, World, session, start};
use crate::client::Client;
use crate::error::ErrorCode;
use crate::exchange::{Reply, Step};
use crate::flow::{Generation, Outcome, Phase, Sent, Ticket, Want};
use crate::policy::Refusal;

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
