//! The identifiers that WeChat issues, in WeChat's own formats.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// The id of `user` within `realm`, an appid or a company account: 28 characters that begin with `o`. It is the same in
/// every run, so that a server's stored users stay valid when the simulator restarts.
pub(crate) fn stable_id(realm: &str, user: &str) -> String {
    let mut bytes = [0; 21];
    seeded([realm, "\n", user].concat()).fill(&mut bytes);
    let mut id = URL_SAFE_NO_PAD.encode(bytes);
    id.replace_range(..1, "o");
    id
}

/// The user's phone number: 11 digits that begin with `1`, the same in every run.
pub(crate) fn stable_phone_number(user: &str) -> String {
    let number = seeded(user.to_owned()).u64(13_000_000_000..20_000_000_000);
    number.to_string()
}

fn seeded(text: String) -> fastrand::Rng {
    let seed = text.bytes().fold(FNV_OFFSET, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME)
    });
    fastrand::Rng::with_seed(seed)
}

/// A login code: 32 characters that begin with `0`.
pub(crate) fn fresh_code() -> String {
    std::iter::once('0')
        .chain(std::iter::repeat_with(fastrand::alphanumeric).take(31))
        .collect()
}

/// A phone code: 64 hexadecimal digits.
pub(crate) fn fresh_phone_code() -> String {
    (0..4)
        .map(|_| format!("{:016x}", fastrand::u64(..)))
        .collect()
}

/// An access token: 136 characters.
pub(crate) fn fresh_token() -> String {
    std::iter::repeat_with(fastrand::alphanumeric)
        .take(136)
        .collect()
}

/// A session key: 16 bytes in base64.
pub(crate) fn fresh_session_key() -> String {
    let mut key = [0; 16];
    fastrand::fill(&mut key);
    STANDARD.encode(key)
}

/// The request id that ends each of WeChat's error texts.
pub(crate) fn fresh_rid() -> String {
    let part = || fastrand::u32(..);
    format!("{:08x}-{:08x}-{:08x}", part(), part(), part())
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;
