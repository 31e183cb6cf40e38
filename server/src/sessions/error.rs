//! Why an operation on a session fails.

use crate::proof::ProofError;
use crate::random::NoRandomness;
use crate::store::StoreError;
use crate::user::{Blocked, Refusal};

/// Why an operation on a session failed.
#[derive(Debug, thiserror::Error)]
pub enum SessionsError {
    /// The client presented no token, or one that this server did not make.
    #[error("no session id, or a forged one")]
    Missing,
    /// The token is genuine, and does not count in this request.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// More signed requests came than can be remembered.
    #[error("more signed requests than can be remembered")]
    Crowded,
    /// The session is not alive.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The user may not sign in.
    #[error(transparent)]
    Blocked(#[from] Blocked),
    /// The WeChat user has an account now, and is no guest.
    #[error("the WeChat user was linked to an account meanwhile")]
    Linked,
    /// What the accounts said of this sign-in no longer holds.
    #[error("the account changed during the sign-in")]
    Closed,
    /// The mini program is not one of this server's.
    #[error("the mini program is not one of this server's")]
    UnknownApp,
    /// The store did not answer, which says nothing about the session.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The operating system gives no random bytes for a token or a seal.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}
