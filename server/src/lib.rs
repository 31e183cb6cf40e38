//! The reference backend of wxsession: exchanges login codes of WeChat mini programs for sessions, keeps
//! the sessions and verifies them.
//!
//! A reader who wants to know
//! - when a session ends, and what its client is told: [`user`], where every rule is;
//! - what a session id is made of: [`token`];
//! - what becomes of WeChat's session_key: [`session_key`], [`user_data`], [`seal`];
//! - how a rule meets the store: [`sessions`], [`store`];
//! - what happens between a login code and a session: [`sign_in`], [`wechat`];
//! - what is answered: [`app`], [`problem`]; and to the operator's own services: [`internal`];
//! - what operators see: [`health`], [`measures`];
//! - how long clients may take, how many may be there at once and how often they may sign in:
//!   [`mod@serve`], [`edge`].

mod alarm;
pub mod app;
mod body;
pub mod config;
pub mod edge;
pub mod health;
pub mod internal;
pub mod measures;
mod openapi;
mod private;
pub mod problem;
mod products;
pub mod random;
mod requests;
pub mod ring;
pub mod seal;
pub mod serve;
pub mod session;
pub mod session_key;
pub mod sessions;
pub mod sign_in;
pub mod store;
pub mod token;
pub mod user;
pub mod user_data;
pub mod wechat;

pub use app::App;
pub use health::Readiness;
pub use internal::Internal;
pub use measures::Measures;
pub use serve::serve;
pub use session::{Session, SessionLayer};
pub use sessions::Sessions;
