//! The simulated WeChat over real HTTP.

#![allow(clippy::unwrap_used)] // A test that cannot go on should say where.

mod exchange;
mod faults;
mod phone;
mod phone_number;
mod user_data;
