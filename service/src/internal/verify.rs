//! Whose request it is that a proxy asks about.

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use wxsession_protocol::ProblemCode;
use wxsession_server::once_a_minute::OnceAMinute;
use wxsession_server::proof::{Asked, ProofError};
use wxsession_server::sessions::SessionsError;
use wxsession_server::user::Refusal;
use wxsession_server::{HttpProblem, Session, Sessions};

use super::{ProofTarget, Shared};
use crate::identity_headers;

/// The code of a refusal, by which a proxy that drops refusals asks `/refusal` for the same once more.
pub(crate) const REFUSAL: HeaderName = HeaderName::from_static("x-wx-refusal");

static TARGET_MISSING: OnceAMinute = OnceAMinute::new();

/// Says whose request it is, in headers for a proxy to pass on to the backend.
pub(super) async fn verify(State(Shared(internal)): State<Shared>, request: Request) -> Response {
    let (question, _) = request.into_parts();
    let (target, sessions) = (internal.proof_target, internal.backend.sessions());
    let session = session_of(&question, target, sessions, |asked| asked).await;
    session
        .and_then(identity_headers::told)
        .unwrap_or_else(refused)
}

/// Repeats [`verify`]'s refusal for a proxy that dropped the first one. It repeats the one that the proxy names: to look
/// again would be to judge a signature that was seen before. A session that is alive by then must not become a 200, which
/// would be taken for the backend's answer.
pub(super) async fn refusal(State(Shared(internal)): State<Shared>, request: Request) -> Response {
    let (question, _) = request.into_parts();
    let sessions = internal.backend.sessions();
    if let Some(problem) = named(&question, sessions) {
        return refused(problem);
    }
    let target = internal.proof_target;
    let session = session_of(&question, target, sessions, |asked| asked.unserved()).await;
    refused(match session {
        Ok(_) => HttpProblem::new(ProblemCode::ServerBusy),
        Err(problem) => problem,
    })
}

async fn session_of(
    question: &Parts,
    target: Option<ProofTarget>,
    sessions: &Sessions,
    how: fn(Asked<'_>) -> Asked<'_>,
) -> Result<Session, HttpProblem> {
    let about = target.and_then(|target| target.of(question));
    // Nothing is signed that has no method.
    let (method, asked) = about
        .as_ref()
        .map_or(("", ""), |about| (&about.method, &about.target));
    let asked = Asked::new(method, asked, &question.headers);
    let error = match Session::of(how(asked), sessions).await {
        Ok(session) => return Ok(session),
        Err(error) => error,
    };
    match (target, &error) {
        // A server that was set back, and cannot tell: the phone signs in again, and gets a session without a key.
        (None, SessionsError::Proof(_)) => Err(SessionsError::Refused(Refusal::Expired).into()),
        (Some(target), SessionsError::Proof(ProofError::Invalid)) if about.is_none() => {
            Err(not_told(target))
        }
        _ => Err(error.into()),
    }
}

/// The proxy does not say which request it asks about. That is for its operator to mend.
fn not_told(target: ProofTarget) -> HttpProblem {
    let expected = target.expected();
    if let Some(left_out) = TARGET_MISSING.due() {
        tracing::error!(
            expected,
            left_out,
            "--proof-target: a signed request cannot be checked, because the proxy did not tell which request it asks about; \
             not logged again for a minute"
        );
    }
    let detail = format!("the proxy has to tell which request it asks about: {expected}");
    HttpProblem::because(ProblemCode::ProofInvalid, detail)
}

fn refused(problem: HttpProblem) -> Response {
    let name = HeaderValue::from_static(problem.code().as_str());
    let mut response = problem.into_response();
    response.headers_mut().insert(REFUSAL, name);
    response
}

/// The refusal that a proxy names, if it is one of [`verify`]'s.
fn named(question: &Parts, sessions: &Sessions) -> Option<HttpProblem> {
    let name = question.headers.get(REFUSAL)?.to_str().ok()?;
    let code = ProblemCode::parse(name)?;
    let error = match code {
        ProblemCode::SessionMissing => SessionsError::Missing,
        ProblemCode::SessionExpired => Refusal::Expired.into(),
        ProblemCode::SessionReplaced => Refusal::Replaced.into(),
        ProblemCode::SessionRevoked => Refusal::Revoked.into(),
        ProblemCode::ProofMissing => ProofError::Missing.into(),
        ProblemCode::ProofInvalid => ProofError::Invalid.into(),
        ProblemCode::ProofReplayed => ProofError::Replayed.into(),
        ProblemCode::ProofLate => {
            let now = sessions.clock();
            ProofError::Late { now }.into()
        }
        ProblemCode::StoreUnavailable | ProblemCode::ServerBusy => {
            return Some(HttpProblem::new(code));
        }
        _ => return None,
    };
    Some(error.into())
}
