//! Who says who a user is: WeChat alone, this server, or the app's own user database by a hook that is asked at every
//! sign-in.

mod address;
mod answer;
mod asked;
mod authenticate;
mod built_in;
mod check;
mod error;
mod hook;

pub use self::address::{HookAddress, HookAddressError};
pub(crate) use self::built_in::{open, warn_of_unused};
pub use self::check::KnownUser;
pub use self::error::HookError;
pub use self::hook::AccountsHook;
use wxsession_accounts::Settings;

/// Who says who a user is.
#[derive(Clone, Debug)]
pub enum Authority {
    /// WeChat alone: everybody is a guest.
    WeChat,
    /// This server, which keeps accounts in the store of its sessions.
    BuiltIn(Box<Settings>),
    /// The app's own user database, by its hook.
    Hook(AccountsHook),
}

impl Authority {
    /// The name of its kind, for the log.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::WeChat => "none",
            Self::BuiltIn(_) => "built-in",
            Self::Hook(_) => "hook",
        }
    }
}
