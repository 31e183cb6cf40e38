use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use proptest::prelude::*;
use serde_json::Value;
use sha2::Sha256;

use super::{Headers, Key, Proof, Signable, Target, content_digest, is_digest_of};

const KEY: &str = "ZtXW7vpyYFQ-i_OrjEiooxutc7OfgeMw5yMFCccScdY";
const CREATED: u64 = 1_764_460_800;
/// The digest of an empty body.
const EMPTY: &str = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:";

fn key() -> Key {
    Key::parse(KEY).unwrap()
}

/// A request as it is sent.
#[derive(Clone, Debug)]
struct Sent {
    method: String,
    target: String,
    content_digest: Option<String>,
    signature_input: String,
    signature: String,
}

impl Sent {
    fn is_taken(&self) -> bool {
        let proof = Proof::read(Headers {
            content_digest: self.content_digest.as_deref(),
            signature_input: &self.signature_input,
            signature: &self.signature,
        });
        proof.is_some_and(|proof| proof.is_genuine(&key(), &self.method, &self.target))
    }

    /// A request whose signature is right by whatever it claims, in lines that are put together without looking.
    fn forged(method: &str, target: &str, digest: Option<&str>, parameters: &str) -> Self {
        let (path, query) = target.split_at(target.find('?').unwrap_or(target.len()));
        let query = if query.is_empty() { "?" } else { query };
        let listed = match digest {
            Some(digest) => format!("\"content-digest\": {digest}\n"),
            None => String::new(),
        };
        let base = format!(
            "\"@method\": {method}\n\"@path\": {path}\n\"@query\": {query}\n{listed}\"@signature-params\": {parameters}"
        );
        let bytes = URL_SAFE_NO_PAD.decode(KEY).unwrap();
        let mac = Hmac::<Sha256>::new_from_slice(&bytes).unwrap();
        let mac = mac.chain_update(base).finalize().into_bytes();
        Self {
            method: method.into(),
            target: target.into(),
            content_digest: digest.map(Into::into),
            signature_input: format!("wx={parameters}"),
            signature: format!("wx=:{}:", STANDARD.encode(mac)),
        }
    }
}

fn vectors() -> Vec<Value> {
    let vectors: Value = serde_json::from_str(include_str!("vectors.json")).unwrap();
    assert_eq!(vectors["key"], KEY);
    assert_eq!(vectors["created"], CREATED);
    let all = vectors["cases"].as_array().unwrap().iter();
    all.filter(|case| case["expect"].is_null())
        .cloned()
        .collect()
}

fn text<'a>(case: &'a Value, name: &str) -> &'a str {
    case[name].as_str().unwrap()
}

#[test]
fn the_vectors_are_signed_and_taken() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 6);
    for case in &vectors {
        let (method, target) = (text(case, "method"), text(case, "target"));
        let digest = case["content_digest"].as_str();
        if let Some(digest) = digest {
            let body = text(case, "body");
            assert_eq!(content_digest(body.as_bytes()), digest);
            assert!(is_digest_of(digest, body.as_bytes()));
            assert!(!is_digest_of(digest, b"something else"));
        }
        let signable = Signable {
            method,
            target: Target::sent(target).unwrap(),
            digest,
        };
        let signed = key().sign(signable, CREATED, text(case, "nonce")).unwrap();
        let parameters = signed.signature_input.strip_prefix("wx=").unwrap();
        let mut base = String::new();
        signable.write(parameters, |piece| base.push_str(piece));
        assert_eq!(base, text(case, "base"));
        assert_eq!(base.len() as u64, case["base_bytes"].as_u64().unwrap());
        assert_eq!(signed.signature_input, text(case, "signature_input"));
        assert_eq!(signed.signature, text(case, "signature"));
        let sent = Sent {
            method: method.into(),
            target: target.into(),
            content_digest: digest.map(Into::into),
            signature_input: signed.signature_input,
            signature: signed.signature,
        };
        assert!(sent.is_taken(), "{}", text(case, "name"));
    }
}

const HEAD: &str = r#"("@method" "@path" "@query");created=1764460800;nonce="a""#;
const BODY: &str = r#"("@method" "@path" "@query" "content-digest");created=1764460800;nonce="a""#;

#[test]
fn what_the_two_forms_say_is_taken() {
    assert!(Sent::forged("GET", "/orders", None, HEAD).is_taken());
    assert!(Sent::forged("POST", "/orders?", Some(EMPTY), BODY).is_taken());
    let longest = format!(
        r#"("@method" "@path" "@query");created=99999999999;nonce="{}""#,
        "Az0_-9876543210z".repeat(4)
    );
    assert!(Sent::forged("GET", "/orders", None, &longest).is_taken());
}

/// Each is signed as it stands, so only its form can be the reason.
#[test]
fn any_other_form_is_refused() {
    let params = [
        (
            "another order",
            r#"("@path" "@method" "@query");created=1764460800;nonce="a""#,
        ),
        (
            "no query",
            r#"("@method" "@path");created=1764460800;nonce="a""#,
        ),
        ("nothing covered", r#"();created=1764460800;nonce="a""#),
        (
            "an authority",
            r#"("@method" "@path" "@query" "@authority");created=1764460800;nonce="a""#,
        ),
        (
            "two blanks",
            r#"("@method"  "@path" "@query");created=1764460800;nonce="a""#,
        ),
        (
            "a blank in the list",
            r#"( "@method" "@path" "@query");created=1764460800;nonce="a""#,
        ),
        (
            "a blank before a parameter",
            r#"("@method" "@path" "@query"); created=1764460800;nonce="a""#,
        ),
        (
            "a blank at the end",
            r#"("@method" "@path" "@query");created=1764460800;nonce="a" "#,
        ),
        (
            "a tab",
            "(\"@method\"\t\"@path\" \"@query\");created=1764460800;nonce=\"a\"",
        ),
        (
            "a fold",
            "(\"@method\" \"@path\"\r\n \"@query\");created=1764460800;nonce=\"a\"",
        ),
        (
            "upper case",
            r#"("@METHOD" "@path" "@query");created=1764460800;nonce="a""#,
        ),
        (
            "a key upper case",
            r#"("@method" "@path" "@query");Created=1764460800;nonce="a""#,
        ),
        (
            "a keyid",
            r#"("@method" "@path" "@query");created=1764460800;nonce="a";keyid="1""#,
        ),
        (
            "a keyid before",
            r#"("@method" "@path" "@query");keyid="1";created=1764460800;nonce="a""#,
        ),
        (
            "an alg",
            r#"("@method" "@path" "@query");created=1764460800;nonce="a";alg="hmac-sha256""#,
        ),
        (
            "an expiry",
            r#"("@method" "@path" "@query");created=1764460800;expires=1764460900;nonce="a""#,
        ),
        (
            "a tag",
            r#"("@method" "@path" "@query");created=1764460800;nonce="a";tag="x""#,
        ),
        (
            "two times",
            r#"("@method" "@path" "@query");created=1764460800;created=1764460800;nonce="a""#,
        ),
        (
            "two nonces",
            r#"("@method" "@path" "@query");created=1764460800;nonce="a";nonce="a""#,
        ),
        (
            "the other order",
            r#"("@method" "@path" "@query");nonce="a";created=1764460800"#,
        ),
        ("no time", r#"("@method" "@path" "@query");nonce="a""#),
        (
            "no nonce",
            r#"("@method" "@path" "@query");created=1764460800"#,
        ),
        (
            "an empty time",
            r#"("@method" "@path" "@query");created=;nonce="a""#,
        ),
        (
            "a negative time",
            r#"("@method" "@path" "@query");created=-1764460800;nonce="a""#,
        ),
        (
            "a signed time",
            r#"("@method" "@path" "@query");created=+1764460800;nonce="a""#,
        ),
        (
            "a decimal time",
            r#"("@method" "@path" "@query");created=1764460800.0;nonce="a""#,
        ),
        (
            "a quoted time",
            r#"("@method" "@path" "@query");created="1764460800";nonce="a""#,
        ),
        (
            "a time with a zero before",
            r#"("@method" "@path" "@query");created=01764460800;nonce="a""#,
        ),
        (
            "an overlong time",
            r#"("@method" "@path" "@query");created=100000000000;nonce="a""#,
        ),
        (
            "an exponent",
            r#"("@method" "@path" "@query");created=1e9;nonce="a""#,
        ),
        (
            "an empty nonce",
            r#"("@method" "@path" "@query");created=1764460800;nonce="""#,
        ),
        (
            "a nonce without quotes",
            r#"("@method" "@path" "@query");created=1764460800;nonce=a"#,
        ),
        (
            "a nonce that is not closed",
            r#"("@method" "@path" "@query");created=1764460800;nonce="a"#,
        ),
        (
            "a nonce with a quote",
            r#"("@method" "@path" "@query");created=1764460800;nonce="a\"""#,
        ),
        (
            "a nonce with a blank",
            r#"("@method" "@path" "@query");created=1764460800;nonce="a b""#,
        ),
        (
            "a nonce of other letters",
            r#"("@method" "@path" "@query");created=1764460800;nonce="茶""#,
        ),
        (
            "a flag on a component",
            r#"("@method";req "@path" "@query");created=1764460800;nonce="a""#,
        ),
        ("the digest listed and absent", BODY),
    ];
    for (name, parameters) in params {
        let sent = Sent::forged("GET", "/orders", None, parameters);
        assert!(!sent.is_taken(), "{name}");
    }
    let overlong = format!(
        r#"("@method" "@path" "@query");created=1;nonce="{}""#,
        "a".repeat(65)
    );
    assert!(!Sent::forged("GET", "/orders", None, &overlong).is_taken());
    let unlisted = Sent {
        content_digest: Some(EMPTY.into()),
        ..Sent::forged("POST", "/orders", None, HEAD)
    };
    assert!(!unlisted.is_taken(), "the digest is there and not listed");
}

#[test]
fn another_form_of_the_other_headers_is_refused() {
    let sent = Sent::forged("POST", "/orders", Some(EMPTY), BODY);
    let bare = sent.signature.trim_start_matches("wx=").to_owned();
    let encoded = bare.trim_matches(':').to_owned();
    let raw = STANDARD.decode(&encoded).unwrap();
    let url = URL_SAFE.encode(&raw);
    for signature in [
        String::new(),
        bare.clone(),
        encoded.clone(),
        format!("wx={encoded}"),
        format!("wx=:{encoded}"),
        format!("wx=:{}:", encoded.trim_end_matches('=')),
        format!("wx=:{encoded}=:"),
        format!("wx=: {encoded}:"),
        format!("wx=:{encoded}: "),
        format!("wx=:{encoded}:;a=1"),
        format!("wx=:{encoded}:, wx=:{encoded}:"),
        format!("wx=:{encoded}:, sig=:{encoded}:"),
        format!("sig=:{encoded}:"),
        format!("WX=:{encoded}:"),
        format!("wx=:{}:", STANDARD.encode(&raw[..31])),
        format!("wx=:{}:", STANDARD.encode(&raw[..16])),
        "wx=::".into(),
    ] {
        let other = Sent {
            signature,
            ..sent.clone()
        };
        assert!(!other.is_taken(), "{}", other.signature);
    }
    for signature_input in [
        format!("sig={BODY}"),
        format!(" wx={BODY}"),
        format!("wx ={BODY}"),
        format!("wx={BODY}, wx={BODY}"),
        format!("wx={BODY}, sig={BODY}"),
        BODY.to_owned(),
    ] {
        let other = Sent {
            signature_input,
            ..sent.clone()
        };
        assert!(!other.is_taken(), "{}", other.signature_input);
    }
    // The alphabet of URLs, in a signature that has a character of the other one.
    let of_urls = (0..100).find_map(|number| {
        let parameters = HEAD.replace("\"a\"", &format!("\"{number}\""));
        let sent = Sent::forged("GET", "/", None, &parameters);
        let other = sent.signature.replace('+', "-").replace('/', "_");
        (other != sent.signature).then_some(Sent {
            signature: other,
            ..sent
        })
    });
    assert!(!of_urls.unwrap().is_taken());
    assert_eq!(url.len(), encoded.len());
    let digest = EMPTY.trim_start_matches("sha-256=:").trim_end_matches(':');
    for digest in [
        "".into(),
        digest.into(),
        format!("sha-256={digest}"),
        format!("SHA-256=:{digest}:"),
        format!("sha-512=:{digest}:"),
        format!("sha-256=:{}:", digest.trim_end_matches('=')),
        format!("sha-256=:{digest}:, sha-256=:{digest}:"),
        format!("sha-256=:{digest}: "),
        // Bits that are left over: the same bytes in another spelling.
        format!("sha-256=:{}:", digest.replace("FU=", "FV=")),
    ] {
        let sent = Sent::forged("POST", "/orders", Some(&digest), BODY);
        assert!(!sent.is_taken(), "{digest}");
    }
}

#[test]
fn what_is_no_target_or_no_method_is_refused() {
    for target in ["", "?page=2"] {
        let sent = Sent::forged("GET", &format!("/{target}"), None, HEAD);
        let bare = Sent {
            target: target.into(),
            ..sent
        };
        assert!(bare.is_taken(), "an empty path is a slash");
    }
    for target in [
        "*",
        "orders",
        "https://api.example.com/orders",
        "/orders#top",
        "/orders?page=2#top",
        "/orders ",
        "/or ders",
        "/茶",
        "/orders\n\"@query\": ?admin",
        "/orders\r",
        "/orders\u{7f}",
    ] {
        let sent = Sent::forged("GET", target, None, HEAD);
        assert!(!sent.is_taken(), "{target:?}");
    }
    for method in ["", "GET ", "GET\n\"@path\": /orders", "取"] {
        let sent = Sent::forged(method, "/orders", None, HEAD);
        assert!(!sent.is_taken(), "{method:?}");
    }
}

#[test]
fn a_query_is_another_than_none_unless_it_is_empty() {
    let sent = Sent::forged("GET", "/orders", None, HEAD);
    let with = |target: &str| Sent {
        target: target.into(),
        ..sent.clone()
    };
    assert!(with("/orders?").is_taken());
    for target in [
        "/orders??",
        "/orders?a",
        "/orders/",
        "//orders",
        "/%6frders",
        "/Orders",
    ] {
        assert!(!with(target).is_taken(), "{target}");
    }
}

#[test]
fn the_target_of_a_url_is_what_is_sent() {
    for (url, path, query) in [
        ("https://api.example.com", "/", "?"),
        ("https://api.example.com/", "/", "?"),
        ("https://api.example.com?", "/", "?"),
        ("https://api.example.com?a=b?c", "/", "?a=b?c"),
        (
            "https://api.example.com:8443//a/../b/%2F?x=%E8#top?no",
            "//a/../b/%2F",
            "?x=%E8",
        ),
        (
            "/orders?next=https://other.example.com/x",
            "/orders",
            "?next=https://other.example.com/x",
        ),
    ] {
        let target = Target::of_url(url).unwrap();
        assert_eq!((target.path(), target.query()), (path, query), "{url}");
    }
    assert!(Target::of_url("orders").is_none());
    assert!(Target::of_url("https://api.example.com/a b").is_none());
}

#[test]
fn nothing_is_signed_that_would_be_refused() {
    let sign = |method, digest, nonce: &str| {
        let target = Target::sent("/").unwrap();
        key().sign(
            Signable {
                method,
                target,
                digest,
            },
            CREATED,
            nonce,
        )
    };
    assert!(sign("GET", None, "a").is_some());
    assert!(sign("GET", None, "").is_none());
    assert!(sign("GET", None, "a\"b").is_none());
    assert!(sign("GET", None, &"a".repeat(65)).is_none());
    assert!(sign("GET\n", None, "a").is_none());
    assert!(sign("POST", Some("sha-256=::"), "a").is_none());
}

#[test]
fn a_proof_counts_for_two_minutes_before_and_after() {
    let sent = Sent::forged("GET", "/", None, HEAD);
    let proof = Proof::read(Headers {
        content_digest: None,
        signature_input: &sent.signature_input,
        signature: &sent.signature,
    });
    let proof = proof.unwrap();
    for off in 0..=120 {
        assert!(!proof.is_late(CREATED + off) && !proof.is_late(CREATED - off));
    }
    assert!(proof.is_late(CREATED + 121) && proof.is_late(CREATED - 121));
    assert!(proof.is_late(0) && proof.is_late(u64::MAX));
}

#[test]
fn a_key_is_32_bytes_and_does_not_show() {
    assert_eq!(key().reveal(), KEY);
    assert_eq!(format!("{:?}", key()), "Key(redacted)");
    for wrong in [
        "",
        &KEY[1..],
        &format!("{KEY}="),
        &format!("{KEY}A"),
        &KEY.replace('-', "+"),
    ] {
        assert!(Key::parse(wrong).is_none(), "{wrong}");
    }
}

/// One of the five parts of a request, with one byte of it changed, added or taken away.
fn altered(sent: &Sent, part: usize, place: usize, byte: u8) -> Option<Sent> {
    let mut altered = sent.clone();
    let text = match part {
        0 => &mut altered.method,
        1 => &mut altered.target,
        2 => &mut altered.signature_input,
        3 => &mut altered.signature,
        _ => altered.content_digest.as_mut()?,
    };
    let mut bytes = text.clone().into_bytes();
    let place = place % (bytes.len() + 1);
    match bytes.get_mut(place) {
        _ if byte.is_multiple_of(3) => bytes.insert(place, byte),
        Some(_) if byte % 3 == 1 => drop(bytes.remove(place)),
        Some(old) => *old = byte,
        None => bytes.push(byte),
    }
    *text = String::from_utf8(bytes).ok()?;
    Some(altered)
}

proptest! {
    #[test]
    fn a_change_of_any_byte_is_refused(
        method in "GET|POST|PUT|DELETE|PATCH",
        target in "/[!-\"$-~]{0,40}",
        body in proptest::option::of(".{0,20}"),
        created in 0..99_999_999_999_u64,
        nonce in "[A-Za-z0-9_-]{1,64}",
        changes in proptest::collection::vec((0..5_usize, any::<usize>(), 0..128_u8), 1..40),
    ) {
        let digest = body.map(|body| content_digest(body.as_bytes()));
        let signable = Signable {
            method: &method,
            target: Target::sent(&target).unwrap(),
            digest: digest.as_deref(),
        };
        let signed = key().sign(signable, created, &nonce).unwrap();
        let sent = Sent {
            method: method.clone(),
            target: target.clone(),
            content_digest: digest.clone(),
            signature_input: signed.signature_input,
            signature: signed.signature,
        };
        prop_assert!(sent.is_taken());
        for (part, place, byte) in changes {
            let Some(altered) = altered(&sent, part, place, byte) else { continue };
            let is_same = altered.method == sent.method
                && Target::sent(&altered.target) == Target::sent(&sent.target)
                && altered.content_digest == sent.content_digest
                && altered.signature_input == sent.signature_input
                && altered.signature == sent.signature;
            prop_assert_eq!(altered.is_taken(), is_same, "{:?}", altered);
        }
        let without = Sent { content_digest: None, ..sent.clone() };
        prop_assert_eq!(without.is_taken(), digest.is_none());
        let other = Sent { content_digest: Some(content_digest(b"other")), ..sent.clone() };
        prop_assert!(!other.is_taken());
    }

    #[test]
    fn anything_can_be_read(
        content_digest in proptest::option::of(".*"),
        signature_input in ".*",
        signature in ".*",
        method in ".*",
        target in ".*",
    ) {
        let sent = Sent { method, target, content_digest, signature_input, signature };
        prop_assert!(!sent.is_taken());
    }
}
