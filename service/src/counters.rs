//! Counts how sign-ins are answered, what verifications find, and who signs.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use metrics::{Counter, counter};
use wxsession_protocol::proof::ALGORITHM;
use wxsession_protocol::{ProblemCode, SIGN_IN_PATH};
use wxsession_server::identity::UserKey;
use wxsession_server::proof::ProofError;
use wxsession_server::sessions::SessionsError;
use wxsession_server::token::Version;
use wxsession_server::user::Refusal;
use wxsession_server::{Coverage, Watch};

use crate::measures::{SIGN_INS, SIGN_INS_BY_PROOF, VERIFICATIONS, VERIFICATIONS_BY_PROOF};
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

/// What verifications find, and who signs.
pub(crate) struct SessionCounters {
    found: Found,
    requests: ByCoverage,
    sign_ins: ByVersion,
}

struct Found {
    live: Counter,
    missing: Counter,
    expired: Counter,
    replaced: Counter,
    revoked: Counter,
    proof_missing: Counter,
    proof_invalid: Counter,
    proof_late: Counter,
    proof_replayed: Counter,
    server_busy: Counter,
    store_unavailable: Counter,
}

/// How much of requests is signed.
struct ByCoverage {
    none: Counter,
    head: Counter,
    body: Counter,
}

/// Whether the requests of new sessions are signed.
struct ByVersion {
    none: Counter,
    signed: Counter,
}

impl SessionCounters {
    pub(crate) fn new() -> Self {
        let found = |outcome| counter!(VERIFICATIONS, "outcome" => outcome);
        let request = |proof| counter!(VERIFICATIONS_BY_PROOF, "proof" => proof);
        let sign_in = |proof| counter!(SIGN_INS_BY_PROOF, "proof" => proof);
        Self {
            found: Found {
                live: found("live"),
                missing: found("missing"),
                expired: found("expired"),
                replaced: found("replaced"),
                revoked: found("revoked"),
                proof_missing: found("proof_missing"),
                proof_invalid: found("proof_invalid"),
                proof_late: found("proof_late"),
                proof_replayed: found("proof_replayed"),
                server_busy: found("server_busy"),
                store_unavailable: found("store_unavailable"),
            },
            requests: ByCoverage {
                none: request(Coverage::None.as_str()),
                head: request(Coverage::Head.as_str()),
                body: request(Coverage::Body.as_str()),
            },
            sign_ins: ByVersion {
                none: sign_in("none"),
                signed: sign_in(ALGORITHM),
            },
        }
    }
}

impl Watch for SessionCounters {
    fn looked_up(&self, user: Option<UserKey>, found: Result<Coverage, &SessionsError>) {
        if let Some(user) = user {
            requests::note_user(user);
        }
        if let Ok(coverage) = found {
            let counter = match coverage {
                Coverage::None => &self.requests.none,
                Coverage::Head => &self.requests.head,
                Coverage::Body => &self.requests.body,
            };
            counter.increment(1);
        }
        let counter = match found {
            Ok(_) => &self.found.live,
            Err(SessionsError::Refused(Refusal::Expired)) => &self.found.expired,
            Err(SessionsError::Refused(Refusal::Replaced)) => &self.found.replaced,
            Err(SessionsError::Refused(Refusal::Revoked)) => &self.found.revoked,
            Err(SessionsError::Proof(ProofError::Missing)) => &self.found.proof_missing,
            Err(SessionsError::Proof(ProofError::Invalid)) => &self.found.proof_invalid,
            Err(SessionsError::Proof(ProofError::Late { .. })) => &self.found.proof_late,
            Err(SessionsError::Proof(ProofError::Replayed)) => &self.found.proof_replayed,
            Err(SessionsError::Crowded) => &self.found.server_busy,
            Err(SessionsError::Store(_)) => &self.found.store_unavailable,
            Err(_) => &self.found.missing,
        };
        counter.increment(1);
    }

    fn signed_in(&self, version: Version) {
        let counter = match version {
            Version::Bearer => &self.sign_ins.none,
            Version::Bound => &self.sign_ins.signed,
        };
        counter.increment(1);
    }
}
