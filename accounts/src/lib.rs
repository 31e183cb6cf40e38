//! Accounts for `wxsession-server`: who somebody is who does not sign in as a WeChat user alone.
//!
//! A reader who wants to know
//! - which third parties may sign users in: [`provider`].

pub mod provider;
