//! Session ids as clients see them: tokens that cannot be forged.
//!
//! 57 bytes, 76 characters of base64url: a version byte, the user's key (16), randomness (32), and a tag
//! (8) of HMAC-SHA256 over the rest. The tag keeps forged tokens away from the store; the randomness makes a
//! token secret.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use crate::identity::UserKey;
use crate::random::{self, NoRandomness};
use crate::ring::KeyRing;
use crate::user::SessionId;

const VERSION: u8 = 1;
const USER: std::ops::Range<usize> = 1..17;
const SIGNED: usize = 49;
const BYTES: usize = 57;
const CHARACTERS: usize = 76;
const PURPOSE: &str = "wxsession/1/token";

/// A token that this server made, either new or authenticated. It is secret, so its `Debug` output is redacted.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token([u8; BYTES]);

/// Makes tokens, and tells them from forged ones.
///
/// ```
/// use wxsession_server::identity::UserKey;
/// use wxsession_server::ring::KeyRing;
/// use wxsession_server::token::TokenMint;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mint = TokenMint::new(&KeyRing::generate()?);
/// let token = mint.issue(UserKey::new("wx0123456789abcdef", "ann"))?;
/// assert_eq!(mint.authenticate(token.reveal().as_bytes()), Some(token));
/// assert_eq!(mint.authenticate(b"made-up"), None);
/// # Ok(())
/// # }
/// ```
pub struct TokenMint {
    /// The first signs, all verify.
    keys: Vec<Hmac<Sha256>>,
}

impl Token {
    /// The key of the session's user.
    pub fn user(&self) -> UserKey {
        UserKey(std::array::from_fn(|index| self.0[USER.start + index]))
    }

    /// Whether it is of this user, as backends know them.
    pub fn names(&self, user: &str) -> bool {
        let keys = [UserKey::of_guest(user), Some(UserKey::of_account(user))];
        keys.contains(&Some(self.user()))
    }

    /// The name of the session in the store.
    pub fn session(&self) -> SessionId {
        let digest = Sha256::digest(self.0);
        SessionId(std::array::from_fn(|index| digest[index]))
    }

    /// The characters that the client is given.
    pub fn reveal(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(redacted)")
    }
}

impl TokenMint {
    /// A mint with the ring's keys.
    pub fn new(ring: &KeyRing) -> Self {
        let keys = ring.derive(PURPOSE);
        let keys = keys.iter().map(|key| {
            Hmac::new_from_slice(key.as_slice()).expect("HMAC takes a key of any length")
        });
        Self {
            keys: keys.collect(),
        }
    }

    /// A new token for a user.
    pub fn issue(&self, user: UserKey) -> Result<Token, NoRandomness> {
        let mut bytes = [0; BYTES];
        bytes[0] = VERSION;
        bytes[USER].copy_from_slice(&user.0);
        bytes[USER.end..SIGNED].copy_from_slice(&random::bytes::<32>()?);
        let tag = tag(&self.keys[0], &bytes);
        bytes[SIGNED..].copy_from_slice(&tag);
        Ok(Token(bytes))
    }

    /// Returns the token that a client presented, if this server made it. Takes the same time for every wrong tag
    /// and whichever key is right, so that a tag cannot be guessed byte by byte.
    pub fn authenticate(&self, presented: &[u8]) -> Option<Token> {
        let bytes = decode(presented)?;
        let genuine = self.keys.iter().fold(Choice::from(0), |genuine, key| {
            genuine | tag(key, &bytes).ct_eq(&bytes[SIGNED..])
        });
        bool::from(genuine).then_some(Token(bytes))
    }
}

/// The user whom a token names that nobody vouches for: it is forged, or the key that signed it has left the ring.
pub fn claimed_user(presented: &[u8]) -> Option<UserKey> {
    decode(presented).map(|bytes| Token(bytes).user())
}

fn decode(presented: &[u8]) -> Option<[u8; BYTES]> {
    let mut bytes = [0; BYTES];
    let is_one = presented.len() == CHARACTERS
        && URL_SAFE_NO_PAD.decode_slice(presented, &mut bytes) == Ok(BYTES)
        && bytes[0] == VERSION;
    is_one.then_some(bytes)
}

fn tag(key: &Hmac<Sha256>, bytes: &[u8; BYTES]) -> [u8; BYTES - SIGNED] {
    let full = key
        .clone()
        .chain_update(&bytes[..SIGNED])
        .finalize()
        .into_bytes();
    std::array::from_fn(|index| full[index])
}

impl fmt::Debug for TokenMint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TokenMint(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::TokenMint;
    use crate::identity::UserKey;
    use crate::ring::KeyRing;

    const OLD: &str = "1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const NEW: &str = "2 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

    fn mint(ring: &str) -> TokenMint {
        TokenMint::new(&KeyRing::parse(ring).unwrap())
    }

    #[test]
    fn a_token_is_76_characters_and_comes_back_as_it_was() {
        let mint = mint(OLD);
        let user = UserKey::new("wx", "somebody");
        let token = mint.issue(user).unwrap();
        let revealed = token.reveal();
        assert_eq!(revealed.len(), 76);
        let back = mint.authenticate(revealed.as_bytes()).unwrap();
        assert!(back == token && back.user() == user);
        assert_ne!(mint.issue(user).unwrap().session(), token.session());
    }

    #[test]
    fn a_change_of_any_character_is_noticed() {
        let mint = mint(OLD);
        let revealed = mint.issue(UserKey([7; 16])).unwrap().reveal();
        for index in 0..revealed.len() {
            for replacement in [b'A', b'b', b'_', b'+', b' ', b'=', 0, 0xff] {
                let mut forged = revealed.clone().into_bytes();
                if forged[index] == replacement {
                    continue;
                }
                forged[index] = replacement;
                assert!(mint.authenticate(&forged).is_none(), "character {index}");
            }
        }
    }

    #[test]
    fn another_length_is_refused() {
        let mint = mint(OLD);
        let revealed = mint.issue(UserKey([7; 16])).unwrap().reveal();
        for wrong in [
            "",
            &revealed[..75],
            &format!("{revealed}="),
            &format!("{revealed}A"),
        ] {
            assert!(mint.authenticate(wrong.as_bytes()).is_none());
        }
    }

    #[test]
    fn every_key_of_the_ring_verifies_and_the_first_signs() {
        let (old, both, new) = (mint(OLD), mint(&format!("{NEW}\n{OLD}")), mint(NEW));
        let from_old = old.issue(UserKey([7; 16])).unwrap().reveal();
        let from_both = both.issue(UserKey([7; 16])).unwrap().reveal();
        assert!(both.authenticate(from_old.as_bytes()).is_some());
        assert!(new.authenticate(from_both.as_bytes()).is_some());
        assert!(new.authenticate(from_old.as_bytes()).is_none());
    }

    #[test]
    fn a_token_does_not_show_in_debug_output() {
        let token = mint(OLD).issue(UserKey([7; 16])).unwrap();
        assert_eq!(format!("{token:?}"), "Token(redacted)");
    }
}
