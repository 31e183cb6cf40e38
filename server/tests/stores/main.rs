//! The stores: one contract for all of them, and Redis in trouble.

#![allow(clippy::unwrap_used)] // A test that cannot go on should say where.

mod cluster;
// What the tests of the server have in common; not all of it is needed here.
#[allow(dead_code)]
#[path = "../http/common.rs"]
mod common;
mod contract;
mod faults;
#[allow(dead_code)]
#[path = "../http/program.rs"]
mod program;
mod redis;
mod rig;
mod tls;
