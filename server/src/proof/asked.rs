//! A request, as far as its session goes.

use axum::http::header::SEC_WEBSOCKET_KEY;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, Request, Uri};
use wxsession_protocol::SESSION_HEADER;
use wxsession_protocol::proof::{self, Headers, Proof};

use super::{Judged, ProofError};
use crate::identity::UserKey;
use crate::sessions::{Sessions, SessionsError};
use crate::token::{Genuine, Unproven, claimed_user};

/// What of a request matters to a session: the token, and what signs it.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    method: &'a str,
    target: &'a str,
    headers: &'a HeaderMap,
    judged: Option<Judged>,
    is_served: bool,
}

impl<'a> Asked<'a> {
    /// A request whose client sent this method and this target, which is its path with its query. Where a proxy has
    /// rewritten the path, only the proxy knows.
    pub fn new(method: &'a str, target: &'a str, headers: &'a HeaderMap) -> Self {
        Self {
            method,
            target,
            headers,
            judged: None,
            is_served: true,
        }
    }

    /// The same, only to learn why it is refused: it is not served, so nothing is remembered of it.
    #[must_use]
    pub fn unserved(self) -> Self {
        Self {
            is_served: false,
            ..self
        }
    }

    fn found_in(self, extensions: &Extensions) -> Self {
        Self {
            judged: extensions.get().copied(),
            ..self
        }
    }

    /// What was found of this token on the way here.
    pub(super) fn judged(&self, genuine: Genuine) -> Option<Judged> {
        self.judged.filter(|judged| judged.token == genuine.token())
    }

    /// Whether it may do harm to serve the request twice. A socket is opened by a `GET`, and changes what it likes from then on.
    pub(super) fn may_harm(&self) -> bool {
        let opens_socket = self.headers.contains_key(SEC_WEBSOCKET_KEY);
        self.is_served && (proof::is_remembered(self.method) || opens_socket)
    }

    /// The token of a request, whether its session is alive or not.
    pub(crate) fn genuine(&self, sessions: &Sessions) -> Result<Genuine, SessionsError> {
        let value = token(self.headers).ok_or(SessionsError::Missing)?;
        let genuine = sessions.mint().authenticate(value);
        genuine.ok_or(SessionsError::Missing)
    }

    /// The user whom a token names that nobody vouches for.
    pub(crate) fn claimed_user(&self) -> Option<UserKey> {
        claimed_user(self.headers.get(SESSION_HEADER)?.as_bytes())
    }

    /// The claim of a request that is signed.
    fn proof(&self) -> Result<Proof<'a>, ProofError> {
        let has = |name| self.headers.contains_key(name);
        if !has(proof::SIGNATURE_HEADER) && !has(proof::SIGNATURE_INPUT_HEADER) {
            return Err(ProofError::Missing);
        }
        let text = |name| std::str::from_utf8(single(self.headers, name)?).ok();
        let content_digest = text(proof::CONTENT_DIGEST_HEADER);
        if content_digest.is_none() && has(proof::CONTENT_DIGEST_HEADER) {
            return Err(ProofError::Invalid);
        }
        let proof = || {
            Proof::read(Headers {
                content_digest,
                signature_input: text(proof::SIGNATURE_INPUT_HEADER)?,
                signature: text(proof::SIGNATURE_HEADER)?,
            })
        };
        proof().ok_or(ProofError::Invalid)
    }

    /// The claim of a request, which its token's key has signed.
    pub(super) fn signed_by(
        &self,
        unproven: &Unproven,
        sessions: &Sessions,
    ) -> Result<Proof<'a>, ProofError> {
        let proof = self.proof()?;
        let key = sessions.mint().key_of(unproven);
        if proof.is_genuine(&key, self.method, self.target) {
            Ok(proof)
        } else {
            Err(ProofError::Invalid)
        }
    }
}

impl<'a> From<&'a Parts> for Asked<'a> {
    fn from(parts: &'a Parts) -> Self {
        let asked = Self::new(parts.method.as_str(), target(&parts.uri), &parts.headers);
        asked.found_in(&parts.extensions)
    }
}

impl<'a, B> From<&'a Request<B>> for Asked<'a> {
    fn from(request: &'a Request<B>) -> Self {
        let (method, uri) = (request.method(), request.uri());
        let asked = Self::new(method.as_str(), target(uri), request.headers());
        asked.found_in(request.extensions())
    }
}

fn target(uri: &Uri) -> &str {
    uri.path_and_query().map_or("", |target| target.as_str())
}

/// What stands in the place of a token. If the header comes twice, neither counts: a proxy in front of this server may have
/// judged by the other.
pub(super) fn token(headers: &HeaderMap) -> Option<&[u8]> {
    single(headers, SESSION_HEADER)
}

/// The value of a header that comes once.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a [u8]> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => Some(value.as_bytes()),
        _ => None,
    }
}
