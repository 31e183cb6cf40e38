//! Accounts for `wxsession-server`: who somebody is who does not sign in as a WeChat user alone.
//!
//! A reader who wants to know
//! - which spellings are the same name, number or address: [`identifier`];
//! - which passwords may be chosen: [`password`], and what is kept of them: [`hashing`];
//! - what a server with accounts of its own is: [`built_in`], and by which routes users see and change theirs: [`routes`];
//! - what happens at a sign-in: [`sign_in`];
//! - where an identity leads: [`directory`];
//! - what is kept of an account, and every rule about it: [`account`];
//! - when an identity counts for an account: [`mod@pointer`], and how it comes to: [`link`];
//! - which third parties may sign users in: [`provider`];
//! - when an id_token of a third party counts: [`oidc`];
//! - how a third party signs users in without a page: [`device`];
//! - how a code proves a phone number or an address: [`challenge`], [`deliver`];
//! - how WeChat's own phone numbers count: [`phone`];
//! - what the app's backend is told: [`events`], [`hook`];
//! - how often somebody may guess: [`limits`], and how often other things may happen: [`tally`];
//! - what a dump of the store tells: [`keys`], [`sealed`];
//! - how other people's servers are called: [`web`].

pub mod account;
mod books;
pub mod built_in;
pub mod challenge;
pub mod deliver;
pub mod device;
pub mod directory;
pub mod events;
pub mod hashing;
pub mod hook;
pub mod identifier;
mod keyed;
pub mod keys;
pub mod limits;
pub mod link;
pub mod oidc;
pub mod password;
pub mod phone;
pub mod pointer;
mod problems;
mod proofs;
pub mod provider;
pub mod routes;
pub mod sealed;
pub mod sign_in;
pub mod tally;
pub mod web;

pub use built_in::{BuiltIn, Foundation, Settings};
