//! The core of wxsession: sign-in and session upkeep for WeChat mini programs.
//!
//! A mini program has no cookies. The login code from `wx.login` is exchanged at the app's own server for
//! a session id, and every request after that carries the id in a header. This crate takes every decision
//! in that story; the shim in `js/` only carries calls to `wx` and back.
//!
//! | room | what is decided there |
//! |---|---|
//! | [`session`] | what a session is, when it is past its deadline, how it is stored |
//! | [`flow`] | who may use which session, when to sign in, what a refusal means |
//! | [`exchange`] | login code, exchange, retry or give up |
//! | [`policy`] | which URLs carry the session, which answers are a refusal |
//! | [`client`] | runs the effects of both machines over [`host::Host`] |
//! | [`error`] | every way to fail, in one table |
//!
//! [`flow`] and [`exchange`] are state machines: events in, effects out, no clock and no `wx` of their own.
//! Answers return as events that carry the number of the step they belong to, so one that is late is known
//! for what it is.

pub mod client;
pub mod error;
pub mod exchange;
pub mod flow;
pub mod host;
pub mod policy;
pub mod session;
#[cfg(target_arch = "wasm32")]
pub mod wasm;
