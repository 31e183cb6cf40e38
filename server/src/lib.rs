//! The reference backend of wxsession, as a library: exchanges login codes of WeChat mini programs for
//! sessions, keeps the sessions and verifies them.
//!
//! A reader who wants to know
//! - when a session ends, and what its client is told: [`user`], where every rule is;
//! - what a session id is made of: [`token`], [`ring`];
//! - when a session id counts that somebody presents, and when its requests must be signed: [`proof`];
//! - what becomes of WeChat's session_key: [`session_key`], [`seal`];
//! - how a rule meets the store: [`sessions`], [`store`], and what a store must do: `contract`;
//! - what happens between a login code and a session: [`sign_in`], [`wechat`];
//! - who somebody is besides a WeChat user: [`accounts`], and what is kept of them: [`user`];
//! - what is answered: [`Backend`], [`HttpProblem`];
//! - how a route of one's own takes the session: [`Session`].
//!
//! The library counts nothing, retries nothing and limits nobody: a service puts that around it, as layers of
//! its routes, of [`wechat::Exchange`] and of [`store::Store`], and by a [`Watch`], as `wxsession-service` does.
//! Slow clients, headers and connections too are limited only by the server or proxy in front.

pub mod accounts;
mod backend;
pub mod body;
mod builder;
#[cfg(any(test, feature = "contract"))]
pub mod contract;
pub mod identity;
pub mod once_a_minute;
mod problem;
pub mod proof;
pub mod random;
mod replays;
pub mod ring;
pub mod seal;
mod session;
pub mod session_key;
pub mod sessions;
pub mod sign_in;
pub mod store;
pub mod token;
pub mod user;
mod watch;
pub mod wechat;

pub use backend::Backend;
pub use builder::Builder;
pub use identity::Identity;
pub use problem::HttpProblem;
pub use proof::{Asked, Coverage, ProofPolicy};
pub use session::{Gate, Session, SessionLayer};
pub use sessions::Sessions;
pub use watch::Watch;
