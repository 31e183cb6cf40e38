//! What the script calls. A core is the number that [`make`] gave for it, and every argument is a number too.

use std::cell::UnsafeCell;

use wasm_bindgen::prelude::wasm_bindgen;

use crate::exchange::{Deadlines, LoginData, Reply};
use crate::flow::Sent;
use crate::machines::Machines;
use crate::numbers::{self, Number};
use crate::policy::Refusal;
use crate::session::Session;

/// All cores of a program, and what the script says before it calls one of them.
struct Table {
    cores: Vec<Machines<Number>>,
    /// Milliseconds since 1970.
    now: u64,
    /// A number from 0 to 1 that spreads retries. Nothing secret depends on it.
    random: f64,
    /// The arguments of the errand that was taken last.
    arguments: [i32; 3],
}

/// The one table. It is no `RefCell` in a `thread_local`, whose checks would cost more bytes than all of
/// [`exchange`](crate::exchange).
struct OneThread(UnsafeCell<Table>);

#[allow(unsafe_code, reason = "a mini program runs WebAssembly in one thread")]
unsafe impl Sync for OneThread {}

static TABLE: OneThread = OneThread(UnsafeCell::new(Table {
    cores: Vec::new(),
    now: 0,
    random: 0.0,
    arguments: [0; 3],
}));

/// Runs a call of the script's with the table.
#[allow(
    unsafe_code,
    reason = "the module imports nothing, so no call can come in the middle of another: there is one reference at a time"
)]
fn with_table<T>(call: impl FnOnce(&mut Table) -> T) -> T {
    call(unsafe { &mut *TABLE.0.get() })
}

/// Calls a core with the present time.
fn with<T>(core: usize, call: impl FnOnce(&mut Machines<Number>, u64) -> T) -> T {
    with_table(|table| call(&mut table.cores[core], table.now))
}

/// Makes a core with the session that storage kept; `id` is 0 if there is none. Times are in milliseconds.
#[wasm_bindgen]
pub fn make(
    login: u32,
    data: u32,
    exchange: u32,
    id: Number,
    received: f64,
    lifetime: f64,
) -> usize {
    let restored = (id > 0).then(|| Session::new(id, whole(received), whole(lifetime)));
    let deadlines = Deadlines {
        login,
        data,
        exchange,
    };
    with_table(|table| {
        table.cores.push(Machines::new(deadlines, restored));
        table.cores.len() - 1
    })
}

/// From now on sign-ins of this core present no session.
#[wasm_bindgen]
pub fn present_nothing(core: usize) {
    with(core, |machines, _| machines.present_nothing());
}

/// Tells the time of the calls to come, and a number from 0 to 1.
#[wasm_bindgen]
pub fn at(now: f64, random: f64) {
    with_table(|table| {
        table.now = whole(now);
        table.random = random;
    });
}

/// Takes the next errand: its place in [`numbers::ERRANDS`], or -1. [`argument`] has its arguments.
#[wasm_bindgen]
pub fn next(core: usize) -> i32 {
    with_table(|table| {
        let machines = &mut table.cores[core];
        let Some(errand) = machines.next(table.now) else {
            return -1;
        };
        let (place, arguments) = numbers::errand(&errand, machines);
        table.arguments = arguments;
        place
    })
}

/// An argument of the errand that was taken last.
#[wasm_bindgen]
pub fn argument(place: usize) -> i32 {
    with_table(|table| table.arguments[place])
}

/// Announces the first phase.
#[wasm_bindgen]
pub fn start(core: usize) {
    with(core, |machines, now| machines.start(now));
}

/// The generation of the session that a call may be sent with at once, or 0 if the call must ask.
#[wasm_bindgen]
pub fn admit(core: usize) -> u32 {
    with(core, |machines, now| machines.admit(now).unwrap_or(0))
}

/// The generation of the session that stands, or 0.
#[wasm_bindgen]
pub fn generation(core: usize) -> u32 {
    with(core, |machines, _| machines.generation())
}

/// The session that stands, or 0.
#[wasm_bindgen]
pub fn id(core: usize) -> Number {
    with(core, |machines, _| numbers::id(machines))
}

/// Asks for a session for a call, or to be signed in. `want` is a place in [`numbers::WANTS`].
#[wasm_bindgen]
pub fn want(core: usize, ticket: u32, want: u8) {
    with(core, |machines, now| {
        machines.want(ticket, numbers::want(want), now);
    });
}

/// The answer to a call refuses its session and names this problem. `sends` counts how often the call was sent. The
/// ticket is settled now or later.
#[wasm_bindgen]
pub fn refused(core: usize, ticket: u32, generation: u32, sends: u32, problem: u32) {
    let refusal = refusal(problem);
    with(core, |machines, now| {
        machines.refused(ticket, generation, Sent::times(sends), refusal, now);
    });
}

/// A refusal of a call that cannot be sent again.
#[wasm_bindgen]
pub fn refused_one_shot(core: usize, generation: u32, problem: u32) {
    let refusal = refusal(problem);
    with(core, |machines, now| {
        machines.refused_one_shot(generation, refusal, now);
    });
}

/// The app signs out.
#[wasm_bindgen]
pub fn leave(core: usize) {
    with(core, |machines, now| machines.leave(now));
}

/// `wx.login` answered. No code, which is 0, means failure.
#[wasm_bindgen]
pub fn coded(core: usize, step: u32, code: Number) {
    with(core, |machines, now| {
        machines.coded(step, (code > 0).then_some(code), now);
    });
}

/// The app's login data is ready or has failed.
#[wasm_bindgen]
pub fn prepared(core: usize, step: u32, is_ready: bool) {
    let data = if is_ready {
        LoginData::Ready
    } else {
        LoginData::Failed
    };
    with(core, |machines, now| machines.prepared(step, data, now));
}

/// An exchange ended. `status` is that of the server's answer, or [`numbers::UNREACHABLE`], [`numbers::INTERRUPTED`] or [`numbers::TIMED_OUT`].
/// Times are in milliseconds; a missing number is NaN, and a missing session 0.
#[wasm_bindgen]
pub fn answered(
    core: usize,
    step: u32,
    status: u32,
    id: Number,
    lifetime: f64,
    problem: u32,
    retry_after: f64,
) {
    with_table(|table| {
        let reply = match status {
            numbers::UNREACHABLE => Reply::Unreachable,
            numbers::INTERRUPTED => Reply::Interrupted,
            numbers::TIMED_OUT => Reply::TimedOut,
            _ => Reply::Answer {
                status: status as u16,
                session: (id > 0).then(|| Session::new(id, table.now, whole(lifetime))),
                problem: numbers::problem(problem),
                retry_after: whole(retry_after) as u32,
            },
        };
        table.cores[core].answered(step, reply, table.now, table.random);
    });
}

/// A timer ran out.
#[wasm_bindgen]
pub fn elapsed(core: usize, step: u32) {
    with_table(|table| table.cores[core].elapsed(step, table.now, table.random));
}

fn refusal(problem: u32) -> Refusal {
    Refusal::naming(numbers::problem(problem))
}

/// Anything but a positive number becomes zero. (Not inlined: this conversion takes many instructions of WebAssembly's
/// first version.)
#[inline(never)]
fn whole(number: f64) -> u64 {
    number as u64
}
