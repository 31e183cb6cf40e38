//! The server over real HTTP, with the simulated WeChat behind it.

#![allow(clippy::unwrap_used)] // A test that cannot go on should say where.

mod bad_input;
mod binary;
mod common;
mod sessions;
mod sign_in;
mod trouble;
mod tutorial;
