//! The session of a request, as an axum extractor.

use std::error::Error;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use wxsession_protocol::SESSION_HEADER;

use crate::problem::Failure;
use crate::sessions::{Sessions, SessionsError};
use crate::token::Token;
use crate::user::Identity;

/// The live session that a request presents; a request without one is answered with its refusal.
#[derive(Debug)]
pub struct Session {
    /// Who asks.
    pub identity: Identity,
    /// Seconds to the session's absolute deadline.
    pub expires_in: u64,
}

impl<S> FromRequestParts<S> for Session
where
    S: Send + Sync,
    Sessions: FromRef<S>,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let sessions = Sessions::from_ref(state);
        let token = presented(&sessions, &parts.headers)?;
        let verified = sessions.verify(token).await?;
        if verified.touch_due {
            // In a task of its own: the answer does not wait for it.
            tokio::spawn(async move {
                if let Err(error) = sessions.touch(token).await {
                    tracing::warn!(
                        error = &error as &dyn Error,
                        "a session's idle deadline could not be moved"
                    );
                }
            });
        }
        Ok(Self {
            identity: verified.identity,
            expires_in: verified.remaining / 1000,
        })
    }
}

/// The authentic token in a request's header, whether its session lives or not. Of two values none counts:
/// whoever stands before this server may have judged by the other.
pub(crate) fn presented(sessions: &Sessions, headers: &HeaderMap) -> Result<Token, SessionsError> {
    let mut values = headers.get_all(SESSION_HEADER).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => sessions.authenticate(value.as_bytes()),
        _ => Err(SessionsError::Missing),
    }
}
