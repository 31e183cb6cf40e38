//! The session id that a client presents.

use std::sync::LazyLock;

use wxsession_server::ring::KeyRing;
use wxsession_server::token::{Genuine, TokenMint};

static MINT: LazyLock<TokenMint> = LazyLock::new(|| {
    let ring = KeyRing::parse("1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    TokenMint::new(&ring.expect("the ring is sound"))
});

/// An accepted token has only one spelling, the one that this server wrote.
pub fn run(presented: &[u8]) {
    if let Some(token) = authenticate(presented) {
        assert_eq!(token.reveal().as_bytes(), presented);
    }
}

/// Parses a token, if the text is one.
pub fn authenticate(presented: &[u8]) -> Option<Genuine> {
    MINT.authenticate(presented)
}
