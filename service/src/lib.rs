//! The program `wxsession-server`: the reference backend of [`wxsession_server`], with everything that operating it
//! takes.
//!
//! A reader who wants to know
//! - how everything is put together: [`program`], [`Service`];
//! - which settings there are: [`config`];
//! - what clients can ask: [`Public`], and what the operator's own services can: [`Internal`];
//! - what becomes of WeChat's encrypted data and signatures: [`user_data`], [`signature`];
//! - how calls of WeChat's API are guarded against outages: [`wechat`], `guard`;
//! - how old clients are served that know another protocol: [`compat`];
//! - how the app's own user database says who a user is: [`accounts`];
//! - how all other requests reach the app's backend: [`upstream`];
//! - what operators see: [`health`], [`measures`];
//! - how long clients may take, how many may be connected at once and how often they may sign in:
//!   [`mod@serve`], [`edge`].

pub mod accounts;
mod check;
pub mod compat;
pub mod config;
mod counters;
pub mod edge;
mod finding;
mod guard;
pub mod health;
mod identity_headers;
mod internal;
mod log;
mod measured_store;
pub mod measures;
mod openapi;
mod opening;
pub mod program;
mod public;
mod requests;
pub mod serve;
mod service;
pub mod signature;
mod starting;
mod store_health;
pub mod upstream;
pub mod user_data;
pub mod wechat;

pub use finding::Finding;
pub use guard::BreakerState;
pub use health::Readiness;
pub use internal::{Internal, ProofTarget};
pub use measures::Measures;
pub use public::Public;
pub use serve::serve;
pub use service::{Service, ServiceError};
