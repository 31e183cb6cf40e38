//! A stand-in for WeChat's sign-in API that follows the real rules.
//!
//! `GET /sns/jscode2session` answers as WeChat does: always with HTTP 200, with failures as an `errcode` in the body, and
//! with codes that work once, for five minutes. `stable_token`, `getuserphonenumber` and encrypted user data follow
//! WeChat's rules too. Tests play the rest through [`FakeWeChat`], or from another process over HTTP under
//! `/simulator/…`: they sign a user in, delay or drop answers, or move the clock.
//!
//! ```
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! use wxsession_simulator::{App, FakeWeChat, Fault, Faults, Outcome, serve};
//!
//! let wechat = FakeWeChat::new([App::simulated()]);
//! let (url, _serving) = serve(wechat.clone()).await?;
//! let code = wechat.login(&App::simulated().appid, "alice");
//! // … exchange the code at `{url}/sns/jscode2session` …
//! wechat.faults(Faults::next([Fault::Busy; 2]));
//! assert_eq!(wechat.counts().of(Outcome::SignedIn), 0);
//! # let _ = (url, code);
//! # std::io::Result::Ok(()) }).unwrap();
//! ```

mod connection;
mod controls;
mod exchange;
mod fake;
mod faults;
mod http;
mod identity;
mod ledger;
mod outcome;
mod phone_number;
mod serve;
mod token;
mod user_data;

pub use exchange::Exchange;
pub use fake::{App, FakeWeChat, Settings};
pub use faults::{Call, Fault, Faults};
pub use http::router;
pub use ledger::{Counts, User};
pub use outcome::{Account, Outcome};
pub use phone_number::{PhoneNumber, Watermark};
pub use serve::{serve, serve_on};
pub use token::{AccessToken, TokenRequest};
pub use user_data::UserData;
