//! Every state that both machines can reach together, in a small world.
//!
//! The exploration starts from a cold start, from a restored session and from restored endings. In each state it lets every
//! possible event happen, and it goes on from every state that it has not seen before, until there is none left. It checks
//! the [`rules`] after every event, kills and restarts the program in every state, and reports a broken rule with the
//! shortest path that leads there.
//!
//! The world ([`Bounds`]) is small enough to be exhausted: three calls; two sign-ins and the start of a third; one `login()`,
//! one `logout()`, one deadline that passes, one abort. A world of two calls also has one that is optional, another one late
//! timer, and a world of one call has two attempts, which are logins with credentials. Everything else may happen any number of
//! times: calls end or are refused, whether they can be sent again or not; `wx.login`, login data and exchange fail in every
//! way; timers run out; answers are late or come twice; pauses and trials end.
//!
//! Time has no length here. Deadlines, pauses and timers may end at any moment, since no order of them may do harm. The tests
//! of each machine cover their lengths. Beyond the bounds, [`chance`] plays longer schedules.

mod chance;
mod event;
mod program;
mod rules;
mod state;
mod world;

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::time::Instant;

use self::event::{Event, Inside};
use self::state::{ByHand, State};
use self::world::{Bounds, STANDING, session};
use crate::error::ErrorCode;
use crate::exchange::Exchange;
use crate::flow::Flow;
use crate::session::Kept;

const SMALL: Bounds = Bounds {
    calls: 3,
    logins: 1,
    attempts: 0,
    sign_ins: 2,
    sign_outs: 1,
    expiries: 1,
    aborts: 1,
    optionals: 0,
    late_timers: 0,
    is_exact: false,
};

/// Two calls, one of which may go bare.
const OPTIONAL: Bounds = Bounds {
    calls: 2,
    optionals: 1,
    is_exact: true,
    aborts: 0,
    expiries: 0,
    ..SMALL
};

/// Two calls, and a timer that runs late.
const LATE: Bounds = Bounds {
    optionals: 0,
    late_timers: 1,
    ..OPTIONAL
};

/// Two attempts beside a call.
const CREDENTIALS: Bounds = Bounds {
    calls: 1,
    attempts: 2,
    expiries: 1,
    aborts: 0,
    is_exact: true,
    ..SMALL
};

/// Everything that storage may keep from an earlier launch.
fn starts() -> [Option<Kept>; 4] {
    [
        None,
        Some(Kept::Session(session(STANDING))),
        Some(Kept::Ended(ErrorCode::SignedOut)),
        Some(Kept::Ended(ErrorCode::SessionReplaced)),
    ]
}

#[test]
fn whatever_happens_in_a_small_world_no_rule_is_broken() {
    let map = Map::of(SMALL, ByHand(false), &starts()[..2], |_, _| vec![]);
    assert!(map.places.len() > 50_000, "the exploration went everywhere");
    map.check_that_all_ends();
}

#[test]
fn nor_is_one_broken_by_what_an_app_does_inside_a_callback() {
    let two = Bounds { calls: 2, ..SMALL };
    let map = Map::of(two, ByHand(false), &starts()[..2], State::inside);
    assert!(map.places.len() > 20_000, "the exploration went everywhere");
    map.check_that_all_ends();
}

#[test]
fn nor_is_one_broken_by_optional_calls() {
    let map = Map::of(OPTIONAL, ByHand(false), &starts(), |_, _| vec![]);
    assert!(map.places.len() > 10_000, "the exploration went everywhere");
    map.check_that_all_ends();
}

#[test]
fn nor_is_one_broken_by_late_timers() {
    let map = Map::of(LATE, ByHand(false), &starts(), |_, _| vec![]);
    assert!(map.places.len() > 10_000, "the exploration went everywhere");
    map.check_that_all_ends();
}

#[test]
fn nor_is_one_broken_where_the_app_signs_in_by_hand() {
    let map = Map::of(OPTIONAL, ByHand(true), &starts(), |_, _| vec![]);
    assert!(map.places.len() > 10_000, "the exploration went everywhere");
    map.check_that_all_ends();
}

#[test]
fn nor_is_one_broken_by_credentials() {
    let map = Map::of(CREDENTIALS, ByHand(false), &starts()[..2], |_, _| vec![]);
    assert!(map.places.len() > 10_000, "the exploration went everywhere");
    map.check_that_all_ends();
}

#[test]
fn nor_by_credentials_where_the_app_signs_in_by_hand() {
    let lasting = Bounds {
        expiries: 0,
        ..CREDENTIALS
    };
    let map = Map::of(lasting, ByHand(true), &starts(), |_, _| vec![]);
    assert!(map.places.len() > 10_000, "the exploration went everywhere");
    map.check_that_all_ends();
}

/// A state, and the shortest way to it.
struct Place {
    state: Rc<State>,
    from: Option<(usize, Move)>,
    /// Where the timer leads if nothing else happens.
    timer: Option<usize>,
}

/// An event, and perhaps another one inside a callback.
type Move = (Event, Option<Inside>);

/// What an app can do inside the callbacks of an event.
type Insides = fn(&State, Event) -> Vec<Inside>;

/// All states that were reached.
#[derive(Default)]
struct Map {
    places: Vec<Place>,
    /// The states that were visited, regardless of which call is which.
    known: HashMap<Rc<State>, usize, Quick>,
    /// The machines' states that were visited. Late events touch no call, so they happen once in each of these.
    machines: HashSet<(Flow, Exchange), Quick>,
    transitions: usize,
}

impl Map {
    fn of(bounds: Bounds, by_hand: ByHand, starts: &[Option<Kept>], insides: Insides) -> Self {
        let begin = Instant::now();
        let mut map = Self::default();
        for kept in starts {
            map.add(State::start(kept.clone(), by_hand, bounds), None);
        }
        let mut next = 0;
        while next < map.places.len() {
            map.go_on(next, insides);
            next += 1;
        }
        println!(
            "{} states, of the machines alone {}; {} transitions; {:.1?}",
            map.places.len(),
            map.machines.len(),
            map.transitions,
            begin.elapsed(),
        );
        map
    }

    /// Lets every possible event happen in a place.
    fn go_on(&mut self, place: usize, insides: Insides) {
        let state = Rc::clone(&self.places[place].state);
        if self
            .machines
            .insert((state.flow.clone(), state.exchange.clone()))
        {
            for event in state.late_events() {
                self.follow(place, &state, (event, None));
            }
        }
        for event in state.events() {
            let next = self.follow(place, &state, (event, None));
            if event == Event::Timer {
                self.places[place].timer = next;
            }
            for inside in insides(&state, event) {
                self.follow(place, &state, (event, Some(inside)));
            }
        }
    }

    fn follow(&mut self, place: usize, state: &State, (event, inside): Move) -> Option<usize> {
        let after = catch_unwind(AssertUnwindSafe(|| state.after(event, inside)));
        match after {
            Ok(after) => {
                let after = after?;
                self.transitions += 1;
                Some(self.add(after, Some((place, (event, inside)))))
            }
            Err(panic) => {
                self.tell_the_way(place, (event, inside));
                resume_unwind(panic);
            }
        }
    }

    fn add(&mut self, state: State, from: Option<(usize, Move)>) -> usize {
        let nameless = state.nameless();
        let known = self.known.get(nameless.as_ref().unwrap_or(&state));
        if let Some(place) = known {
            return *place;
        }
        state.check_restart();
        let state = Rc::new(state);
        let nameless = nameless.map_or_else(|| Rc::clone(&state), Rc::new);
        let place = self.places.len();
        self.known.insert(nameless, place);
        self.places.push(Place {
            state,
            from,
            timer: None,
        });
        place
    }

    fn tell_the_way(&self, place: usize, last: Move) {
        let mut moves = vec![last];
        let mut place = &self.places[place];
        while let Some((before, made)) = place.from {
            moves.push(made);
            place = &self.places[before];
        }
        let start = match (place.state.id(), place.state.flow.ending()) {
            (Some(_), _) => "a restored session",
            (None, Some(_)) => "a restored ending",
            (None, None) => "nothing",
        };
        println!("A rule is broken. The program starts with {start}, then");
        for (event, inside) in moves.iter().rev() {
            match inside {
                Some(inside) => println!("- {event}, {inside}"),
                None => println!("- {event}"),
            }
        }
    }

    /// Nothing waits for ever: even if nobody answers, the timers end every sign-in.
    fn check_that_all_ends(&self) {
        for (number, place) in self.places.iter().enumerate() {
            let mut last = place;
            let mut steps = 0;
            while let Some(next) = last.timer {
                last = &self.places[next];
                steps += 1;
                // A code, the login data, three posts and the two waits between them; then the code of each further sign-in,
                // that of an attempt or of those who ask again after one.
                if steps > 7 + 2 * last.state.world.left.attempts {
                    self.tell_the_way(number, (Event::Timer, None));
                    panic!("the timers go on and on");
                }
            }
            assert!(last.state.is_beyond() || !last.state.world.is_waited_for());
        }
    }
}

/// A hash far quicker than the standard library's in unoptimized builds.
#[derive(Clone, Copy, Default)]
struct Mix(u64);
type Quick = BuildHasherDefault<Mix>;

impl Hasher for Mix {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, value: u8) {
        self.write_u64(value.into());
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(value.into());
    }

    fn write_isize(&mut self, value: isize) {
        self.write_u64(value as u64);
    }

    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(5) ^ value).wrapping_mul(0x517c_c1b7_2722_0a95);
    }

    fn finish(&self) -> u64 {
        self.0.rotate_left(26)
    }
}
