//! An endpoint that refuses every session, beside one that takes the newest.

use std::collections::BTreeMap;

use super::{NOW, live, session};
use crate::flow::effects::{Effect, Flow};
use crate::flow::{Generation, Outcome, Sent, Ticket, Want};
use crate::milliseconds::Milliseconds;
use crate::policy::Refusal;

/// Two endpoints that are called all the time: one refuses every session, the other accepts the newest.
struct Endpoints {
    flow: Flow,
    now: u64,
    /// Future events, by their time and a unique number.
    due: BTreeMap<(u64, u32), Due>,
    next: u32,
    /// The state of a small random generator, for times that differ.
    chance: u64,
    sign_ins: u32,
    /// Calls that the healthy endpoint accepted.
    taken: u32,
}

#[derive(Clone, Copy)]
enum Due {
    Call { is_bad: bool },
    Answer(Flight),
    Session,
}

#[derive(Clone, Copy)]
struct Flight {
    ticket: Ticket,
    is_bad: bool,
    generation: Generation,
    sent: Sent,
}

impl Endpoints {
    /// Calls both endpoints once `every` so many milliseconds, for `long` milliseconds in all. An answer takes 100
    /// milliseconds and up to `slowest` more.
    fn ask(every: u64, long: u64, slowest: u64, seed: u64) -> Self {
        let mut world = Self {
            flow: live(),
            now: NOW.number() as u64,
            due: BTreeMap::new(),
            next: 0,
            chance: seed,
            sign_ins: 0,
            taken: 0,
        };
        for begins in (0..long).step_by(every as usize) {
            for is_bad in [true, false] {
                world.add(begins, Due::Call { is_bad });
            }
        }
        let mut waiting = BTreeMap::new();
        while let Some(((now, number), due)) = world.due.pop_first() {
            world.now = now;
            let now = Milliseconds::of(now as f64);
            let effects = match due {
                Due::Call { is_bad } => {
                    waiting.insert(number, (is_bad, Sent::Once));
                    world.flow.want(number, Want::Call, now)
                }
                Due::Answer(flight) => {
                    let is_newest = flight.generation == world.flow.generation();
                    if !flight.is_bad && is_newest {
                        world.taken += 1;
                        continue;
                    }
                    waiting.insert(flight.ticket, (flight.is_bad, Sent::Twice));
                    let Flight {
                        ticket,
                        generation,
                        sent,
                        ..
                    } = flight;
                    world
                        .flow
                        .refused(ticket, generation, sent, Refusal::Renew, now)
                }
                Due::Session => world.flow.issued(session("another"), NOW),
            };
            for effect in effects {
                match effect {
                    Effect::SignIn => {
                        world.sign_ins += 1;
                        world.add(300, Due::Session);
                    }
                    Effect::Settle(ticket, Outcome::Go) => {
                        let (is_bad, sent) = waiting[&ticket];
                        let generation = world.flow.generation;
                        let took = 100 + world.random() % slowest;
                        world.add(
                            took,
                            Due::Answer(Flight {
                                ticket,
                                is_bad,
                                generation,
                                sent,
                            }),
                        );
                    }
                    _ => {}
                }
            }
        }
        world
    }

    fn add(&mut self, later: u64, due: Due) {
        self.next += 1;
        self.due.insert((self.now + later, self.next), due);
    }

    fn random(&mut self) -> u64 {
        self.chance = self
            .chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        self.chance >> 33
    }
}

#[test]
fn an_endpoint_that_always_refuses_costs_few_sign_ins_whatever_others_are_asked() {
    for slowest in [1, 400, 3_000] {
        for every in [100, 500, 2_000] {
            for seed in 0..5 {
                let world = Endpoints::ask(every, 600_000, slowest, seed);
                // Seven in the first minute, then one a minute; more if a slow answer arrives after its pause.
                let sign_ins = world.sign_ins;
                assert!((12..=30).contains(&sign_ins), "{sign_ins} in ten minutes");
                let calls = 600_000 / every;
                let taken = u64::from(world.taken);
                assert!(taken > calls * 97 / 100, "{taken} of {calls} taken");
            }
        }
    }
}
