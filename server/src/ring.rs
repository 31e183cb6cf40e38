//! The keys that tell genuine tokens from forged ones.

use std::fmt::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hkdf::Hkdf;
use secrecy::zeroize::Zeroizing;
use sha2::Sha256;

use crate::random::{self, NoRandomness};

const KEY_BYTES: usize = 32;

/// One or more keys: the first signs, all verify. Removing a key ends the sessions it signed.
///
/// ```
/// use wxsession_server::ring::KeyRing;
///
/// # fn main() -> Result<(), wxsession_server::ring::RingError> {
/// let ring = KeyRing::generate()?;
/// // The same ring, in another process or after a restart.
/// let same = KeyRing::parse(&ring.reveal())?;
/// # Ok(())
/// # }
/// ```
pub struct KeyRing {
    keys: Vec<RingKey>,
}

struct RingKey {
    id: String,
    secret: Zeroizing<[u8; KEY_BYTES]>,
}

/// Why there is no key ring. Names the line, never shows its content.
#[derive(Debug, thiserror::Error)]
pub enum RingError {
    /// A line is not `id base64(32 bytes)`.
    #[error("line {line} of the key ring {fault}; mend the line, or restore the file")]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        fault: &'static str,
    },
    /// The ring has no key.
    #[error(
        "the key ring has no key; restore it, or remove it and sessions.redb to start over, which \
         signs everybody out and deletes all accounts"
    )]
    Empty,
    /// The system gave no random bytes for a new key.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

impl KeyRing {
    /// A ring of one new key.
    ///
    /// # Errors
    /// The operating system gives no random bytes.
    pub fn generate() -> Result<Self, RingError> {
        let (id, secret) = ("1".into(), Zeroizing::new(random::bytes()?));
        Ok(Self {
            keys: vec![RingKey { id, secret }],
        })
    }

    /// Reads lines of `id base64(32 bytes)`; skips empty lines and lines that begin with `#`.
    ///
    /// # Errors
    /// A line is malformed, or there is no key.
    pub fn parse(text: &str) -> Result<Self, RingError> {
        let mut keys: Vec<RingKey> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let fail = |fault| RingError::Line {
                line: index + 1,
                fault,
            };
            let key = RingKey::parse(line).map_err(fail)?;
            if keys.iter().any(|other| other.id == key.id) {
                return Err(fail("repeats the id of an earlier line"));
            }
            keys.push(key);
        }
        (!keys.is_empty())
            .then_some(Self { keys })
            .ok_or(RingError::Empty)
    }

    /// Derives from each key a key for a single purpose, in order.
    pub fn derive(&self, purpose: &str) -> Vec<Zeroizing<[u8; KEY_BYTES]>> {
        let derived = self.extract().into_iter().map(|extracted| {
            let mut derived = Zeroizing::new([0; KEY_BYTES]);
            extracted
                .expand(purpose.as_bytes(), derived.as_mut_slice())
                .expect("32 bytes are within what HKDF-SHA256 can give");
            derived
        });
        derived.collect()
    }

    /// Extracts each key for further derivation, in order.
    pub(crate) fn extract(&self) -> Vec<Hkdf<Sha256>> {
        let extracted = self.keys.iter().map(|key| key.secret.as_slice());
        extracted.map(|secret| Hkdf::new(None, secret)).collect()
    }

    /// Returns the lines that [`parse`](Self::parse) reads. They are secret.
    pub fn reveal(&self) -> Zeroizing<String> {
        // Reserved in full: a string that grows leaves copies of the keys in the memory that it frees.
        let line = |key: &RingKey| key.id.len() + 46;
        let mut lines = Zeroizing::new(String::with_capacity(self.keys.iter().map(line).sum()));
        for key in &self.keys {
            let secret = Zeroizing::new(STANDARD.encode(key.secret.as_slice()));
            // Writing to a string cannot fail.
            let _ = writeln!(lines, "{} {}", key.id, *secret);
        }
        lines
    }
}

impl RingKey {
    fn parse(line: &str) -> Result<Self, &'static str> {
        let mut words = line.split_ascii_whitespace();
        let (Some(id), Some(encoded), None) = (words.next(), words.next(), words.next()) else {
            return Err("is not an id, a space and a key");
        };
        if !id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        {
            return Err("has an id with characters other than A-Z a-z 0-9 _ -");
        }
        let mut secret = Zeroizing::new([0; KEY_BYTES]);
        match STANDARD.decode_slice(encoded, secret.as_mut_slice()) {
            Ok(KEY_BYTES) => Ok(Self {
                id: id.to_owned(),
                secret,
            }),
            _ => Err("has a key that is not 32 bytes in base64"),
        }
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_list()
            .entries(self.keys.iter().map(|key| &key.id))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyRing, RingError};

    const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    #[test]
    fn a_malformed_line_is_named_and_not_shown() {
        let short = &KEY[4..];
        for line in [
            "2",
            &format!("2 {KEY} more"),
            &format!("2 {short}"),
            &format!("1 {KEY}"),
        ] {
            let error = KeyRing::parse(&format!("# ours\n1 {KEY}\n{line}\n")).unwrap_err();
            assert!(
                matches!(error, RingError::Line { line: 3, .. }),
                "{line}: {error}"
            );
            assert!(!error.to_string().contains(short), "{error}");
        }
    }

    #[test]
    fn a_ring_without_a_key_is_refused() {
        assert!(matches!(
            KeyRing::parse("\n# nothing\n"),
            Err(RingError::Empty)
        ));
    }
}
