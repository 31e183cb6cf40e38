//! The session of a request: as an axum extractor, and as a tower layer for any other service.

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
/// An axum handler takes it as an argument if the router's state has [`Sessions`]. A request without a live session
/// is refused. Behind [`Sessions::layer`] the session is already verified, and is in the request's extensions.
///
/// ```
/// use axum::Router;
/// use axum::routing::get;
/// use wxsession_server::{Session, Sessions};
///
/// fn orders(sessions: Sessions) -> Router {
///     let orders = async |session: Session| format!("orders of {}", session.openid);
///     Router::new().route("/orders", get(orders)).with_state(sessions)
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// The user: one of an account, or a guest, who is nothing but a WeChat user.
    pub user: String,
    /// The mini program.
    pub appid: String,
    /// The WeChat user who holds the phone, within this mini program.
    pub openid: String,
    /// The same across all apps of the same owner, where WeChat tells it.
    pub unionid: Option<String>,
    /// The time to the session's absolute deadline.
    pub expires_in: Duration,
}

/// Lets only requests with a live session through, with a [`Session`] in their extensions.
pub type SessionLayer = AsyncRequireAuthorizationLayer<Gate>;

/// Decides for [`SessionLayer`].
#[derive(Clone, Debug)]
pub struct Gate(Sessions);

impl Session {
    /// Returns the live session in these headers, and moves its idle deadline where that is due.
    ///
    /// # Errors
    /// There is no session, it has ended, or the store does not answer.
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
        sessions.report(user, found);
        session
    }

    async fn found(token: Token, sessions: &Sessions) -> Result<Self, SessionsError> {
        let verified = sessions.verify(token).await?;
        if verified.touch_due {
            sessions.touch_soon(token);
        }
        Ok(Self {
            user: verified.user,
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
    /// Returns the genuine token in a request's header, whether its session is alive or not. If the header comes
    /// twice, neither counts: a proxy in front of this server may have judged by the other.
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

    /// A tower layer that lets only requests with a live session through, with a [`Session`] in their extensions,
    /// and refuses all others.
    ///
    /// ```
    /// use axum::routing::get;
    /// use axum::{Extension, Router};
    /// use wxsession_server::{Session, Sessions};
    ///
    /// fn orders(sessions: &Sessions) -> Router {
    ///     let orders = async |Extension(session): Extension<Session>| session.openid;
    ///     Router::new().route("/orders", get(orders)).layer(sessions.layer())
    /// }
    /// ```
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
    /// Does not name the user: logs are kept.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Session")
            .field("appid", &self.appid)
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}
