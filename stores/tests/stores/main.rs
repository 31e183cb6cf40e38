//! The stores: one contract for all, and tests of each alone.

#![allow(clippy::unwrap_used)] // A test that cannot go on should say where.

mod cluster;
mod contract;
mod redis;
mod replicated;
mod rig;
mod sessions;
mod tls;
