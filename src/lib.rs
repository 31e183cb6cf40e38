//! The core of wxsession: sign-in and session upkeep for WeChat mini programs.
//!
//! A mini program has no cookies. (1) Its calls ask the core whether they may go. Where there is no session, (2) the
//! code from `wx.login` is (3) posted to the app's own server, which (4) answers with a session id. (5) Calls carry the
//! id, and (6) the core hears of refusals. The shim in `js/`, or the feature `async` for a mini program that is Rust
//! itself, only carries calls to `wx` and back.
//!
//! <!-- design -->
//!
//! Steps 2 to 4 happen only where no session stands, and once, however many calls wait. Every session has a number, and a
//! call remembers the one that it was sent with. So a 401 says which session it refuses: if a newer one stands by now, the
//! call goes again with that; else one sign-in is made for all who were refused. No call is sent more than twice.
//!
//! Two state machines decide all of it: events in, what is to be done out, no clock, no network and no `wx` of their own.
//! Whatever can be abandoned has a number that its answer brings back, so an answer that is late or comes twice is known
//! for what it is. A test visits every state that both machines can reach together in a small world of three calls, two
//! sign-ins, a login, a logout, an abort and an expiry, and checks the rules in each.
//!
//! | room | what is decided there |
//! |---|---|
//! | `session` | what a session is, when it is past its deadline, how it is stored |
//! | `flow` | the first machine: who may use which session, when to sign in, what a refusal means |
//! | `exchange` | the second: login code, exchange, retry or give up |
//! | `policy` | which URLs carry the session, which answers are a refusal |
//! | `client` | runs what the machines want done over `host`, all that the core needs of a mini program |
//! | `error` | every way to fail, in one table |
//!
//! The whole answer to "when is a session renewed?" is one table at the top of `src/flow.rs`.
//!
//! <!-- /design -->

pub mod client;
pub mod error;
pub mod exchange;
pub mod flow;
pub mod host;
pub mod policy;
pub mod session;
#[cfg(target_arch = "wasm32")]
pub mod wasm;
