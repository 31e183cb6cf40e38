//! The stores: one contract for all of them, and Redis in trouble.

#![allow(clippy::unwrap_used)] // A test that cannot go on should say where.

mod contract;
mod redis;
mod rig;
