//! Counts how sign-ins are answered, and what verifications find.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use metrics::{Counter, counter};
use wxsession_protocol::{ProblemCode, SIGN_IN_PATH};
use wxsession_server::identity::UserKey;
use wxsession_server::sessions::SessionsError;
use wxsession_server::user::Refusal;
use wxsession_server::{Coverage, Watch};

use crate::measures::{SIGN_INS, VERIFICATIONS};
use crate::requests;

/// How sign-ins are answered.
#[derive(Clone)]
pub(crate) struct SignInCounters(Arc<(Counter, [Counter; ProblemCode::ALL.len()])>);

impl SignInCounters {
    pub(crate) fn new() -> Self {
        let refused = ProblemCode::ALL.map(|code| counter!(SIGN_INS, "outcome" => code.as_str()));
        Self(Arc::new((
            counter!(SIGN_INS, "outcome" => "signed_in"),
            refused,
        )))
    }

    /// Counts an answer to a sign-in, also one that another layer gave.
    pub(crate) async fn count(
        State(counters): State<Self>,
        request: Request,
        next: Next,
    ) -> Response {
        let is_sign_in = request.uri().path() == SIGN_IN_PATH;
        let response = next.run(request).await;
        if is_sign_in {
            counters.add(response.extensions().get().copied());
        }
        response
    }

    /// Counts an answer by its refusal.
    pub(crate) fn add(&self, refusal: Option<ProblemCode>) {
        let (signed_in, refused) = &*self.0;
        let counter = refusal.and_then(|code| {
            let index = ProblemCode::ALL.iter().position(|other| *other == code)?;
            refused.get(index)
        });
        counter.unwrap_or(signed_in).increment(1);
    }
}

/// What verifications find.
pub(crate) struct VerificationCounters(Found);

struct Found {
    live: Counter,
    missing: Counter,
    expired: Counter,
    replaced: Counter,
    revoked: Counter,
    store_unavailable: Counter,
}

impl VerificationCounters {
    pub(crate) fn new() -> Self {
        let found = |outcome| counter!(VERIFICATIONS, "outcome" => outcome);
        Self(Found {
            live: found("live"),
            missing: found("missing"),
            expired: found("expired"),
            replaced: found("replaced"),
            revoked: found("revoked"),
            store_unavailable: found("store_unavailable"),
        })
    }
}

impl Watch for VerificationCounters {
    fn looked_up(&self, user: Option<UserKey>, found: Result<Coverage, &SessionsError>) {
        if let Some(user) = user {
            requests::note_user(user);
        }
        let counter = match found {
            Ok(_) => &self.0.live,
            Err(SessionsError::Refused(Refusal::Expired)) => &self.0.expired,
            Err(SessionsError::Refused(Refusal::Replaced)) => &self.0.replaced,
            Err(SessionsError::Refused(Refusal::Revoked)) => &self.0.revoked,
            Err(SessionsError::Store(_)) => &self.0.store_unavailable,
            Err(_) => &self.0.missing,
        };
        counter.increment(1);
    }
}
