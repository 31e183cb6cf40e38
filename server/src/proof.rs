//! Signed requests: when a token counts.
//!
//! | the token is | the request | it counts |
//! |---|---|---|
//! | of version 1 | any | unless the server demands proofs: then the session counts as expired, and its client signs in again |
//! | of version 2 | not signed, or not by the token's key | no: `proof_missing`, `proof_invalid` |
//! | of version 2 | signed by a clock that is more than two minutes off | no: `proof_late`, which only a genuine proof is told |
//! | of version 2 | signed, and may do harm when sent again, as a write or a socket's handshake does | once: then `proof_replayed` |
//! | of version 2 | signed | yes |
//!
//! Everything but the last two rows is decided without the store. A token that has not been through here is a
//! [`Genuine`], of which nothing can be made but by these rules.
//!
//! `created` is judged by the store's clock: the servers of one Redis agree on it, whatever their own clocks say, so a proof
//! that is late at one is late at all; and it never goes backwards, so a proof that is over never counts again.
//!
//! *What an attacker can try:*
//! - to use a stolen id: it takes its key, which is in no request (`a_stolen_id_alone_reaches_nothing`);
//! - to alter what is captured, or to send it again (`every_row_of_the_table`);
//! - to learn by `proof_late` whether a guess is right: it is told after the signature was found genuine.

mod asked;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use wxsession_protocol::ProblemCode;
use wxsession_protocol::proof::{SIGNATURE_HEADER, is_digest_of};

pub use self::asked::Asked;
use crate::problem::HttpProblem;
use crate::replays::Unrepeated;
use crate::sessions::{Sessions, SessionsError};
use crate::token::{Genuine, Token, Unproven, Version};
use crate::user::Refusal;

/// Which sessions start, and which count.
///
/// A token of version 2 needs its proof under each of them: nobody gets around it by a server that was set back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProofPolicy {
    /// Sessions start without proofs.
    #[default]
    Off,
    /// A client that offers proofs gets a session that takes them.
    Offered,
    /// No session starts or counts without proofs.
    Required,
}

/// How much of a request its proof covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Coverage {
    /// Nothing: the session takes no proofs.
    None,
    /// Method, path and query.
    Head,
    /// The digest of the body too. Whether the body has that digest is for those to see who read it.
    Body,
}

/// Why a token does not count in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The request is not signed.
    #[error("the request is not signed")]
    Missing,
    /// The headers have another form, or the signature is not of this request.
    #[error("the signature is not of this request")]
    Invalid,
    /// The signature is genuine, and the clock that it was made by is off.
    #[error("the request was signed too early or too late")]
    Late {
        /// The time, in seconds since 1970.
        now: u64,
    },
    /// The same was presented before.
    #[error("a request with this signature was served before")]
    Replayed,
}

/// A token that counts, unless the same was presented before. Once that is known, it is in the extensions of a request that
/// is signed, so that what comes after a layer or an extractor does not take the request for its own replay.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judged {
    pub(crate) token: Token,
    pub(crate) coverage: Coverage,
    /// What has to be seen for the first time.
    pub(crate) unrepeated: Option<Unrepeated>,
}

impl Judged {
    /// A token for which a backend vouches, which has judged the request of its client: of a session that takes proofs, it
    /// was signed.
    pub(crate) fn vouched(token: Token) -> Self {
        Self {
            token,
            coverage: match token.version() {
                Version::Bearer => Coverage::None,
                Version::Bound => Coverage::Head,
            },
            unrepeated: None,
        }
    }

    /// The same, of which the rest has been seen.
    pub(crate) fn seen(self) -> Self {
        Self {
            unrepeated: None,
            ..self
        }
    }

    /// Whether what comes after must know of it. A request without a signature is judged the same again at no price, while
    /// an entry in its extensions would cost it two allocations.
    pub(crate) fn is_worth_telling(&self, headers: &HeaderMap) -> bool {
        self.coverage != Coverage::None || headers.contains_key(SIGNATURE_HEADER)
    }

    /// Tells what comes after.
    pub(crate) fn tell(self, parts: &mut Parts) {
        if self.is_worth_telling(&parts.headers) {
            parts.extensions.insert(self);
        }
    }
}

impl ProofPolicy {
    /// The version of the token that a client gets, given what it asks for.
    ///
    /// # Errors
    /// The server demands proofs, and the client offers none.
    pub(crate) fn version(self, wanted: Version) -> Result<Version, HttpProblem> {
        match (self, wanted) {
            (Self::Off, _) | (Self::Offered, Version::Bearer) => Ok(Version::Bearer),
            (Self::Offered | Self::Required, Version::Bound) => Ok(Version::Bound),
            (Self::Required, Version::Bearer) => Err(HttpProblem::because(
                ProblemCode::ProofRequired,
                "send `proof`: \"hmac-sha256\" and sign the requests, as wxsession/signed does",
            )),
        }
    }
}

impl Coverage {
    /// The word for backends.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Head => "head",
            Self::Body => "body",
        }
    }
}

impl Sessions {
    /// Judges the token of a request. Everything is decided but what takes the store: whether the session lives, and whether
    /// the same was presented before.
    pub(crate) fn judge(
        &self,
        genuine: Genuine,
        asked: Asked<'_>,
    ) -> Result<Judged, SessionsError> {
        if let Some(judged) = asked.judged(genuine) {
            return Ok(judged);
        }
        match genuine {
            Genuine::Bearer(_) if self.policy() == ProofPolicy::Required => {
                Err(Refusal::Expired.into())
            }
            Genuine::Bearer(token) => Ok(Judged::vouched(token)),
            Genuine::Bound(unproven) => {
                let proof = asked.signed_by(&unproven, self)?;
                if proof.is_late(self.now() / 1000) {
                    let now = self.clock();
                    return Err(ProofError::Late { now }.into());
                }
                Ok(Judged {
                    token: genuine.token(),
                    coverage: match proof.digest() {
                        Some(_) => Coverage::Body,
                        None => Coverage::Head,
                    },
                    unrepeated: asked.may_harm().then(|| Unrepeated::of(&proof)),
                })
            }
        }
    }

    /// Whether the client that signs in may act for the session that it presents. Here a proof counts however old it is, and
    /// is not remembered: it covers the login code, which WeChat takes once and for five minutes.
    pub(crate) fn may_succeed(
        &self,
        unproven: &Unproven,
        asked: Asked<'_>,
        body: Option<&[u8]>,
    ) -> bool {
        let Ok(proof) = asked.signed_by(unproven, self) else {
            return false;
        };
        match (body, proof.digest()) {
            (None, None) => true,
            (Some(body), Some(digest)) => is_digest_of(digest, body),
            _ => false,
        }
    }

    /// Returns the token of a request, for what is done with the session. Whether the session lives is seen when it is
    /// done. A request that is signed and may do harm is remembered, which can take a call of the store.
    ///
    /// An axum handler takes the [`Token`] as an argument. What has judged a signed request by hand is the only one to do so:
    /// of two, the second would see a replay. Layers and extractors know of one another.
    ///
    /// # Errors
    /// There is no token, it is forged, or it does not count in this request.
    pub fn presented<'a>(
        &self,
        asked: impl Into<Asked<'a>>,
    ) -> impl Future<Output = Result<Token, SessionsError>> + Send {
        let judged = self.judge_once(asked.into());
        async move { Ok(judged.await?.token) }
    }

    fn judge_once(
        &self,
        asked: Asked<'_>,
    ) -> impl Future<Output = Result<Judged, SessionsError>> + Send {
        let judged = asked.genuine(self);
        let judged = judged.and_then(|genuine| self.judge(genuine, asked));
        async move {
            let judged = judged?;
            self.remember(&judged).await?;
            Ok(judged.seen())
        }
    }

    /// Returns the token of a request that ends its own session. Ending it twice is harmless, so nothing is remembered: whoever
    /// has sent too much can still sign out. So can a session that counts for nothing else here: it may count again one day.
    pub(crate) fn leaving(&self, asked: Asked<'_>) -> Result<Token, SessionsError> {
        match asked.genuine(self)? {
            Genuine::Bearer(token) => Ok(token),
            bound @ Genuine::Bound(_) => Ok(self.judge(bound, asked)?.token),
        }
    }

    /// Returns the token that a trusted backend passes on. It is the backend that asks, after it has judged the request of its
    /// client, so a proof of that request is neither here nor needed.
    ///
    /// # Errors
    /// The token is forged.
    pub fn vouched(&self, presented: &[u8]) -> Result<Token, SessionsError> {
        let genuine = self.mint().authenticate(presented);
        genuine.map(Genuine::token).ok_or(SessionsError::Missing)
    }

    /// The same for the header of a request.
    ///
    /// # Errors
    /// The token is missing or forged.
    pub fn vouched_in(&self, headers: &HeaderMap) -> Result<Token, SessionsError> {
        let presented = asked::token(headers).ok_or(SessionsError::Missing)?;
        self.vouched(presented)
    }

    /// Returns the token of a request by which no proof can come, as those of old clients. Recognises a forged token without a
    /// store read.
    ///
    /// # Errors
    /// The token is forged, or takes a proof.
    pub fn authenticate(&self, presented: &[u8]) -> Result<Token, SessionsError> {
        let genuine = self.mint().authenticate(presented);
        match genuine.ok_or(SessionsError::Missing)? {
            Genuine::Bearer(_) if self.policy() == ProofPolicy::Required => {
                Err(Refusal::Expired.into())
            }
            Genuine::Bearer(token) => Ok(token),
            Genuine::Bound(_) => Err(ProofError::Missing.into()),
        }
    }
}

impl<S> FromRequestParts<S> for Token
where
    S: Send + Sync,
    Sessions: FromRef<S>,
{
    type Rejection = HttpProblem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpProblem> {
        let sessions = Sessions::from_ref(state);
        let judged = sessions.judge_once((&*parts).into()).await?;
        judged.tell(parts);
        Ok(judged.token)
    }
}

#[cfg(test)]
mod tests;
