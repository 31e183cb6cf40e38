//! The core of wxsession: sign-in and session upkeep for WeChat mini programs.
//!
//! A mini program has no cookies. (1) Its calls ask the core whether they may go. Where there is no session, (2) the
//! code from `wx.login` is (3) posted to the app's own server, which (4) answers with a session id. (5) Calls carry the
//! id, and (6) the core hears of refusals. The shim in `js/`, or the crate `wxsession-async` for a mini program
//! that is Rust itself, only carries calls to `wx` and back.
//!
//! <!-- design -->
//!
//! Steps 2 to 4 run only when there is no session, and once, however many calls wait. Every session has a number, and every
//! call remembers the number of the session it was sent with. A 401 therefore says which session it refuses. If there is a
//! newer session by then, the call is sent again with that one; otherwise one sign-in serves all the calls that were refused.
//! No call is sent more than twice.
//!
//! Two state machines make all of these decisions. Events go in, errands come out; the machines have no clock, no network and
//! no `wx` of their own. Every operation that can be abandoned carries a number, and its answer brings that number back, so
//! late and repeated answers are recognised. A test visits every state that the two machines can reach together in a small world of three
//! calls, two sign-ins, a login, a logout, an abort and an expiry, and checks the rules in each state.
//!
//! | module | what it decides |
//! |---|---|
//! | `session` | what a session is, when it is past its deadline, how it is stored |
//! | `flow` | the first machine: who may use which session, when to sign in, what a refusal means |
//! | `exchange` | the second machine: login code, exchange, retry or give up |
//! | `policy` | which URLs carry the session, which responses are refusals |
//! | `machines` | lets both machines work together, and gives out their errands one by one |
//! | `client` | runs the errands over `host`, for programs written in Rust and for tests; the script does the same over `wx` |
//! | `error` | every way to fail, in one table |
//!
//! The complete answer to "when is a session renewed?" is one table at the top of `src/flow.rs`.
//!
//! <!-- /design -->

pub mod client;
pub mod errand;
pub mod error;
pub mod exchange;
pub mod flow;
pub mod host;
mod list;
pub mod machines;
pub mod milliseconds;
pub mod numbers;
pub mod policy;
pub mod session;
#[cfg(all(target_arch = "wasm32", feature = "module"))]
pub mod wasm;

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
