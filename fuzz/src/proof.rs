//! The headers of a signed request: lines of method, target, `Content-Digest` (empty if there is none), `Signature-Input` and
//! `Signature`.

use std::sync::LazyLock;

use wxsession_protocol::proof::{Headers, Key, Proof, Signable, Target};

static KEY: LazyLock<Key> = LazyLock::new(|| {
    let key = Key::parse("ZtXW7vpyYFQ-i_OrjEiooxutc7OfgeMw5yMFCccScdY");
    key.expect("the key is sound")
});

/// A claim that can be read has one spelling, the one that signing the same gives; and it is genuine in that case alone.
pub fn run(input: &[u8]) {
    let Some(lines) = lines(input) else {
        return;
    };
    let Some(proof) = read(&lines) else {
        return;
    };
    let nonce = lines.signature_input.split('"').rev().nth(1);
    let resigned = Target::sent(lines.target).and_then(|target| {
        let signable = Signable {
            method: lines.method,
            target,
            digest: proof.digest(),
        };
        KEY.sign(signable, proof.created(), nonce.expect("it was read"))
    });
    let is_genuine = proof.is_genuine(&KEY, lines.method, lines.target);
    match resigned {
        Some(signed) => {
            assert_eq!(signed.signature_input, lines.signature_input);
            assert_eq!(is_genuine, signed.signature == lines.signature);
        }
        None => assert!(!is_genuine),
    }
}

/// Whether the key has signed the request.
pub fn is_genuine(input: &[u8]) -> bool {
    let proven = |lines: Lines<'_>| {
        let proof = read(&lines)?;
        Some(proof.is_genuine(&KEY, lines.method, lines.target))
    };
    lines(input).and_then(proven).unwrap_or_default()
}

struct Lines<'a> {
    method: &'a str,
    target: &'a str,
    content_digest: &'a str,
    signature_input: &'a str,
    signature: &'a str,
}

fn lines(input: &[u8]) -> Option<Lines<'_>> {
    let mut lines = std::str::from_utf8(input).ok()?.splitn(5, '\n');
    Some(Lines {
        method: lines.next()?,
        target: lines.next()?,
        content_digest: lines.next()?,
        signature_input: lines.next()?,
        signature: lines.next()?,
    })
}

fn read<'a>(lines: &Lines<'a>) -> Option<Proof<'a>> {
    Proof::read(Headers {
        content_digest: Some(lines.content_digest).filter(|digest| !digest.is_empty()),
        signature_input: lines.signature_input,
        signature: lines.signature,
    })
}
