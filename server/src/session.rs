//! The session of a request: as an axum extractor, and as a tower layer for any other service.

use std::error::Error;
use std::pin::Pin;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Request, Response};
use axum::response::IntoResponse;
use tower_http::auth::{AsyncAuthorizeRequest, AsyncRequireAuthorizationLayer};
use wxsession_protocol::SESSION_HEADER;

use crate::problem::HttpProblem;
use crate::sessions::{Sessions, SessionsError};
use crate::token::Token;

/// The live session that a request presents.
///
/// As an argument of an axum handler it is verified where the router's state has [`Sessions`], and a
/// request without a live one is answered with its refusal. Behind [`Sessions::layer`] it has been verified
/// already, and is in the request's extensions.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// The mini program.
    pub appid: String,
    /// The user, in this mini program.
    pub openid: String,
    /// The user, over all apps of the same owner, where WeChat tells it.
    pub unionid: Option<String>,
    /// The time to the session's absolute deadline.
    pub expires_in: Duration,
}

/// Lets only requests with a live session through, with a [`Session`] in their extensions.
pub type SessionLayer = AsyncRequireAuthorizationLayer<Gate>;

/// What [`SessionLayer`] asks.
#[derive(Clone, Debug)]
pub struct Gate(Sessions);

impl Session {
    /// The session in these headers, if it lives. Its idle deadline is moved where that is due.
    ///
    /// # Errors
    /// There is none, it has ended, or the store does not answer.
    pub async fn of(headers: &HeaderMap, sessions: &Sessions) -> Result<Self, SessionsError> {
        Self::opened_by(sessions.presented(headers), sessions).await
    }

    async fn opened_by(
        token: Result<Token, SessionsError>,
        sessions: &Sessions,
    ) -> Result<Self, SessionsError> {
        let user = token.as_ref().ok().map(Token::user);
        let session = async { Self::found(token?, sessions).await }.await;
        let found = session.as_ref().map(|_| ());
        sessions.watch.looked_up(user, found);
        session
    }

    async fn found(token: Token, sessions: &Sessions) -> Result<Self, SessionsError> {
        let verified = sessions.verify(token).await?;
        if verified.touch_due {
            let sessions = sessions.clone();
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
            appid: verified.identity.appid,
            openid: verified.identity.openid,
            unionid: verified.identity.unionid,
            expires_in: Duration::from_millis(verified.remaining),
        })
    }
}

impl<S> FromRequestParts<S> for Session
where
    S: Send + Sync,
    Sessions: FromRef<S>,
{
    type Rejection = HttpProblem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpProblem> {
        if let Some(verified) = parts.extensions.get::<Self>() {
            return Ok(verified.clone());
        }
        Ok(Self::of(&parts.headers, &Sessions::from_ref(state)).await?)
    }
}

impl Sessions {
    /// The genuine token in a request's header, whether its session lives or not. Of two values none counts:
    /// a proxy in front of this server may have judged by the other.
    ///
    /// # Errors
    /// There is none, or it is forged.
    pub fn presented(&self, headers: &HeaderMap) -> Result<Token, SessionsError> {
        let mut values = headers.get_all(SESSION_HEADER).iter();
        match (values.next(), values.next()) {
            (Some(value), None) => self.authenticate(value.as_bytes()),
            _ => Err(SessionsError::Missing),
        }
    }

    /// A tower layer: only requests with a live session get through, with a [`Session`] in their
    /// extensions. Others are answered with their refusal.
    pub fn layer(&self) -> SessionLayer {
        AsyncRequireAuthorizationLayer::new(Gate(self.clone()))
    }
}

impl<B: Send + 'static> AsyncAuthorizeRequest<B> for Gate {
    type RequestBody = B;
    type ResponseBody = Body;
    type Future = Pin<Box<dyn Future<Output = Result<Request<B>, Response<Body>>> + Send>>;

    fn authorize(&mut self, mut request: Request<B>) -> Self::Future {
        let sessions = self.0.clone();
        let token = sessions.presented(request.headers());
        Box::pin(async move {
            match Session::opened_by(token, &sessions).await {
                Ok(session) => {
                    request.extensions_mut().insert(session);
                    Ok(request)
                }
                Err(error) => Err(HttpProblem::from(error).into_response()),
            }
        })
    }
}

impl std::fmt::Debug for Session {
    /// Says nothing of who it is: what is logged is kept.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Session")
            .field("appid", &self.appid)
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}
