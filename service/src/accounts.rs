//! Who says who a user is: WeChat alone, or the app's own user database by a hook that is asked at every sign-in.

mod address;
mod answer;
mod asked;
mod authenticate;
mod check;
mod error;
mod hook;

pub use self::address::{HookAddress, HookAddressError};
pub use self::check::Finding;
pub use self::error::HookError;
pub use self::hook::AccountsHook;

/// Who says who a user is.
#[derive(Clone, Debug)]
pub enum Authority {
    /// WeChat alone: everybody is a guest.
    WeChat,
    /// The app's own user database, by its hook.
    Hook(AccountsHook),
}
