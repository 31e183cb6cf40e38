//! An awaitable session for WeChat mini programs written in Rust.
//!
//! Such a program is a WebAssembly module of its own, made with wasm-bindgen, and this crate is a library in it. The
//! rules are those of the npm package `wxsession`, because the state machines are the same: one sign-in for many
//! callers, one retry after a refusal, the session to trusted origins only. It needs the globals `wx`, `setTimeout` and
//! `clearTimeout`. Whatever these return or throw, nothing here panics or throws.
//!
//! ```no_run,standalone_crate
//! use wasm_bindgen::JsValue;
//! use wxsession_async::{ErrorCode, Error, Options, Request, Session};
//!
//! async fn products(session: &Session) -> Result<JsValue, Error> {
//!     let request = Request::get("https://api.example.com/products");
//!     let answer = session.request(&request).await?;
//!     Ok(answer.body())
//! }
//!
//! # async fn program() -> Result<(), Error> {
//! // One for the whole program.
//! let session = Session::new(Options::new("https://api.example.com/wx/onlogin"))?;
//! match products(&session).await {
//!     // Another device signed in. This one signs in again only when the user asks for it.
//!     Err(error) if error.code == ErrorCode::SessionReplaced => session.login().await?,
//!     other => drop(other?),
//! }
//! session.logout().await;
//! # Ok(())
//! # }
//! ```
//!
//! # Signed requests
//!
//! With the feature `signed` and the option of that name, a sign-in asks the server for a key, and each request that carries the
//! session proves it: an id that somebody reads in a log is of no use without the key, and a captured request can be neither
//! altered nor sent again. It does not stop the phone's owner, or anyone who saw the sign-in itself. The rules are those of
//! `wxsession/signed` in the npm package, and a server that gives no key is called as before. The three headers
//! `Content-Digest`, `Signature-Input` and `Signature` belong to the signature. The answers 403 `proof_missing`,
//! `proof_invalid` and `proof_replayed` reach the caller and start no sign-in; after `proof_late` the request is sent once
//! more, by the server's clock.
//!
//! # Inside
//!
//! Calls of `wx` become promises: JavaScript may settle a promise late, twice or never, and no closure of this crate can
//! be called after its owner is gone. Answers of the state machines arrive through wakers, as they never leave Rust. In
//! both cases the caller continues in a later turn, when the answer may no longer hold: so it checks, and asks again if
//! it must.

mod answer;
mod credentials;
mod error;
mod host;
mod options;
mod redact;
mod request;
mod said;
mod session;
#[cfg(feature = "signed")]
mod signing;
#[cfg(not(feature = "signed"))]
#[path = "unsigned.rs"]
mod signing;
mod storage_key;
mod tickets;
mod timer;
mod wx;

pub use wxsession::error::ErrorCode;
pub use wxsession::flow::Phase;

pub use self::answer::Answer;
pub use self::credentials::Credentials;
pub use self::error::{Cause, Error};
pub use self::options::Options;
pub use self::request::Request;
pub use self::session::Session;
