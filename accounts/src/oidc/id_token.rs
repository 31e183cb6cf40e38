//! Whether an id_token says who somebody is: OpenID Connect Core 1.0, §3.1.3.7.
//!
//! What an attacker can try, and which check stops it:
//! - a token of another app of the same provider: the audience, which must be this client and nobody else beside it;
//! - a token of another provider: the issuer, and the key;
//! - a token without a signature, or one that takes the public key for a shared secret: three algorithms are allowed, and
//!   a key is for one of them;
//! - a token that names the attacker's key (`jku`, `jwk`, `x5u`): the header's words are not heeded, keys come from the
//!   issuer alone;
//! - somebody else's genuine token, overheard or taken from a log: the nonce, which was made for one WeChat user, five
//!   minutes ago at most.

use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;

use super::signature;

/// How long a token may be, in bytes. One with a hundred groups has a quarter of that.
pub(super) const TOKEN_BYTES: usize = 12 * 1024;
/// How long a subject may be (OpenID Connect Core 1.0, §2).
const SUBJECT_CHARACTERS: usize = 255;
/// How far the clocks of the provider and this server may be apart, in seconds.
const LEEWAY: u64 = 60;

/// Why a token says nothing. A client is never told which: each is `credentials_wrong`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("it is not an id_token")]
    Form,
    #[error("its algorithm is none of RS256, ES256 and ES384")]
    Algorithm,
    #[error("the provider has no such key")]
    UnknownKey,
    #[error("its signature is wrong")]
    Signature,
    #[error("another issuer issued it")]
    Issuer,
    #[error("it is meant for another client, or for others too")]
    Audience,
    #[error("it has expired, or never does")]
    Expired,
    #[error("it is not valid yet")]
    Early,
    #[error("its nonce is not one that this WeChat user was given in the last five minutes")]
    Nonce,
    #[error("it names nobody")]
    Subject,
}

/// What a token must say.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) audience: &'a str,
    /// `None` if the token came from the provider itself, in answer to a device code.
    pub(super) nonce: Option<&'a str>,
}

#[derive(Deserialize)]
struct Claims {
    /// The library also takes a list of issuers, one of which is the right one.
    #[serde(rename = "iss")]
    _issuer: String,
    sub: String,
    aud: Audience,
    nonce: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    fn is(&self, expected: &str) -> bool {
        match self {
            Self::One(one) => one == expected,
            // Others in the audience could present the token here as their own user's.
            Self::Several(several) => matches!(&several[..], [one] if one == expected),
        }
    }
}

/// Which key a token asks for: its id, and the algorithm.
pub(super) fn key_of(token: &str) -> Result<(Option<String>, Algorithm), Refused> {
    if token.len() > TOKEN_BYTES {
        return Err(Refused::Form);
    }
    // An algorithm that the library does not know, `none` among them, makes the header unreadable.
    let header = decode_header(token).map_err(|_| Refused::Form)?;
    match header.alg {
        Algorithm::RS256 | Algorithm::ES256 | Algorithm::ES384 => Ok((header.kid, header.alg)),
        _ => Err(Refused::Algorithm),
    }
}

/// The subject of a token that this key for this algorithm has signed.
pub(super) fn subject(
    token: &str,
    key: &DecodingKey,
    algorithm: Algorithm,
    expected: &Expected<'_>,
) -> Result<String, Refused> {
    signature::install();
    let mut validation = Validation::new(algorithm);
    validation.leeway = LEEWAY;
    validation.validate_nbf = true;
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.set_issuer(&[expected.issuer]);
    validation.set_audience(&[expected.audience]);
    let decoded = decode::<Claims>(token, key, &validation);
    let claims = decoded.map_err(|error| refused(&error))?.claims;
    if !claims.aud.is(expected.audience) {
        return Err(Refused::Audience);
    }
    if expected.nonce.is_some() && claims.nonce.as_deref() != expected.nonce {
        return Err(Refused::Nonce);
    }
    let printable = claims.sub.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if !(1..=SUBJECT_CHARACTERS).contains(&claims.sub.len()) || !printable {
        return Err(Refused::Subject);
    }
    Ok(claims.sub)
}

fn refused(error: &Error) -> Refused {
    match error.kind() {
        ErrorKind::InvalidSignature => Refused::Signature,
        ErrorKind::InvalidAlgorithm | ErrorKind::UnsupportedAlgorithm => Refused::Algorithm,
        ErrorKind::InvalidIssuer => Refused::Issuer,
        ErrorKind::InvalidAudience => Refused::Audience,
        ErrorKind::ExpiredSignature => Refused::Expired,
        ErrorKind::ImmatureSignature => Refused::Early,
        ErrorKind::MissingRequiredClaim(claim) | ErrorKind::InvalidClaimFormat(claim) => {
            match claim.as_str() {
                "exp" => Refused::Expired,
                "nbf" => Refused::Early,
                "iss" => Refused::Issuer,
                "aud" => Refused::Audience,
                _ => Refused::Subject,
            }
        }
        _ => Refused::Form,
    }
}
