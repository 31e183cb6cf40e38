//! Calls of WeChat's API: a login code for the user's identity, a phone code for the user's number. Each kind of call of
//! each mini program has a guard of its own, so that trouble with one does not spread.

mod access_token;
mod guarded;
mod phone_number;

pub use self::guarded::GuardedWeChat;
pub use self::phone_number::{PhoneNumber, phone_number};
