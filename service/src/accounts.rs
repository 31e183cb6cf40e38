//! Who somebody is, by the app's own user database: a hook that is to be asked at every sign-in.
//!
//! Only [`AccountsHook::check`] asks it so far: sign-ins are still those of WeChat users alone, and no setting names a hook.

mod address;
mod answer;
mod asked;
mod check;
mod error;
mod hook;

pub use self::address::{HookAddress, HookAddressError};
pub use self::check::Finding;
pub use self::error::HookError;
pub use self::hook::AccountsHook;
