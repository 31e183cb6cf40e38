//! Accounts for `wxsession-server`: who somebody is who does not sign in as a WeChat user alone.
//!
//! A reader who wants to know
//! - which spellings are the same name, number or address: [`identifier`];
//! - which passwords may be chosen: [`password`], and what is kept of them: [`hashing`];
//! - which third parties may sign users in: [`provider`];
//! - when an id_token of a third party counts: [`oidc`];
//! - how a third party signs users in without a page: [`device`];
//! - how other people's servers are called: [`web`].

pub mod device;
pub mod hashing;
pub mod identifier;
pub mod oidc;
pub mod password;
pub mod provider;
mod sealed;
pub mod web;
