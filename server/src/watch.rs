//! What a service around the reference is told, so that it can count and log.

use crate::identity::UserKey;
use crate::sessions::SessionsError;

/// Is told what the sessions of requests turn out to be.
pub trait Watch: Send + Sync + 'static {
    /// A request presented a session, or none. `user` is whose session it would be, where the token is
    /// genuine.
    fn looked_up(&self, user: Option<UserKey>, found: Result<(), &SessionsError>);
}

/// Watches nothing.
pub(crate) struct Unwatched;

impl Watch for Unwatched {
    fn looked_up(&self, _: Option<UserKey>, _: Result<(), &SessionsError>) {}
}
