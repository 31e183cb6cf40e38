//! The key of a session, and what it signs.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::read::is_nonce;
use super::signable::is_method;
use super::{BODY, DIGEST, END, HEAD, LABEL, Signable, bytes};

/// The key of a session. It is secret, so its `Debug` output is redacted.
#[derive(Clone)]
pub struct Key([u8; 32]);

/// The two headers that a sender adds, besides `Content-Digest`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The value of `Signature-Input`.
    pub signature_input: String,
    /// The value of `Signature`.
    pub signature: String,
}

impl Key {
    /// The key of these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key in a sign-in's answer: 32 bytes in base64url.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        (URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) == Ok(32)).then_some(Self(bytes))
    }

    /// The characters that the client is given.
    pub fn reveal(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// Signs a request. `created` is the time in seconds since 1970, by the server's clock as far as the sender knows it.
    /// `None` if no server would take it: the nonce, the method or the digest has another form.
    pub fn sign(&self, signable: Signable<'_>, created: u64, nonce: &str) -> Option<Signed> {
        let list = match signable.digest {
            Some(digest) => {
                bytes(digest, DIGEST)?;
                BODY
            }
            None => HEAD,
        };
        if !is_nonce(nonce) || !is_method(signable.method) {
            return None;
        }
        let parameters = format!("{list};created={created};nonce=\"{nonce}\"");
        let mac = self.mac(signable, &parameters).finalize().into_bytes();
        Some(Signed {
            signature_input: format!("{LABEL}{parameters}"),
            signature: format!("{LABEL}:{}{END}", STANDARD.encode(mac)),
        })
    }

    pub(super) fn mac(&self, signable: Signable<'_>, parameters: &str) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        signable.write(parameters, |piece| mac.update(piece.as_bytes()));
        mac
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Key(redacted)")
    }
}
