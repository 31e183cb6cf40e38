//! Old clients at the internal listener: what they present is turned into a session id before `/verify` looks at it,
//! and refusals into what they understand after it.
//!
//! | path | a call of weapp-session may sign in | refused in the client's own terms |
//! |---|---|---|
//! | `/verify` and below | yes | yes |
//! | `/refusal` | no: the code was spent for `/verify` | yes |
//! | what backends ask with a client's session | no | no: it is the backend that asks |

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use wxsession_protocol::{ProblemCode, SESSION_HEADER};
use wxsession_server::Identity;
use wxsession_server::token::Token;

use super::failure::{Failure, is_of_session};
use super::presented::Presented;
use super::sign_in::Allowed;
use super::{OldClients, Protocol, refusal};
use crate::internal::REFUSAL;

/// What WeChat tells of the user, for backends.
const USER_INFO: HeaderName = HeaderName::from_static("x-wx-user-info");

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
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

/// Serves a request to the internal listener, whoever the client is.
pub(crate) async fn serve(
    State(clients): State<OldClients>,
    request: Request,
    next: Next,
) -> Response {
    let place = Place::of(&request);
    let (mut parts, body) = request.into_parts();
    let is_new = parts.headers.contains_key(SESSION_HEADER);
    let presented = (!is_new).then(|| {
        Presented::of(&parts.headers, |protocol| {
            clients.0.compatibility.speaks(protocol)
        })
    });
    let presented = presented.flatten();
    let caller = match &presented {
        _ if is_new => Caller::New,
        Some(presented) => Caller::Old(presented.protocol()),
        None => Caller::Nobody,
    };
    if place == Place::Refusal
        && let Some(failure) = named(&parts.headers)
        && let Some(answer) = clients.refused(caller, &failure)
    {
        return answer;
    }
    if let Some(presented) = presented {
        match clients.found(presented, place, &parts.headers).await {
            Ok(None) => {}
            Ok(Some(token)) => present(token, &mut parts.headers),
            Err(failure) => return clients.refused_or_told(caller, &failure),
        }
    }
    let answer = next.run(Request::from_parts(parts, body)).await;
    match (place, answer.extensions().get::<ProblemCode>()) {
        (Place::Elsewhere, _) | (Place::Refusal, None) => answer,
        (Place::Verify, None) => clients.with_user_info(answer, caller).await,
        (_, Some(code)) => {
            let refused = clients.refused(caller, &Failure::new(*code));
            refused.unwrap_or(answer)
        }
    }
}

/// Whose call it is.
#[derive(Clone, Copy)]
enum Caller {
    /// One with a session id.
    New,
    Old(Protocol),
    /// Nobody can tell.
    Nobody,
}

impl OldClients {
    async fn found(
        &self,
        presented: Presented,
        place: Place,
        headers: &HeaderMap,
    ) -> Result<Option<Token>, Failure> {
        if place != Place::Verify || !matches!(presented, Presented::Signed(_)) {
            return self.session_of(presented, headers, Allowed::Session).await;
        }
        if let Some(limit) = &self.0.limit {
            limit.admit_client_of_proxy(headers)?;
        }
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
        appid: text("x-wx-appid")?,
        openid: text("x-wx-openid")?,
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
