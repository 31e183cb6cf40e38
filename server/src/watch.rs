//! What the reference reports to a service around it, so that the service can count and log.

use crate::identity::UserKey;
use crate::sessions::error::SessionsError;

/// Hears of the session of every request.
pub trait Watch: Send + Sync + 'static {
    /// A request's session was looked up. `user` is the key of the session's user if the token is genuine.
    fn looked_up(&self, user: Option<UserKey>, found: Result<(), &SessionsError>);
}

/// Watches nothing.
pub(crate) struct Unwatched;

impl Watch for Unwatched {
    fn looked_up(&self, _: Option<UserKey>, _: Result<(), &SessionsError>) {}
}
