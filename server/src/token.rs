//! Session ids as clients see them: tokens that cannot be forged.
//!
//! 57 bytes, 76 characters of base64url: a version byte, the user's key (16), randomness (32), and a tag
//! (8) of HMAC-SHA256 over the rest. The tag keeps forged tokens away from the store; the randomness makes a
//! token secret. The version is under the tag, so nobody turns a token that takes signed requests into one that does not.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use wxsession_protocol::proof;

use crate::identity::UserKey;
use crate::random::{self, NoRandomness};
use crate::ring::KeyRing;
use crate::user::SessionId;

const USER: std::ops::Range<usize> = 1..17;
const SIGNED: usize = 49;
const BYTES: usize = 57;
const CHARACTERS: usize = 76;
const PURPOSE: &str = "wxsession/1/token";
const PROOF_PURPOSE: &str = "wxsession/1/proof";

/// A token that this server made, and that counts: it is new, or whoever presented it may use it. It is secret, so its
/// `Debug` output is redacted.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token([u8; BYTES]);

/// What it takes to use a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    /// The token alone: version 1.
    Bearer,
    /// A request signed with the token's key: version 2.
    Bound,
}

/// A token that a client presented and this server made.
#[derive(Clone, Copy, Debug)]
pub enum Genuine {
    /// It counts by itself.
    Bearer(Token),
    /// It counts in a signed request.
    Bound(Unproven),
}

/// A token that does not count before its request is proven to come from the holder of its key.
#[derive(Clone, Copy, Debug)]
pub struct Unproven {
    token: Token,
    /// The place in the ring of the key that signed it.
    signer: usize,
}

/// Makes tokens, and tells them from forged ones.
///
/// ```
/// use wxsession_server::identity::UserKey;
/// use wxsession_server::ring::KeyRing;
/// use wxsession_server::token::{Genuine, TokenMint, Version};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mint = TokenMint::new(&KeyRing::generate()?);
/// let ann = UserKey::new("wx0123456789abcdef", "ann");
/// let token = mint.issue(ann, Version::Bearer)?;
/// let presented = mint.authenticate(token.reveal().as_bytes());
/// assert!(matches!(presented, Some(Genuine::Bearer(same)) if same == token));
/// assert!(mint.authenticate(b"made-up").is_none());
/// # Ok(())
/// # }
/// ```
pub struct TokenMint {
    /// The first signs, all verify.
    keys: Vec<MintKey>,
}

/// What a key of the ring gives.
struct MintKey {
    tag: Hmac<Sha256>,
    proof: Hmac<Sha256>,
}

impl Token {
    /// The key of the session's user.
    pub fn user(&self) -> UserKey {
        UserKey(std::array::from_fn(|index| self.0[USER.start + index]))
    }

    /// What it takes to use the token.
    pub fn version(&self) -> Version {
        match self.0[0] {
            1 => Version::Bearer,
            _ => Version::Bound,
        }
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

impl Version {
    fn byte(self) -> u8 {
        match self {
            Self::Bearer => 1,
            Self::Bound => 2,
        }
    }
}

impl Genuine {
    /// The key of the session's user.
    pub fn user(&self) -> UserKey {
        self.token().user()
    }

    /// The characters that the client presented.
    pub fn reveal(&self) -> String {
        self.token().reveal()
    }

    /// The token for somebody who has judged the request already, or to whom it does not matter whose request it is.
    pub(crate) fn token(self) -> Token {
        match self {
            Self::Bearer(token) | Self::Bound(Unproven { token, .. }) => token,
        }
    }
}

impl TokenMint {
    /// A mint with the ring's keys.
    pub fn new(ring: &KeyRing) -> Self {
        let hmac = |key: &[u8]| Hmac::new_from_slice(key).expect("HMAC takes a key of any length");
        let (tags, proofs) = (ring.derive(PURPOSE), ring.derive(PROOF_PURPOSE));
        let keys = tags.iter().zip(&proofs).map(|(tag, proof)| MintKey {
            tag: hmac(tag.as_slice()),
            proof: hmac(proof.as_slice()),
        });
        Self {
            keys: keys.collect(),
        }
    }

    /// A new token for a user.
    pub fn issue(&self, user: UserKey, version: Version) -> Result<Token, NoRandomness> {
        let mut bytes = [0; BYTES];
        bytes[0] = version.byte();
        bytes[USER].copy_from_slice(&user.0);
        bytes[USER.end..SIGNED].copy_from_slice(&random::bytes::<32>()?);
        let tag = tag(&self.keys[0].tag, &bytes);
        bytes[SIGNED..].copy_from_slice(&tag);
        Ok(Token(bytes))
    }

    /// Returns the token that a client presented, if this server made it. Takes the same time for every wrong tag
    /// and whichever key is right, so that a tag cannot be guessed byte by byte.
    pub fn authenticate(&self, presented: &[u8]) -> Option<Genuine> {
        let bytes = decode(presented)?;
        let signer = self.signer(&bytes)?;
        let token = Token(bytes);
        Some(match token.version() {
            Version::Bearer => Genuine::Bearer(token),
            Version::Bound => Genuine::Bound(Unproven { token, signer }),
        })
    }

    /// The key that signs the requests of this new token. A token that counts by itself has none.
    pub(crate) fn key(&self, token: Token) -> Option<proof::Key> {
        let signer = self.signer(&token.0)?;
        let is_bound = token.version() == Version::Bound;
        is_bound.then(|| self.key_of(&Unproven { token, signer }))
    }

    /// The key that signs the requests of this token. It is derived, so that no store has it.
    pub(crate) fn key_of(&self, unproven: &Unproven) -> proof::Key {
        let key = self.keys[unproven.signer].proof.clone();
        let key = key.chain_update(unproven.token.0).finalize().into_bytes();
        proof::Key::new(key.into())
    }

    /// The place of the key that signed a token.
    fn signer(&self, bytes: &[u8; BYTES]) -> Option<usize> {
        let none = (Choice::from(0), 0_u32);
        let places = self.keys.iter().zip(0_u32..);
        let (is_signed, signer) = places.fold(none, |(is_signed, signer), (key, place)| {
            let is_its = tag(&key.tag, bytes).ct_eq(&bytes[SIGNED..]);
            (
                is_signed | is_its,
                u32::conditional_select(&signer, &place, is_its),
            )
        });
        bool::from(is_signed).then_some(signer as usize)
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
        && [Version::Bearer, Version::Bound]
            .map(Version::byte)
            .contains(&bytes[0]);
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
    use super::{Genuine, Token, TokenMint, Version};
    use crate::identity::UserKey;
    use crate::ring::KeyRing;

    const OLD: &str = "1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const NEW: &str = "2 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

    fn mint(ring: &str) -> TokenMint {
        TokenMint::new(&KeyRing::parse(ring).unwrap())
    }

    const VERSIONS: [Version; 2] = [Version::Bearer, Version::Bound];

    /// The token, and whether it counts by itself.
    fn presented(mint: &TokenMint, presented: &str) -> Option<(Token, bool)> {
        let genuine = mint.authenticate(presented.as_bytes())?;
        Some((genuine.token(), matches!(genuine, Genuine::Bearer(_))))
    }

    #[test]
    fn a_token_is_76_characters_and_comes_back_as_it_was() {
        let mint = mint(OLD);
        let user = UserKey::new("wx", "somebody");
        for version in VERSIONS {
            let token = mint.issue(user, version).unwrap();
            let revealed = token.reveal();
            assert_eq!(revealed.len(), 76);
            let (back, is_bearer) = presented(&mint, &revealed).unwrap();
            assert!(back == token && back.user() == user);
            assert_eq!(back.version(), version);
            assert_eq!(is_bearer, version == Version::Bearer);
            assert_ne!(
                mint.issue(user, version).unwrap().session(),
                token.session()
            );
        }
    }

    #[test]
    fn the_version_is_under_the_tag() {
        let mint = mint(OLD);
        for version in VERSIONS {
            let mut forged = mint.issue(UserKey([7; 16]), version).unwrap().0;
            for byte in 0..=255 {
                let is_its = byte == forged[0];
                let before = std::mem::replace(&mut forged[0], byte);
                assert_eq!(
                    mint.authenticate(Token(forged).reveal().as_bytes())
                        .is_some(),
                    is_its
                );
                forged[0] = before;
            }
        }
    }

    #[test]
    fn each_token_has_a_key_of_its_own_if_it_takes_one() {
        let (mint, other) = (mint(OLD), mint(NEW));
        let key = |mint: &TokenMint, token| mint.key(token).map(|key| key.reveal());
        let bearer = mint.issue(UserKey([7; 16]), Version::Bearer).unwrap();
        assert_eq!(key(&mint, bearer), None);
        let one = mint.issue(UserKey([7; 16]), Version::Bound).unwrap();
        let two = mint.issue(UserKey([7; 16]), Version::Bound).unwrap();
        assert!(key(&mint, one).is_some());
        assert_ne!(key(&mint, one), key(&mint, two));
        assert_eq!(key(&other, one), None);
    }

    #[test]
    fn a_change_of_any_character_is_noticed() {
        let mint = mint(OLD);
        let revealed = mint
            .issue(UserKey([7; 16]), Version::Bound)
            .unwrap()
            .reveal();
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
        let revealed = mint
            .issue(UserKey([7; 16]), Version::Bound)
            .unwrap()
            .reveal();
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
        let from_old = old
            .issue(UserKey([7; 16]), Version::Bound)
            .unwrap()
            .reveal();
        let from_both = both
            .issue(UserKey([7; 16]), Version::Bearer)
            .unwrap()
            .reveal();
        assert!(both.authenticate(from_old.as_bytes()).is_some());
        assert!(new.authenticate(from_both.as_bytes()).is_some());
        assert!(new.authenticate(from_old.as_bytes()).is_none());
        // The key of a token is that of the ring's key which signed it, wherever that stands now.
        let (token, _) = presented(&old, &from_old).unwrap();
        let key = |mint: &TokenMint| mint.key(token).unwrap().reveal();
        assert_eq!(key(&old), key(&both));
    }

    #[test]
    fn a_token_does_not_show_in_debug_output() {
        let token = mint(OLD).issue(UserKey([7; 16]), Version::Bound).unwrap();
        assert_eq!(format!("{token:?}"), "Token(redacted)");
    }
}
