//! Nonces for id_tokens. They are not stored: a nonce says itself until when it is good, and for whom.
//!
//! A nonce may be used as often as its WeChat user likes for five minutes. That gives nobody anything: the user already
//! had the id_token that carries it, and a phone that lost an answer can ask again.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;
use wxsession_server::identity::UserKey;
use wxsession_server::random::{self, NoRandomness};
use wxsession_server::user::Millis;

use super::record::LIFE;
use crate::keyed::Keyed;

const SALT_BYTES: usize = 8;
const TAG_BYTES: usize = 16;

/// A nonce that only this WeChat user can use.
pub(super) fn issue(keyed: &Keyed, holder: UserKey, now: Millis) -> Result<String, NoRandomness> {
    let until = (now + LIFE).to_be_bytes();
    let salt: [u8; SALT_BYTES] = random::bytes()?;
    let tag = keyed.hash(&[b"nonce", &holder.0, &until, &salt]);
    let nonce = [until.as_slice(), &salt, &tag[..TAG_BYTES]].concat();
    Ok(URL_SAFE_NO_PAD.encode(nonce))
}

/// Whether the nonce is this WeChat user's, and still good.
pub(super) fn is_good(keyed: &Keyed, holder: UserKey, nonce: &str, now: Millis) -> bool {
    let Some((until, salt, tag)) = parse(nonce) else {
        return false;
    };
    let is_ours = keyed.any(&[b"nonce", &holder.0, &until, &salt], |hash| {
        hash[..TAG_BYTES].ct_eq(&tag).into()
    });
    is_ours && now < Millis::from_be_bytes(until)
}

type Parts = ([u8; 8], [u8; SALT_BYTES], [u8; TAG_BYTES]);

fn parse(nonce: &str) -> Option<Parts> {
    let bytes = URL_SAFE_NO_PAD.decode(nonce).ok()?;
    let (until, rest) = bytes.split_first_chunk()?;
    let (salt, tag) = rest.split_first_chunk()?;
    Some((*until, *salt, tag.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use wxsession_server::identity::UserKey;
    use wxsession_server::ring::KeyRing;

    use super::{LIFE, is_good, issue};
    use crate::keyed::Keyed;

    const ANN: UserKey = UserKey([7; 16]);

    #[test]
    fn a_nonce_is_good_for_its_user_for_five_minutes() {
        let keyed = Keyed::new(&KeyRing::generate().unwrap(), "test");
        let nonce = issue(&keyed, ANN, 1000).unwrap();
        assert!(is_good(&keyed, ANN, &nonce, 1000));
        assert!(is_good(&keyed, ANN, &nonce, 1000 + LIFE - 1));
        assert!(!is_good(&keyed, ANN, &nonce, 1000 + LIFE));
        assert!(!is_good(&keyed, UserKey([8; 16]), &nonce, 1000));
        assert_ne!(issue(&keyed, ANN, 1000).unwrap(), nonce);
    }

    #[test]
    fn a_nonce_cannot_be_made_or_changed_without_the_ring() {
        let keyed = Keyed::new(&KeyRing::generate().unwrap(), "test");
        let other = Keyed::new(&KeyRing::generate().unwrap(), "test");
        let nonce = issue(&keyed, ANN, 1000).unwrap();
        assert!(!is_good(&other, ANN, &nonce, 1000));
        for index in 0..nonce.len() {
            let mut damaged = nonce.clone().into_bytes();
            damaged[index] = if damaged[index] == b'A' { b'B' } else { b'A' };
            let damaged = String::from_utf8(damaged).unwrap();
            assert!(!is_good(&keyed, ANN, &damaged, 1000), "character {index}");
        }
        for short in ["", "AAAA", "not base64!"] {
            assert!(!is_good(&keyed, ANN, short, 1000));
        }
    }
}
