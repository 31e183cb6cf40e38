//! Accounts beside their sessions over real HTTP, with a store whose clock the tests move.

#![allow(clippy::unwrap_used)] // A test that cannot go on should say where.

mod account;
mod bad_input;
mod identities;
mod rig;
mod sessions;
mod sign_in;
mod signed;
