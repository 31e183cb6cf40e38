//! What the script calls. Every argument is a number, and an instance of the module is one core: a program with two sessions
//! has two instances.

use std::cell::UnsafeCell;

use wasm_bindgen::prelude::wasm_bindgen;

use crate::exchange::{Deadlines, LoginData, Reply};
use crate::flow::Sent;
use crate::machines::Machines;
use crate::milliseconds::Milliseconds;
use crate::numbers::{self, Number};
use crate::policy::Refusal;
use crate::session::{Kept, Session};

/// The core, and what the script says before it calls it.
struct Core {
    machines: Machines<Number>,
    now: Milliseconds,
    /// A number from 0 to 1 that spreads retries. Nothing secret depends on it.
    random: f64,
    /// The arguments of the errand that was taken last.
    arguments: [i32; 3],
}

/// The one core. It is no `RefCell` in a `thread_local`, whose checks would cost more bytes than all of
/// [`exchange`](crate::exchange).
struct OneThread(UnsafeCell<Core>);

#[allow(unsafe_code, reason = "a mini program runs WebAssembly in one thread")]
unsafe impl Sync for OneThread {}

static CORE: OneThread = OneThread(UnsafeCell::new(Core {
    machines: Machines::at_rest(),
    now: Milliseconds::ZERO,
    random: 0.0,
    arguments: [0; 3],
}));

/// Runs a call of the script's with the core.
#[allow(
    unsafe_code,
    reason = "the module imports nothing, so no call can come in the middle of another: there is one reference at a time"
)]
fn core<T>(call: impl FnOnce(&mut Core) -> T) -> T {
    call(unsafe { &mut *CORE.0.get() })
}

/// Tells the machines an event of the present time.
fn tell(event: impl FnOnce(&mut Machines<Number>, Milliseconds)) {
    core(|core| event(&mut core.machines, core.now));
}

/// Begins with what storage kept: the session with the number `id`, or the number of the code that it ended with; both are
/// 0 if there is nothing. Announces the first phase. If the app `leaves`, it signed out before. Times are in milliseconds.
#[allow(clippy::too_many_arguments, reason = "nothing but numbers crosses")]
#[allow(
    unsafe_code,
    reason = "no other function has this name; wasm-bindgen would write every argument to memory first, which takes 100 bytes"
)]
#[unsafe(no_mangle)]
pub extern "C" fn start(
    login: u32,
    data: u32,
    exchange: u32,
    id: u32,
    received: f64,
    lifetime: f64,
    ended: u32,
    presents: bool,
    leaves: bool,
) {
    let deadlines = Deadlines {
        login,
        data,
        exchange,
    };
    let kept = match Number::new(id) {
        Some(id) => Some(Kept::Session(Session::new(
            id,
            Milliseconds::of(received),
            Milliseconds::of(lifetime),
        ))),
        None => numbers::ending(ended).map(Kept::Ended),
    };
    core(|core| {
        core.machines.begin(deadlines, kept);
        if !presents {
            core.machines.present_nothing();
        }
    });
    if leaves {
        leave();
    } else {
        tell(Machines::start);
    }
}

/// Tells the time of the calls to come, and a number from 0 to 1.
#[wasm_bindgen]
#[inline(never)]
pub fn at(now: f64, random: f64) {
    core(|core| {
        core.now = Milliseconds::of(now);
        core.random = random;
    });
}

/// Takes the next errand: its place in [`numbers::ERRANDS`], or -1. [`argument`] has its arguments.
#[wasm_bindgen]
#[inline(never)]
pub fn next() -> i32 {
    core(|core| {
        let Some(errand) = core.machines.next(core.now) else {
            return -1;
        };
        let (place, arguments) = numbers::errand(&errand, &core.machines);
        core.arguments = arguments;
        place
    })
}

/// An argument of the errand that was taken last.
#[wasm_bindgen]
#[inline(never)]
pub fn argument(place: usize) -> i32 {
    core(|core| core.arguments[place])
}

/// The generation of the session that a call may be sent with at once, or 0 if the call must ask.
#[wasm_bindgen]
#[inline(never)]
pub fn admit() -> u32 {
    core(|core| core.machines.admit(core.now).unwrap_or(0))
}

/// The generation of the session that stands, or 0.
#[wasm_bindgen]
#[inline(never)]
pub fn generation() -> u32 {
    core(|core| core.machines.generation())
}

/// The session that stands, or 0.
#[wasm_bindgen]
#[inline(never)]
pub fn id() -> u32 {
    core(|core| numbers::id(&core.machines))
}

/// Asks for a session for a call, or to be signed in. `want` is a place in [`numbers::WANTS`].
#[wasm_bindgen]
#[inline(never)]
pub fn want(ticket: u32, want: u32) {
    tell(|machines, now| machines.want(ticket, numbers::want(want), now));
}

/// The answer to a call refuses its session and names this problem. `sends` counts how often the call was sent. The
/// ticket is settled now or later.
#[wasm_bindgen]
#[inline(never)]
pub fn refused(ticket: u32, generation: u32, sends: u32, problem: u32) {
    let refusal = refusal(problem);
    tell(|machines, now| machines.refused(ticket, generation, Sent::times(sends), refusal, now));
}

/// A refusal of a call that cannot be sent again.
#[wasm_bindgen]
#[inline(never)]
pub fn refused_one_shot(generation: u32, problem: u32) {
    let refusal = refusal(problem);
    tell(|machines, now| machines.refused_one_shot(generation, refusal, now));
}

/// The app signs out.
#[wasm_bindgen]
#[inline(never)]
pub fn leave() {
    tell(Machines::leave);
}

/// `wx.login` answered. No code, which is 0, means failure.
#[wasm_bindgen]
#[inline(never)]
pub fn coded(step: u32, code: u32) {
    tell(|machines, now| machines.coded(step, Number::new(code), now));
}

/// The app's login data is ready or has failed.
#[allow(
    unsafe_code,
    reason = "no other function has this name; wasm-bindgen's way to pass a truth value takes 20 bytes more"
)]
#[unsafe(no_mangle)]
pub extern "C" fn prepared(step: u32, is_ready: bool) {
    let data = if is_ready {
        LoginData::Ready
    } else {
        LoginData::Failed
    };
    tell(|machines, now| machines.prepared(step, data, now));
}

/// An exchange ended. `status` is that of the server's answer, or [`numbers::UNREACHABLE`], [`numbers::INTERRUPTED`] or
/// [`numbers::TIMED_OUT`]. Times are in milliseconds; a missing number is NaN, and a missing session 0.
#[allow(
    unsafe_code,
    reason = "no other function has this name; wasm-bindgen would write every argument to memory first, which takes 100 bytes"
)]
#[unsafe(no_mangle)]
pub extern "C" fn answered(
    step: u32,
    status: u32,
    id: u32,
    lifetime: f64,
    problem: u32,
    retry_after: f64,
) {
    core(|core| {
        let reply = match status {
            numbers::UNREACHABLE => Reply::Unreachable,
            numbers::INTERRUPTED => Reply::Interrupted,
            numbers::TIMED_OUT => Reply::TimedOut,
            _ => Reply::Answer {
                status: status as u16,
                session: Number::new(id)
                    .map(|id| Session::new(id, core.now, Milliseconds::of(lifetime))),
                problem: numbers::problem(problem),
                retry_after: Milliseconds::of(retry_after).whole(),
            },
        };
        core.machines.answered(step, reply, core.now, core.random);
    });
}

/// A timer ran out.
#[wasm_bindgen]
#[inline(never)]
pub fn elapsed(step: u32) {
    core(|core| core.machines.elapsed(step, core.now, core.random));
}

/// Puts a core at rest in the place of this one, whose lists cannot be freed. Every test begins with a fresh one, although
/// all share one instance.
#[doc(hidden)]
pub fn renew() {
    core(|core| std::mem::forget(std::mem::replace(&mut core.machines, Machines::at_rest())));
}

fn refusal(problem: u32) -> Refusal {
    Refusal::naming(numbers::problem(problem))
}
