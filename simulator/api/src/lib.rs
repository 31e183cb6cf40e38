//! A stand-in for WeChat's sign-in API, with the rules of the real one.
//!
//! `GET /sns/jscode2session` answers as WeChat does: always HTTP 200, a failure told by `errcode` in the
//! body, codes that work once and for five minutes. `stable_token` and `getuserphonenumber` stand beside it,
//! and what WeChat encrypts for a server can be had. What WeChat's own machinery does on a phone and in
//! its data centres is played through [`WeChat`] or, from another process, over HTTP under
//! `/simulator/…`: signing a user in, slowing answers down, losing them, letting time pass.
//!
//! ```
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! use wxsession_simulator::{App, Fault, Faults, Outcome, WeChat, serve};
//!
//! let wechat = WeChat::new([App::simulated()]);
//! let (url, _serving) = serve(wechat.clone()).await?;
//! let code = wechat.login(&App::simulated().appid, "alice");
//! // … exchange the code at `{url}/sns/jscode2session` …
//! wechat.faults(Faults::next([Fault::Busy; 2]));
//! assert_eq!(wechat.counts().of(Outcome::SignedIn), 0);
//! # let _ = (url, code);
//! # std::io::Result::Ok(()) }).unwrap();
//! ```

mod answer;
mod controls;
mod exchange;
mod faults;
mod http;
mod identity;
mod ledger;
mod listener;
mod phone_number;
mod token;
mod user_data;
mod wechat;

pub use answer::{Account, Outcome};
pub use exchange::Exchange;
pub use faults::{Call, Fault, Faults};
pub use http::router;
pub use ledger::Counts;
pub use listener::{serve, serve_on};
pub use phone_number::{PhoneNumber, Watermark};
pub use token::{AccessToken, TokenRequest};
pub use user_data::UserData;
pub use wechat::{App, Settings, User, WeChat};
