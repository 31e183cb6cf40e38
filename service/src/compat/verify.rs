//! Old clients where a call is judged: what they present is turned into a session id before that, and refusals into what
//! they understand after it.
//!
//! | call | a call of weapp-session may sign in | refused in the client's own terms |
//! |---|---|---|
//! | carried to the backend | yes | yes |
//! | `/verify` and below | yes | yes |
//! | `/refusal` | no: the code was spent for `/verify` | yes |
//! | what backends ask with a client's session | no | no: it is the backend that asks |

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use wxsession_protocol::{ProblemCode, SESSION_HEADER};
use wxsession_server::Identity;
use wxsession_server::token::Token;

use super::failure::{Failure, is_of_session};
use super::presented::Presented;
use super::sign_in::Allowed;
use super::{OldClients, Protocol, refusal};
use crate::identity_headers::{APPID, OPENID, USER_INFO};
use crate::internal::REFUSAL;

/// Where a call is judged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// At the public listener, before it is carried to the backend.
    Carried,
    Verify,
    Refusal,
    Elsewhere,
}

impl Place {
    fn of(request: &Request) -> Self {
        match request.uri().path() {
            "/refusal" => Self::Refusal,
            path if path == "/verify" || path.starts_with("/verify/") => Self::Verify,
            _ => Self::Elsewhere,
        }
    }
}

/// Serves a request to the internal listener, no matter which client it is about.
pub(crate) async fn serve(
    State(clients): State<OldClients>,
    request: Request,
    next: Next,
) -> Response {
    let place = Place::of(&request);
    let (mut parts, body) = request.into_parts();
    let caller = match clients.recognise(place, &mut parts).await {
        Ok(caller) => caller,
        Err(refusal) => return refusal,
    };
    let answer = next.run(Request::from_parts(parts, body)).await;
    clients.translate(answer, place, caller).await
}

/// Whose call it is.
#[derive(Clone, Copy)]
pub(crate) enum Caller {
    /// One with a session id.
    New,
    Old(Protocol),
    /// Nobody can tell.
    Nobody,
}

impl OldClients {
    /// Turns what an old client presents into a session id, and signs it in where that is its way.
    ///
    /// # Errors
    /// The call is refused, with this answer.
    pub(crate) async fn recognise(
        &self,
        place: Place,
        parts: &mut Parts,
    ) -> Result<Caller, Response> {
        let is_new = parts.headers.contains_key(SESSION_HEADER);
        let speaks = |protocol| self.0.compatibility.speaks(protocol);
        let presented = (!is_new).then(|| Presented::of(&parts.headers, speaks));
        let presented = presented.flatten();
        let caller = match &presented {
            _ if is_new => Caller::New,
            Some(presented) => Caller::Old(presented.protocol()),
            None => Caller::Nobody,
        };
        if place == Place::Refusal
            && let Some(failure) = named(&parts.headers)
            && let Some(answer) = self.refused(caller, &failure)
        {
            return Err(answer);
        }
        if let Some(presented) = presented {
            match self.found(presented, place, parts).await {
                Ok(None) => {}
                Ok(Some(token)) => present(token, &mut parts.headers),
                Err(failure) => return Err(self.refused_or_told(caller, &failure)),
            }
        }
        Ok(caller)
    }

    /// Adds to a judgement what WeChat tells of the user, or puts a refusal in the caller's own terms.
    pub(crate) async fn translate(
        &self,
        answer: Response,
        place: Place,
        caller: Caller,
    ) -> Response {
        match (place, answer.extensions().get::<ProblemCode>()) {
            (Place::Elsewhere, _) | (Place::Refusal, None) => answer,
            (Place::Verify | Place::Carried, None) => self.with_user_info(answer, caller).await,
            (_, Some(code)) => {
                let refused = self.refused(caller, &Failure::new(*code));
                refused.unwrap_or(answer)
            }
        }
    }

    async fn found(
        &self,
        presented: Presented,
        place: Place,
        parts: &Parts,
    ) -> Result<Option<Token>, Failure> {
        let headers = &parts.headers;
        let signs_in = matches!(presented, Presented::Signed(_));
        let limit = self.0.limit.as_ref();
        let admitted = match place {
            Place::Carried if signs_in => limit.map(|limit| limit.admit_client(parts)),
            Place::Verify if signs_in => limit.map(|limit| limit.admit_client_of_proxy(headers)),
            _ => return self.session_of(presented, headers, Allowed::Session).await,
        };
        admitted.transpose()?;
        self.session_of(presented, headers, Allowed::SignIn).await
    }

    /// A refusal in the caller's own terms, unless those are the usual ones.
    fn refused(&self, caller: Caller, failure: &Failure) -> Option<Response> {
        let mut answer = match caller {
            Caller::Old(protocol) => refusal::of_call(protocol, failure),
            Caller::Nobody if is_of_session(failure.code()) => {
                refusal::of_nobody(&self.0.compatibility, failure)
            }
            Caller::Nobody | Caller::New => return None,
        };
        let name = HeaderValue::from_static(failure.name());
        answer.headers_mut().insert(REFUSAL, name);
        Some(answer)
    }

    fn refused_or_told(&self, caller: Caller, failure: &Failure) -> Response {
        let refused = self.refused(caller, failure);
        refused.unwrap_or_else(|| failure.problem().into_response())
    }

    /// The header is always set, so that none of the client's own gets through.
    async fn with_user_info(&self, mut answer: Response, caller: Caller) -> Response {
        let told = match holder(answer.headers()) {
            Some(user) => self.0.user_infos.find(&user).await,
            None => Ok(None),
        };
        match told {
            Ok(told) => {
                let told = told.and_then(|told| told.header());
                let none = HeaderValue::from_static("");
                let headers = answer.headers_mut();
                headers.insert(USER_INFO, told.unwrap_or(none));
                answer
            }
            Err(error) => self.refused_or_told(caller, &error.into()),
        }
    }
}

/// The WeChat user whom an answer of `/verify` names.
fn holder(headers: &HeaderMap) -> Option<Identity> {
    let text = |name| Some(headers.get(name)?.to_str().ok()?.to_owned());
    Some(Identity {
        appid: text(APPID)?,
        openid: text(OPENID)?,
        unionid: None,
    })
}

fn named(headers: &HeaderMap) -> Option<Failure> {
    Failure::named(headers.get(REFUSAL)?.to_str().ok()?)
}

fn present(token: Token, headers: &mut HeaderMap) {
    if let Ok(mut value) = HeaderValue::try_from(token.reveal()) {
        value.set_sensitive(true);
        headers.insert(SESSION_HEADER, value);
    }
}
