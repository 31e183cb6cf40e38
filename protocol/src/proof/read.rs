//! The headers of a signed request, compared with what they must be.

use hmac::Mac;

use super::signable::is_method;
use super::{
    BODY, DIGEST, HEAD, Key, LABEL, MOST_SECONDS_OFF, NONCE_CHARACTERS, Signable, Target, bytes,
};

/// How many digits a time may have. Ten until the year 2286.
const CREATED_DIGITS: usize = 11;

/// The headers of a signed request. Each may come once: a proxy may have judged by the other.
#[derive(Clone, Copy, Debug)]
pub struct Headers<'a> {
    /// `Content-Digest`.
    pub content_digest: Option<&'a str>,
    /// `Signature-Input`.
    pub signature_input: &'a str,
    /// `Signature`.
    pub signature: &'a str,
}

/// What the headers of a request claim. Nothing of it counts before [`Proof::is_genuine`].
#[derive(Clone, Copy, Debug)]
pub struct Proof<'a> {
    parameters: &'a str,
    digest: Option<&'a str>,
    created: u64,
    mac: [u8; 32],
}

impl<'a> Proof<'a> {
    /// Reads the headers. `None` if they are anything but one of the two forms, or the digest is there without being
    /// listed, or listed without being there.
    pub fn read(headers: Headers<'a>) -> Option<Self> {
        let parameters = headers.signature_input.strip_prefix(LABEL)?;
        let rest = match headers.content_digest {
            Some(digest) => {
                bytes(digest, DIGEST)?;
                parameters.strip_prefix(BODY)?
            }
            None => parameters.strip_prefix(HEAD)?,
        };
        let (created, rest) = rest.strip_prefix(";created=")?.split_once(";nonce=\"")?;
        if !is_nonce(rest.strip_suffix('"')?) {
            return None;
        }
        Some(Self {
            parameters,
            digest: headers.content_digest,
            created: moment(created)?,
            mac: bytes(headers.signature.strip_prefix(LABEL)?, ":")?,
        })
    }

    /// Whether the key has signed a request of this method and target, and this very claim. Takes the same time whichever
    /// byte of the signature is wrong.
    pub fn is_genuine(&self, key: &Key, method: &str, target: &str) -> bool {
        let (Some(target), true) = (Target::sent(target), is_method(method)) else {
            return false;
        };
        let signable = Signable {
            method,
            target,
            digest: self.digest,
        };
        let mac = key.mac(signable, self.parameters);
        mac.verify(&self.mac.into()).is_ok()
    }

    /// Whether the claim was made too long before or after `now`, in seconds since 1970.
    pub fn is_late(&self, now: u64) -> bool {
        self.created.abs_diff(now) > MOST_SECONDS_OFF
    }

    /// When the claim was made, in seconds since 1970 by the sender's clock.
    pub fn created(&self) -> u64 {
        self.created
    }

    /// The digest of the body. Whoever has the body must compare the two: [`is_digest_of`](super::is_digest_of).
    pub fn digest(&self) -> Option<&'a str> {
        self.digest
    }

    /// What a server remembers of a proof, so that it counts once.
    pub fn mark(&self) -> [u8; 16] {
        std::array::from_fn(|index| self.mac[index])
    }
}

/// A number of seconds in its one spelling.
fn moment(digits: &str) -> Option<u64> {
    let is_short = (1..=CREATED_DIGITS).contains(&digits.len());
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_spelled = is_short && is_number && (digits == "0" || !digits.starts_with('0'));
    is_spelled.then(|| digits.parse().ok()).flatten()
}

pub(super) fn is_nonce(nonce: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=NONCE_CHARACTERS).contains(&nonce.len()) && nonce.bytes().all(allowed)
}
