//! Tests of the whole client, and what they share.

pub(crate) mod mini_program;
mod reachable;
mod schedules;
