//! Accounts for `wxsession-server`: who somebody is who does not sign in as a WeChat user alone.
//!
//! A reader who wants to know
//! - which spellings are the same name, number or address: [`identifier`];
//! - which passwords may be chosen: [`password`], and what is kept of them: [`hashing`];
//! - which third parties may sign users in: [`provider`].

pub mod hashing;
pub mod identifier;
pub mod password;
pub mod provider;
