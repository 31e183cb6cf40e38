//! Third parties over real HTTP: a provider with its faults on a loopback port.

#![allow(clippy::unwrap_used)] // A test that cannot go on should say where.

mod common;
mod device;
mod oidc;
