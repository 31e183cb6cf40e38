//! What is only for tests of the whole client.

pub(crate) mod mini_program;
mod reachable;
mod schedules;
