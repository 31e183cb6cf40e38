//! What the reference reports to a service around it, so that the service can count and log.

use crate::identity::UserKey;
use crate::proof::Coverage;
use crate::sessions::error::SessionsError;
use crate::token::Version;

/// Hears of the session of every request, and of every sign-in.
pub trait Watch: Send + Sync + 'static {
    /// A request's session was looked up. `user` is the key of the session's user if the token is genuine.
    fn looked_up(&self, user: Option<UserKey>, found: Result<Coverage, &SessionsError>);

    /// A client was signed in, and got a token of this version.
    fn signed_in(&self, version: Version) {
        let _ = version;
    }
}

/// Watches nothing.
pub(crate) struct Unwatched;

impl Watch for Unwatched {
    fn looked_up(&self, _: Option<UserKey>, _: Result<Coverage, &SessionsError>) {}
}
