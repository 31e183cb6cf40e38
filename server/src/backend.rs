//! The routes of the wire contract: HTTP in, sessions out.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRef, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use secrecy::zeroize::Zeroizing;
use serde_json::{Map, Value};
use tower_http::set_header::SetResponseHeaderLayer;
use wxsession_protocol::{
    Alive, ProblemCode, SESSION_PATH, SIGN_IN_PATH, SIGN_OUT_PATH, SignIn, SignedIn, proof,
};

use crate::accounts::{Accounts, Credentials};
use crate::body;
use crate::identity::Identity;
use crate::problem::HttpProblem;
use crate::session::Session;
use crate::sessions::Sessions;
use crate::sign_in::{self, Named, Presented, SignIns};
use crate::token::Version;
use crate::wechat::{Exchange, LoginCode};

/// How long the name of a method may be.
const METHOD_CHARACTERS: usize = 32;

/// Signs users in and keeps their sessions. Its clones share everything.
#[derive(Clone, Debug)]
pub struct Backend {
    sessions: Sessions,
    sign_ins: Arc<SignIns>,
}

impl Backend {
    pub(crate) fn assemble(
        sessions: Sessions,
        wechat: Arc<dyn Exchange>,
        accounts: Option<Arc<dyn Accounts>>,
    ) -> Self {
        let sign_ins = Arc::new(SignIns::new(wechat, accounts, sessions.clone()));
        Self { sessions, sign_ins }
    }

    /// The sessions behind the routes, as the state of a service's own routes.
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// Ends all sessions of a WeChat user, and those of the account that they are linked to, and lets no new one start for
    /// `block`, for an administrator. A span of zero lifts an earlier block.
    ///
    /// # Errors
    /// The mini program is unknown, or the store or the accounts cannot be reached.
    pub async fn end_user(
        &self,
        wechat: &Identity,
        block: Option<Duration>,
    ) -> Result<(), HttpProblem> {
        let Identity { appid, openid, .. } = wechat;
        match (self.sign_ins.linked(wechat).await?, block) {
            (Some(user), block) => self.sessions.end_named(&user, None, block).await?,
            (None, None) => self.sessions.end_user(appid, openid).await?,
            (None, Some(span)) => self.sessions.block(appid, openid, span).await?,
        }
        Ok(())
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
            // Every answer is about a session, so no cache may keep it.
            .layer(SetResponseHeaderLayer::overriding(
                header::CACHE_CONTROL,
                HeaderValue::from_static("no-store"),
            ))
            .with_state(self.clone())
    }

    /// Signs a user in by a login code, for a service that speaks another wire contract beside this one. `wanted` is the
    /// version of the token that the client can use, as far as it says.
    ///
    /// # Errors
    /// WeChat refuses the code, the user may not sign in, the server demands proofs, or something that this takes is away.
    pub async fn sign_in(
        &self,
        appid: Option<&str>,
        code: LoginCode,
        presented: Presented,
        named: Option<Named>,
        wanted: Version,
    ) -> Result<sign_in::SignedIn, HttpProblem> {
        let signed_in = self
            .sign_ins
            .sign_in(appid, code, presented, named, wanted)
            .await?;
        let version = signed_in.issued.token.version();
        self.sessions.report_sign_in(version);
        Ok(signed_in)
    }

    async fn answer(
        &self,
        presented: Presented,
        ask: SignIn<'_>,
        named: Option<Named>,
    ) -> Result<Json<SignedIn>, HttpProblem> {
        let code = LoginCode::parse(&ask.code).ok_or_else(|| {
            let detail = "`code` is not a login code; send what wx.login gave as it is";
            HttpProblem::because(ProblemCode::BadRequest, detail)
        })?;
        let wanted = wanted(ask.proof.as_deref())?;
        let signed_in = self.sign_in(ask.appid.as_deref(), code, presented, named, wanted);
        let signed_in = signed_in.await?;
        let issued = signed_in.issued;
        let key = self.sessions.mint().key(issued.token);
        Ok(Json(SignedIn {
            sessionid: issued.token.reveal(),
            expires_in: issued.remaining / 1000,
            guest: signed_in.guest,
            now: key.as_ref().map(|_| self.sessions.clock()),
            key: key.map(|key| key.reveal()),
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
    let (parts, body) = request.into_parts();
    let body = body::read(Request::from_parts(parts.clone(), body)).await?;
    let body = Zeroizing::new(body);
    let presented = Presented::of((&parts).into(), Some(&body), &backend.sessions);
    let fields = "a string `code` and, if any, strings `appid`, `method` and `proof`";
    let ask: SignIn<'_> = body::parse(&body, fields)?;
    let named = match &ask.method {
        None => None,
        Some(method) => Some(named(method, body::parse(&body, fields)?)?),
    };
    backend.answer(presented, ask, named).await
}

/// The method of a sign-in with its own fields.
fn named(method: &str, mut fields: Map<String, Value>) -> Result<Named, HttpProblem> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    if !(1..=METHOD_CHARACTERS).contains(&method.len()) || !method.bytes().all(allowed) {
        let detail = "`method` must be 1 to 32 of A-Z a-z 0-9 _ -";
        return Err(HttpProblem::because(ProblemCode::BadRequest, detail));
    }
    for ours in ["code", "appid", "method", "proof"] {
        fields.remove(ours);
    }
    Ok(Named {
        method: method.to_owned(),
        credentials: Credentials::new(fields),
    })
}

/// The version of the token that a client can use.
fn wanted(proof: Option<&str>) -> Result<Version, HttpProblem> {
    match proof {
        None => Ok(Version::Bearer),
        Some(proof::ALGORITHM) => Ok(Version::Bound),
        Some(_) => {
            let detail =
                "`proof` can only be hmac-sha256; without it the session takes no signed requests";
            Err(HttpProblem::because(ProblemCode::BadRequest, detail))
        }
    }
}

async fn sign_in_by_query(
    State(backend): State<Backend>,
    request: Request,
) -> Result<Json<SignedIn>, HttpProblem> {
    let query = request.uri().query().unwrap_or_default();
    let code = parameter(query, "code").ok_or_else(|| {
        HttpProblem::because(ProblemCode::BadRequest, "`code` is missing in the query")
    })?;
    // Addresses are logged, so no credentials are taken from one.
    if parameter(query, "method").is_some() {
        let detail = "`method` is taken in the body of a POST alone, since addresses are logged";
        return Err(HttpProblem::because(ProblemCode::BadRequest, detail));
    }
    let field = |name| parameter(query, name).map(Into::into);
    let ask = SignIn {
        code: code.into(),
        appid: field("appid"),
        method: None,
        proof: field("proof"),
    };
    let presented = Presented::of((&request).into(), None, &backend.sessions);
    backend.answer(presented, ask, None).await
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

/// Ending a session that has already ended succeeds; ending other sessions takes a live one.
async fn sign_out(
    State(sessions): State<Sessions>,
    request: Request,
) -> Result<StatusCode, HttpProblem> {
    let query = request.uri().query().unwrap_or_default();
    let (all, others) = (flag(query, "all")?, flag(query, "others")?);
    match (all, others) {
        (false, false) => sessions.end(sessions.leaving((&request).into())?).await?,
        (false, true) => {
            let token = sessions.presented(&request).await?;
            sessions.end_others(token).await?;
        }
        // All includes the others.
        (true, _) => {
            sessions
                .end_all(sessions.presented(&request).await?)
                .await?
        }
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

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::extract::{Request, State};
    use wxsession_protocol::ProblemCode;

    use super::{Backend, sign_in_by_query};
    use crate::wechat::{Api, Credentials, WECHAT_API, WeChat, tls_client};

    #[tokio::test]
    async fn an_address_carries_no_credentials() {
        let program = Credentials {
            appid: "wx0123456789abcdef".into(),
            secret: "hush".into(),
        };
        let api = Api::new(&WECHAT_API.parse().unwrap(), tls_client()).unwrap();
        let backend = Backend::builder(WeChat::new([program], api)).build();
        let ask = Request::get("/wx/onlogin?code=0a1&method=password&password=hush");
        let ask = ask.body(Body::empty()).unwrap();
        let answer = sign_in_by_query(State(backend.unwrap()), ask).await;
        assert_eq!(answer.err().unwrap().code(), ProblemCode::BadRequest);
    }
}
