//! A stand-in for a third party that signs users in: OpenID Connect's documents and tokens, the device flow, and the
//! faults of both.
//!
//! ```
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! use wxsession_provider::{FakeProvider, Signing};
//!
//! let school = FakeProvider::serve().await?;
//! let claims = school.claims("li.na", "wxsession", "a nonce");
//! let id_token = school.sign(Signing::Es256, &claims);
//! // … send it to a server with `--provider school={issuer},wxsession` …
//! # let _ = (school.issuer(), id_token);
//! # std::io::Result::Ok(()) }).unwrap();
//! ```
//!
//! Not for production: anybody who reaches it can be anybody.

mod documents;
mod fake;
mod flows;
mod http;
mod token;

pub use fake::{Calls, FakeProvider, Fault};
pub use flows::Decision;
pub use token::Signing;
