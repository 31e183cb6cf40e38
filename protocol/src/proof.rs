//! Signed requests: a proof that the sender of a request has the session's key, which is in no request.
//!
//! A sign-in with `"proof":"hmac-sha256"` ([`ALGORITHM`]) is answered with a `key` beside the `sessionid`. From then on every
//! request has up to three headers besides the session's, in the forms of RFC 9421 (HTTP Message Signatures) and RFC 9530:
//!
//! ```text
//! Content-Digest: sha-256=:AUE0G70nyso770LlFSVtVrtoYObz5W6ZZONaoBjLuZA=:
//! Signature-Input: wx=("@method" "@path" "@query" "content-digest");created=1764460800;nonce="mik3x2ao2"
//! Signature: wx=:Dptv1nHQTxp/vnwxFW8LYO1aSZ8G29sJC28CsGznGIo=:
//! ```
//!
//! The signature is HMAC-SHA256 under the key over these lines, with a line feed between them and none at the end. Path and
//! query are as they are sent, byte for byte; a missing query is `?`, an empty path `/`.
//!
//! ```text
//! "@method": POST
//! "@path": /orders
//! "@query": ?
//! "content-digest": sha-256=:AUE0G70nyso770LlFSVtVrtoYObz5W6ZZONaoBjLuZA=:
//! "@signature-params": ("@method" "@path" "@query" "content-digest");created=1764460800;nonce="mik3x2ao2"
//! ```
//!
//! There are two lists and no others: with the digest where the sender knows the body, and without (uploads, downloads,
//! sockets, no body). So the headers are compared with the two instead of parsed: whatever else the standards allow (another
//! label, more parameters, other spellings of the same) is refused.
//!
//! Who sends takes a [`Key`], a [`Target`] and [`content_digest`]; who receives reads a [`Proof`] and asks it.
//!
//! ```
//! use wxsession_protocol::proof::{Headers, Key, Proof, Signable, Target, content_digest, is_digest_of};
//!
//! # fn signed() -> Option<()> {
//! let key = Key::parse("ZtXW7vpyYFQ-i_OrjEiooxutc7OfgeMw5yMFCccScdY")?;
//! let digest = content_digest(b"{}");
//! let target = Target::of_url("https://api.example.com/orders?page=2#top")?;
//! let signable = Signable { method: "POST", target, digest: Some(&digest) };
//! let signed = key.sign(signable, 1_764_460_800, "mik3x2ao0")?;
//!
//! let proof = Proof::read(Headers {
//!     content_digest: Some(&digest),
//!     signature_input: &signed.signature_input,
//!     signature: &signed.signature,
//! })?;
//! assert!(proof.is_genuine(&key, "POST", "/orders?page=2"));
//! assert!(!proof.is_genuine(&key, "POST", "/orders?page=3"));
//! assert!(!proof.is_late(1_764_460_920) && proof.is_late(1_764_460_921));
//! assert!(is_digest_of(proof.digest()?, b"{}"));
//! # Some(())
//! # }
//! # assert!(signed().is_some());
//! ```

mod key;
mod read;
mod signable;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

pub use key::{Key, Signed};
pub use read::{Headers, Proof};
pub use signable::{Signable, Target};

/// The name of the algorithm in a sign-in.
pub const ALGORITHM: &str = "hmac-sha256";

/// The header with the digest of the body.
pub const CONTENT_DIGEST_HEADER: &str = "content-digest";
/// The header that says what is signed, when, and with which nonce.
pub const SIGNATURE_INPUT_HEADER: &str = "signature-input";
/// The header with the signature.
pub const SIGNATURE_HEADER: &str = "signature";

/// How many seconds the sender's clock may be off, either way.
pub const MOST_SECONDS_OFF: u64 = 120;
/// For how many seconds a server remembers what it has seen: a proof may be early by as much as it may be late.
pub const REMEMBERED_SECONDS: u64 = 2 * MOST_SECONDS_OFF;
/// How long a nonce may be: `A-Z a-z 0-9 - _`. It has to be unique among the requests of a session, not secret.
pub const NONCE_CHARACTERS: usize = 64;

/// The label of the signature, the only one.
const LABEL: &str = "wx=";
/// What is signed of a request whose body the sender does not know.
const HEAD: &str = r#"("@method" "@path" "@query")"#;
/// What is signed of a request with its body.
const BODY: &str = r#"("@method" "@path" "@query" "content-digest")"#;
const DIGEST: &str = "sha-256=:";
const END: &str = ":";

/// Whether replaying a request of this method can do harm, so that a server has to remember it.
///
/// ```
/// use wxsession_protocol::proof::is_remembered;
///
/// assert!(is_remembered("POST") && !is_remembered("GET"));
/// ```
pub fn is_remembered(method: &str) -> bool {
    !matches!(method, "GET" | "HEAD" | "OPTIONS")
}

/// The value of `Content-Digest` for this body.
pub fn content_digest(body: &[u8]) -> String {
    let mut digest = BodyDigest::default();
    digest.add(body);
    digest.content_digest()
}

/// The digest of a body that comes in pieces.
///
/// ```
/// use wxsession_protocol::proof::{BodyDigest, content_digest};
///
/// let mut digest = BodyDigest::default();
/// digest.add(b"green ");
/// digest.add(b"tea");
/// assert_eq!(digest.content_digest(), content_digest(b"green tea"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct BodyDigest(Sha256);

impl BodyDigest {
    /// Adds the next piece.
    pub fn add(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// The value of `Content-Digest` for all pieces together.
    pub fn content_digest(self) -> String {
        format!("{DIGEST}{}{END}", STANDARD.encode(self.0.finalize()))
    }
}

/// Whether this value of `Content-Digest` is that of this body. A digest is no secret, so it is simply compared.
pub fn is_digest_of(content_digest: &str, body: &[u8]) -> bool {
    content_digest == self::content_digest(body)
}

/// The 32 bytes between `before` and a colon. There is one spelling of them.
fn bytes(header: &str, before: &str) -> Option<[u8; 32]> {
    let encoded = header.strip_prefix(before)?.strip_suffix(END)?;
    let mut bytes = [0; 32];
    // With padding and without bits that are left over, or the text is refused.
    (STANDARD.decode_slice(encoded, &mut bytes) == Ok(32)).then_some(bytes)
}

#[cfg(test)]
mod tests;
