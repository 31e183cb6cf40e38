//! The session of a request: as an axum extractor, and as a tower layer for any other service.

use std::pin::Pin;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Request, Response};
use axum::response::IntoResponse;
use tower_http::auth::{AsyncAuthorizeRequest, AsyncRequireAuthorizationLayer};

use crate::problem::HttpProblem;
use crate::proof::{Asked, Coverage, Judged};
use crate::sessions::{Sessions, SessionsError};
use crate::token::{Genuine, Token};

/// The live session that a request presents.
///
/// An axum handler takes it as an argument if the router's state has [`Sessions`]. A request without a live session
/// is refused. Behind [`Sessions::layer`] the session is already verified, and is in the request's extensions.
///
/// What is signed is the path as the client sent it, and a router that is nested in another one sees less of it: put the layer
/// around the outer one.
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
    /// How much of the request is signed. Where it is [`Coverage::Body`], compare the header `Content-Digest` with the body.
    pub proof: Coverage,
}

/// Lets only requests with a live session through, with a [`Session`] in their extensions.
pub type SessionLayer = AsyncRequireAuthorizationLayer<Gate>;

/// Decides for [`SessionLayer`].
#[derive(Clone, Debug)]
pub struct Gate(Sessions);

impl Session {
    /// Returns the live session that a request presents, and moves its idle deadline where that is due. One read.
    ///
    /// Behind a proxy that rewrites paths, say by [`Asked::new`] what the client asked for.
    ///
    /// # Errors
    /// There is no session, it has ended, it does not count in this request, or the store does not answer.
    pub fn of<'a>(
        asked: impl Into<Asked<'a>>,
        sessions: &Sessions,
    ) -> impl Future<Output = Result<Self, SessionsError>> + Send {
        let found = Self::judged(asked.into(), sessions);
        async move { Ok(found.await?.0) }
    }

    fn judged(
        asked: Asked<'_>,
        sessions: &Sessions,
    ) -> impl Future<Output = Result<(Self, Judged), SessionsError>> + Send {
        let genuine = asked.genuine(sessions);
        let user = genuine.as_ref().ok().map(Genuine::user);
        let judged = genuine.and_then(|genuine| sessions.judge(genuine, asked));
        async move {
            let found = async {
                let judged = judged?;
                Ok((Self::found(judged, sessions).await?, judged.seen()))
            };
            let found = found.await;
            sessions.report(user, found.as_ref().map(|(session, _)| session.proof));
            found
        }
    }

    /// Returns the live session whose token a trusted backend passes on: see [`Sessions::vouched`].
    ///
    /// # Errors
    /// There is no session, it has ended, or the store does not answer.
    pub async fn vouched(headers: &HeaderMap, sessions: &Sessions) -> Result<Self, SessionsError> {
        let token = sessions.vouched_in(headers);
        let user = token.as_ref().ok().map(Token::user);
        let session = async { Self::found(Judged::vouched(token?), sessions).await }.await;
        sessions.report(user, session.as_ref().map(|session| session.proof));
        session
    }

    async fn found(judged: Judged, sessions: &Sessions) -> Result<Self, SessionsError> {
        let verified = sessions
            .verify_once(judged.token, judged.unrepeated)
            .await?;
        if verified.touch_due {
            sessions.touch_soon(judged.token);
        }
        Ok(Self {
            user: verified.user,
            appid: verified.identity.appid,
            openid: verified.identity.openid,
            unionid: verified.identity.unionid,
            expires_in: Duration::from_millis(verified.remaining),
            proof: judged.coverage,
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
        let sessions = Sessions::from_ref(state);
        let (session, judged) = Self::judged((&*parts).into(), &sessions).await?;
        judged.tell(parts);
        Ok(session)
    }
}

impl Sessions {
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
        Box::pin(async move {
            // The request's body need not be shared between threads.
            let judged = Session::judged((&request).into(), &sessions);
            match judged.await {
                Ok((session, judged)) => {
                    let is_told = judged.is_worth_telling(request.headers());
                    let extensions = request.extensions_mut();
                    is_told.then(|| extensions.insert(judged));
                    extensions.insert(session);
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
            .field("proof", &self.proof)
            .finish_non_exhaustive()
    }
}
