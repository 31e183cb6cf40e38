//! The client and the program around it, as one value that can be compared and taken one event further.

use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::rc::Rc;

use super::event::{CallEnd, Callback, Event, Inside, Late, PostEnd};
use super::program::Program;
use super::world::{Attempt, Bounds, CALLS, Call, LAST, NOW, STANDING, SignIn, Task, World};
use crate::client::Client;
use crate::exchange::{Deadlines, Exchange, Step};
use crate::flow::{Flow, Generation, Ticket, Want};
use crate::milliseconds::Milliseconds;
use crate::session::Kept;

/// Whether the app signs in by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ByHand(pub(super) bool);

/// A state of the client and of the program around it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct State {
    pub(super) flow: Flow,
    pub(super) exchange: Exchange,
    pub(super) world: World,
}

impl State {
    /// A start with this in storage.
    pub(super) fn start(kept: Option<Kept>, by_hand: ByHand, left: Bounds) -> Self {
        let mut flow = Flow::new(kept);
        let is_stored = flow.standing().is_some();
        let stored_ending = flow.ending();
        flow.normalize(NOW, Milliseconds::ZERO, |ticket| ticket);
        let mut exchange = Exchange::new(Deadlines {
            login: 5_000,
            data: 5_000,
            exchange: 10_000,
        });
        exchange.normalize(LAST, Milliseconds::ZERO);
        let world = World {
            calls: vec![Call::Idle; left.calls],
            login: None,
            attempts: [Attempt::Idle; 2],
            left,
            phase: flow.phase(),
            open: None,
            timer: None,
            over: [LAST - 1; 4],
            is_by_hand: by_hand == ByHand(true),
            sign_in: SignIn::default(),
            stored_ending,
            stored: is_stored.then(|| STANDING.into()),
            newest: u32::from(is_stored),
            closed: stored_ending,
        };
        Self {
            flow,
            exchange,
            world,
        }
    }

    /// Every event that can happen now.
    pub(super) fn events(&self) -> Vec<Event> {
        let world = &self.world;
        let mut events = Vec::new();
        if self.is_beyond() {
            return events;
        }
        for (which, call) in world.calls.iter().enumerate() {
            match call {
                // Calls that have not been made are alike.
                Call::Idle if world.calls[..which].contains(&Call::Idle) => {}
                Call::Idle => {
                    events.push(Event::Call(which));
                    if world.left.optionals > 0 {
                        events.push(Event::OptionalCall(which));
                    }
                }
                Call::Waiting { .. } if world.left.aborts > 0 => events.push(Event::Abort(which)),
                Call::Waiting { .. } | Call::Done => {}
                Call::Sent { .. } => {
                    events.extend(CallEnd::ALL.map(|end| Event::CallEnds(which, end)))
                }
            }
        }
        if world.left.logins > 0 && world.login.is_none() {
            events.extend([Want::Login, Want::NewLogin].map(Event::Login));
        }
        for which in 0..world.left.attempts {
            if world.attempts[which] == Attempt::Idle {
                events.push(Event::Attempt(which));
            }
        }
        if world.left.sign_outs > 0 {
            events.push(Event::SignOut);
        }
        if world.left.expiries > 0 && self.flow.standing().is_some() && !self.is_expired() {
            events.push(Event::Expiry);
        }
        for (which, is_running) in self.flow.pauses(NOW).into_iter().enumerate() {
            if is_running {
                events.push(Event::PauseOver(which));
            }
        }
        if self.flow.on_trial(NOW).is_some() {
            events.push(Event::TrialOver);
        }
        match world.open {
            Some((Task::LoginCode, _)) => events.extend([true, false].map(Event::LoginCode)),
            Some((Task::Data, _)) => events.extend([true, false].map(Event::Data)),
            Some((Task::Post, _)) => {
                let ends = PostEnd::ALL.into_iter();
                let possible = ends.filter(|end| world.may_end(*end));
                events.extend(possible.map(Event::Post));
            }
            None => {}
        }
        if world.timer.is_some() {
            events.push(Event::Timer);
        }
        if world.open.is_some() && world.left.late_timers > 0 {
            events.push(Event::LateTimer);
        }
        events
    }

    /// Whether one sign-in too many has begun.
    pub(super) fn is_beyond(&self) -> bool {
        self.world.left.sign_ins < 0
    }

    /// Everything that an app can do inside a callback of this event.
    pub(super) fn inside(&self, event: Event) -> Vec<Inside> {
        let mut events = self.events();
        events.retain(|inside| match inside {
            Event::Login(_) => !matches!(event, Event::Login(_)),
            Event::Attempt(_) => *inside != event,
            Event::SignOut => event != Event::SignOut,
            _ => false,
        });
        let calls = &self.world.calls;
        let last = calls
            .iter()
            .rposition(|call| *call == Call::Idle)
            .map(Event::Call);
        let is_made = |call: &Event| match (call, event) {
            (Event::Call(which), Event::OptionalCall(made)) => *which == made,
            _ => *call == event,
        };
        events.extend(last.filter(|call| !self.is_beyond() && !is_made(call)));
        let mut moves: Vec<_> = events.iter().map(|event| (*event, None)).collect();
        if events.contains(&Event::SignOut) {
            let logins = events
                .iter()
                .filter(|event| matches!(event, Event::Login(_)));
            moves.extend(logins.map(|login| (Event::SignOut, Some(*login))));
        }
        let both = |(event, then)| {
            [Callback::Settled, Callback::Changed].map(|callback| Inside {
                callback,
                event,
                then,
            })
        };
        moves.into_iter().flat_map(both).collect()
    }

    /// Every event that can arrive for a closed step.
    pub(super) fn late_events(&self) -> impl Iterator<Item = Event> {
        let is_standing = self.flow.standing().is_some();
        let possible = move |late: &Late| is_standing || *late != Late::SameSession;
        Late::ALL.into_iter().filter(possible).map(Event::Late)
    }

    /// The state after an event, and perhaps another one inside a callback. Returns `None` if there was no such callback.
    ///
    /// Panics if a rule is broken.
    pub(super) fn after(&self, event: Event, inside: Option<Inside>) -> Option<Self> {
        let client = self.client(inside);
        client.host().perform(event);
        let client = Rc::into_inner(client).expect("nobody else runs it");
        let (host, flow, exchange) = client.into_state();
        if host.inside.get().is_some() {
            return None;
        }
        let world = host.world.into_inner();
        let (heard, now) = (host.heard.into_inner(), host.now.get());
        let mut after = Self {
            flow,
            exchange,
            world,
        };
        after.check();
        if inside.is_none() {
            self.check_change(event, &after, &heard, now);
        }
        after.normalize(now);
        Some(after)
    }

    /// One form for all states that differ only in which call is which.
    pub(super) fn nameless(&self) -> Option<Self> {
        if self.world.calls.is_sorted() {
            return None;
        }
        let mut order: Vec<_> = (0..self.world.calls.len()).collect();
        order.sort_by_key(|which| self.world.calls[*which]);
        let place = |which: usize| {
            order
                .iter()
                .position(|other| *other == which)
                .unwrap_or(which)
        };
        let mut nameless = self.clone();
        nameless.world.calls.sort();
        nameless
            .flow
            .normalize(NOW, Milliseconds::ZERO, |ticket| match ticket {
                _ if (CALLS..CALLS + order.len() as Ticket).contains(&ticket) => {
                    CALLS + place((ticket - CALLS) as usize) as Ticket
                }
                _ => ticket,
            });
        Some(nameless)
    }

    fn client(&self, inside: Option<Inside>) -> Rc<Client<Program>> {
        let (flow, exchange) = (self.flow.clone(), self.exchange.clone());
        Rc::new_cyclic(|client| {
            let host = Program {
                client: client.clone(),
                now: Cell::new(NOW),
                world: RefCell::new(self.world.clone()),
                heard: RefCell::default(),
                inside: Cell::new(inside),
            };
            Client::in_state(host, flow, exchange, self.world.phase)
        })
    }

    /// Brings states with the same future into one form.
    fn normalize(&mut self, now: Milliseconds) {
        self.flow.normalize(now, now - NOW, |ticket| ticket);
        let last = self.exchange.normalize(LAST, now - NOW);
        let world = &mut self.world;
        let renumber = |step: Step| match step.cmp(&last) {
            Ordering::Less => LAST - 1,
            Ordering::Equal => LAST,
            Ordering::Greater => LAST + 1,
        };
        world.open = world.open.map(|(task, step)| (task, renumber(step)));
        world.timer = world.timer.map(|(step, length)| (renumber(step), length));
        world.over = world.over.map(renumber);
        world.stored = self.flow.kept_id().map(str::to_owned);
        if self.flow.standing().is_some() {
            world.newest = world.newest.max(self.flow.generation());
            world.closed = None;
        }
    }

    pub(super) fn id(&self) -> Option<&str> {
        self.flow.standing().map(|session| session.id().as_str())
    }

    pub(super) fn generation(&self) -> Generation {
        self.flow.generation()
    }

    pub(super) fn is_expired(&self) -> bool {
        self.flow
            .standing()
            .is_some_and(|session| !session.is_live(NOW))
    }
}
