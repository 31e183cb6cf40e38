//! The routes of the wire contract: HTTP in, sessions out.

use std::sync::Arc;

use axum::extract::{FromRef, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use wxsession_protocol::{
    Alive, ProblemCode, SESSION_PATH, SIGN_IN_PATH, SIGN_OUT_PATH, SignIn, SignedIn,
};

use crate::body;
use crate::problem::HttpProblem;
use crate::session::Session;
use crate::sessions::Sessions;
use crate::sign_in::SignIns;
use crate::wechat::{Exchange, LoginCode};

/// Signs users in and keeps their sessions. Its clones share everything.
#[derive(Clone, Debug)]
pub struct Backend {
    sessions: Sessions,
    sign_ins: Arc<SignIns>,
}

impl Backend {
    pub(crate) fn assemble(sessions: Sessions, wechat: Arc<dyn Exchange>) -> Self {
        let sign_ins = Arc::new(SignIns::new(wechat, sessions.clone()));
        Self { sessions, sign_ins }
    }

    /// The sessions behind the routes, as the state of a service's own routes.
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// The routes of the contract, for a service that has routes of its own beside them.
    pub fn routes(&self) -> Router {
        let sign_in = post(sign_in_by_body)
            .get(sign_in_by_query)
            // Otherwise a HEAD would run the GET and use up a code.
            .head(sign_in_by_another_method)
            .fallback(sign_in_by_another_method);
        Router::new()
            .route(SIGN_IN_PATH, sign_in)
            .route(SIGN_OUT_PATH, post(sign_out))
            .route(SESSION_PATH, get(alive))
            .method_not_allowed_fallback(async || HttpProblem::new(ProblemCode::MethodNotAllowed))
            .layer(map_response(uncached))
            .with_state(self.clone())
    }

    async fn sign_in(
        &self,
        headers: &HeaderMap,
        code: &str,
        appid: Option<&str>,
    ) -> Result<Json<SignedIn>, HttpProblem> {
        let code = LoginCode::parse(code).ok_or_else(|| {
            let detail = "`code` is not a login code; send what wx.login gave as it is";
            HttpProblem::because(ProblemCode::BadRequest, detail)
        })?;
        let presented = self.sessions.presented(headers).ok();
        let issued = self.sign_ins.sign_in(appid, code, presented).await?;
        Ok(Json(SignedIn {
            sessionid: issued.token.reveal(),
            expires_in: issued.remaining / 1000,
        }))
    }
}

impl FromRef<Backend> for Sessions {
    fn from_ref(backend: &Backend) -> Self {
        backend.sessions.clone()
    }
}

async fn sign_in_by_body(
    State(backend): State<Backend>,
    request: Request,
) -> Result<Json<SignedIn>, HttpProblem> {
    let headers = request.headers().clone();
    let body = body::read(request).await?;
    let ask: SignIn<'_> = body::parse(&body, "a string `code` and, if any, a string `appid`")?;
    backend
        .sign_in(&headers, &ask.code, ask.appid.as_deref())
        .await
}

async fn sign_in_by_query(
    State(backend): State<Backend>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Json<SignedIn>, HttpProblem> {
    let query = query.unwrap_or_default();
    let code = parameter(&query, "code").ok_or_else(|| {
        HttpProblem::because(ProblemCode::BadRequest, "`code` is missing in the query")
    })?;
    backend
        .sign_in(&headers, &code, parameter(&query, "appid").as_deref())
        .await
}

async fn sign_in_by_another_method() -> Response {
    let allow = [(header::ALLOW, HeaderValue::from_static("GET,POST"))];
    (allow, HttpProblem::new(ProblemCode::MethodNotAllowed)).into_response()
}

async fn alive(session: Session) -> Json<Alive> {
    Json(Alive {
        expires_in: session.expires_in.as_secs(),
    })
}

/// Every answer is about a session, so no cache may keep it.
async fn uncached(mut response: Response) -> Response {
    let no_store = HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, no_store);
    response
}

/// Ending a session that has already ended succeeds; ending other sessions takes a live one.
async fn sign_out(
    State(sessions): State<Sessions>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<StatusCode, HttpProblem> {
    let query = query.unwrap_or_default();
    let (all, others) = (flag(&query, "all")?, flag(&query, "others")?);
    let token = sessions.presented(&headers)?;
    match (all, others) {
        (false, false) => sessions.end(token).await?,
        (false, true) => sessions.end_others(token).await?,
        // All includes the others.
        (true, _) => sessions.end_all(token).await?,
    }
    Ok(StatusCode::NO_CONTENT)
}

fn parameter(query: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// A switch in the query. A misspelt value is refused, since the client may have meant to end every session.
fn flag(query: &str, name: &'static str) -> Result<bool, HttpProblem> {
    match parameter(query, name).as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => {
            let detail = format!("`{name}` must be true or false");
            Err(HttpProblem::because(ProblemCode::BadRequest, detail))
        }
    }
}
