//! The routes of the wire contract: HTTP in, sessions out.

use std::sync::Arc;

use axum::extract::{FromRef, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use wxsession_protocol::{
    Alive, PRODUCTS_PATH, ProblemCode, SESSION_PATH, SIGN_IN_PATH, SIGN_OUT_PATH, SignIn, SignedIn,
};

use crate::body;
use crate::edge::{self, SignInLimit};
use crate::health::{self, Readiness};
use crate::measures::SignInCounters;
use crate::openapi;
use crate::problem::Failure;
use crate::products;
use crate::requests;
use crate::session::{Session, presented};
use crate::sessions::Sessions;
use crate::sign_in::SignIns;
use crate::wechat::{Code, WeChat};

/// What the routes work with.
#[derive(Clone, Debug)]
pub struct App {
    sessions: Sessions,
    sign_ins: Arc<SignIns>,
    limit: Option<SignInLimit>,
    readiness: Readiness,
}

impl App {
    /// An app that keeps its users' sessions here and asks WeChat there.
    pub fn new(sessions: Sessions, wechat: WeChat) -> Self {
        let sign_ins = Arc::new(SignIns::new(wechat, sessions.clone()));
        Self {
            sessions,
            sign_ins,
            limit: None,
            readiness: Readiness::default(),
        }
    }

    /// With a limit to how often a client may sign in.
    pub fn limit_sign_ins(mut self, limit: SignInLimit) -> Self {
        self.limit = Some(limit);
        self
    }

    /// With this to tell balancers whether the server is ready.
    pub fn ready_until(mut self, readiness: Readiness) -> Self {
        self.readiness = readiness;
        self
    }

    /// The routes of the contract, for a service that has routes of its own beside them.
    pub fn routes(self) -> Router {
        let mut sign_in = post(sign_in_by_body).get(sign_in_by_query);
        if let Some(limit) = self.limit.clone() {
            let check = middleware::from_fn_with_state(limit, SignInLimit::check);
            sign_in = sign_in.route_layer(check);
        }
        let sign_in = sign_in
            // Without these a HEAD would run the GET, and use up a code.
            .head(sign_in_by_another_method)
            .fallback(sign_in_by_another_method)
            .layer(middleware::from_fn_with_state(SignInCounters::new(), count));
        Router::new()
            .route(SIGN_IN_PATH, sign_in)
            .route(SIGN_OUT_PATH, post(sign_out))
            .route(SESSION_PATH, get(alive))
            .method_not_allowed_fallback(async || Failure::new(ProblemCode::MethodNotAllowed))
            .layer(middleware::from_fn(edge::guard))
            .with_state(self)
    }

    /// The whole service: the routes of the contract, the sample, what balancers ask, and an answer for every
    /// other path.
    pub fn router(self) -> Router {
        let others = Router::new()
            .merge(health::in_short(self.readiness.clone()))
            .merge(openapi::served(openapi::PUBLIC, self.sessions.appids()))
            .route(PRODUCTS_PATH, get(products::list))
            .fallback(async || Failure::new(ProblemCode::NotFound))
            .method_not_allowed_fallback(async || Failure::new(ProblemCode::MethodNotAllowed))
            .layer(middleware::from_fn(edge::guard))
            .with_state(self.sessions.clone());
        requests::told(self.routes().merge(others))
    }

    async fn sign_in(
        &self,
        headers: &HeaderMap,
        code: &str,
        appid: Option<&str>,
    ) -> Result<Json<SignedIn>, Failure> {
        let code = Code::parse(code).ok_or_else(|| {
            let detail = "`code` is not a login code; send what wx.login gave as it is";
            Failure::because(ProblemCode::BadRequest, detail)
        })?;
        let presented = presented(&self.sessions, headers).ok();
        let issued = self.sign_ins.sign_in(appid, code, presented).await?;
        Ok(Json(SignedIn {
            sessionid: issued.token.reveal(),
            expires_in: issued.remaining / 1000,
        }))
    }
}

impl FromRef<App> for Sessions {
    fn from_ref(app: &App) -> Self {
        app.sessions.clone()
    }
}

async fn sign_in_by_body(
    State(app): State<App>,
    request: Request,
) -> Result<Json<SignedIn>, Failure> {
    let headers = request.headers().clone();
    let body = body::read(request).await?;
    let ask: SignIn<'_> = body::parse(&body, "a string `code` and, if any, a string `appid`")?;
    app.sign_in(&headers, &ask.code, ask.appid.as_deref()).await
}

async fn sign_in_by_query(
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Json<SignedIn>, Failure> {
    let query = query.unwrap_or_default();
    let code = parameter(&query, "code").ok_or_else(|| {
        Failure::because(ProblemCode::BadRequest, "`code` is missing in the query")
    })?;
    app.sign_in(&headers, &code, parameter(&query, "appid").as_deref())
        .await
}

async fn sign_in_by_another_method() -> Response {
    let allow = [(header::ALLOW, HeaderValue::from_static("GET,POST"))];
    (allow, Failure::new(ProblemCode::MethodNotAllowed)).into_response()
}

async fn alive(session: Session) -> Json<Alive> {
    Json(Alive {
        expires_in: session.expires_in.as_secs(),
    })
}

/// Counts how a sign-in was answered, whoever answered it.
async fn count(State(counters): State<SignInCounters>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    counters.count(response.extensions().get().copied());
    response
}

/// Ending a session that has ended already is done at once; ending others' takes a live one.
async fn sign_out(
    State(sessions): State<Sessions>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<StatusCode, Failure> {
    let query = query.unwrap_or_default();
    let (all, others) = (flag(&query, "all")?, flag(&query, "others")?);
    let token = presented(&sessions, &headers)?;
    match (all, others) {
        (false, false) => sessions.end(token).await?,
        (false, true) => sessions.end_others(token).await?,
        // The others are among them.
        (true, _) => sessions.end_all(token).await?,
    }
    Ok(StatusCode::NO_CONTENT)
}

fn parameter(query: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// A switch in the query. A misspelt value is refused, for it might have asked to end every session.
fn flag(query: &str, name: &'static str) -> Result<bool, Failure> {
    match parameter(query, name).as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => {
            let detail = format!("`{name}` must be true or false");
            Err(Failure::because(ProblemCode::BadRequest, detail))
        }
    }
}
