//! Keyed hashes, so that a dump of the store without the ring tells neither a phone number nor a code.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use secrecy::zeroize::Zeroizing;
use sha2::Sha256;
use wxsession_server::identity::UserKey;
use wxsession_server::ring::KeyRing;

/// HMAC-SHA-256 under a key of the ring for one purpose.
pub(crate) struct Keyed {
    /// The first hashes; the others recognise what they hashed while they were the first.
    keys: Vec<Zeroizing<[u8; 32]>>,
}

impl Keyed {
    /// Hashes for this purpose with the ring's keys.
    pub(crate) fn new(ring: &KeyRing, purpose: &str) -> Self {
        Self {
            keys: ring.derive(purpose),
        }
    }

    /// The hash of these parts, whose borders count.
    pub(crate) fn hash(&self, parts: &[&[u8]]) -> [u8; 32] {
        hash(&self.keys[0], parts)
    }

    /// Whether the hash of these parts under any key fits.
    pub(crate) fn any(&self, parts: &[&[u8]], fits: impl Fn(&[u8; 32]) -> bool) -> bool {
        self.keys.iter().any(|key| fits(&hash(key, parts)))
    }

    /// The key of a value in the store.
    pub(crate) fn key(&self, parts: &[&[u8]]) -> UserKey {
        let hash = self.hash(parts);
        UserKey(std::array::from_fn(|index| hash[index]))
    }
}

fn hash(key: &Zeroizing<[u8; 32]>, parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Hmac::<Sha256>::new_from_slice(key.as_slice()).expect("HMAC takes any key");
    for part in parts {
        hash.update(&(part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into_bytes().into()
}

impl fmt::Debug for Keyed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Keyed(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use wxsession_server::ring::KeyRing;

    use super::Keyed;

    #[test]
    fn the_parts_cannot_be_shifted_and_purposes_and_rings_differ() {
        let ring = KeyRing::generate().unwrap();
        let keyed = Keyed::new(&ring, "test");
        let hash = keyed.hash(&[b"a", b"bc"]);
        assert_eq!(hash, Keyed::new(&ring, "test").hash(&[b"a", b"bc"]));
        assert_ne!(hash, keyed.hash(&[b"ab", b"c"]));
        assert_ne!(hash, Keyed::new(&ring, "another").hash(&[b"a", b"bc"]));
        let another = KeyRing::generate().unwrap();
        assert_ne!(hash, Keyed::new(&another, "test").hash(&[b"a", b"bc"]));
    }
}
