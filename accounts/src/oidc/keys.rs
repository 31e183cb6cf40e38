//! A provider's keys: RFC 7517, of which those that verify RS256, ES256 or ES384 are kept.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

/// How many keys of a provider are kept. Google has two, Entra about ten.
const KEYS: usize = 32;

/// The keys of a provider.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeySet(Vec<Key>);

#[derive(Clone, Debug)]
struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

impl KeySet {
    /// Reads a JWKS document. Leaves out keys that are of no use here; `None` if the document is none.
    pub(super) fn read(document: &[u8]) -> Option<Self> {
        let Document { keys } = serde_json::from_slice(document).ok()?;
        let keys = keys.into_iter().filter_map(|key| Key::read(&key));
        Some(Self(keys.take(KEYS).collect()))
    }

    /// The key with this id for this algorithm; without an id, the only key for the algorithm.
    pub(super) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<&DecodingKey> {
        let mut fitting = self
            .0
            .iter()
            .filter(|key| key.algorithm == algorithm && (id.is_none() || key.id.as_deref() == id));
        let found = fitting.next()?;
        let unique = id.is_some() || fitting.next().is_none();
        unique.then_some(&found.key)
    }
}

impl Key {
    fn read(document: &Value) -> Option<Self> {
        let key = Jwk::deserialize(document).ok()?;
        let algorithm = match &key.algorithm {
            AlgorithmParameters::RSA(_) => Algorithm::RS256,
            AlgorithmParameters::EllipticCurve(of) => match of.curve {
                EllipticCurve::P256 => Algorithm::ES256,
                EllipticCurve::P384 => Algorithm::ES384,
                _ => return None,
            },
            _ => return None,
        };
        let signs =
            !matches!(&key.common.public_key_use, Some(of) if *of != PublicKeyUse::Signature);
        let meant = match key.common.key_algorithm {
            None => true,
            Some(KeyAlgorithm::RS256) => algorithm == Algorithm::RS256,
            Some(KeyAlgorithm::ES256) => algorithm == Algorithm::ES256,
            Some(KeyAlgorithm::ES384) => algorithm == Algorithm::ES384,
            Some(_) => false,
        };
        (signs && meant).then_some(())?;
        Some(Self {
            algorithm,
            key: DecodingKey::from_jwk(&key).ok()?,
            id: key.common.key_id,
        })
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::Algorithm::{ES256, ES384, RS256};
    use serde_json::{Value, json};

    use super::KeySet;

    fn rsa(id: Option<&str>, more: Value) -> Value {
        let mut key = json!({ "kty": "RSA", "n": "AQAB", "e": "AQAB" });
        let fields = key.as_object_mut().unwrap();
        if let Some(id) = id {
            fields.insert("kid".into(), id.into());
        }
        fields.extend(more.as_object().unwrap().clone());
        key
    }

    fn set(keys: &[Value]) -> KeySet {
        KeySet::read(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
    }

    #[test]
    fn a_key_is_found_by_its_id_and_algorithm() {
        let keys = set(&[
            rsa(Some("a"), json!({})),
            rsa(Some("b"), json!({ "use": "sig", "alg": "RS256" })),
        ]);
        assert!(keys.find(Some("b"), RS256).is_some());
        assert!(keys.find(Some("b"), ES256).is_none());
        assert!(keys.find(Some("c"), RS256).is_none());
    }

    #[test]
    fn a_token_without_a_key_id_gets_the_only_key_and_never_one_of_several() {
        assert!(
            set(&[rsa(Some("a"), json!({}))])
                .find(None, RS256)
                .is_some()
        );
        let two = set(&[rsa(Some("a"), json!({})), rsa(None, json!({}))]);
        assert!(two.find(None, RS256).is_none());
    }

    #[test]
    fn keys_for_other_ends_are_left_out_and_do_not_spoil_the_rest() {
        let keys = set(&[
            rsa(Some("encrypts"), json!({ "use": "enc" })),
            rsa(Some("pss"), json!({ "alg": "PS256" })),
            json!({ "kty": "oct", "k": "aGVsbG8", "kid": "shared" }),
            json!({ "kty": "EC", "crv": "P-521", "x": "AQAB", "y": "AQAB", "kid": "521" }),
            json!({ "kty": 7 }),
            json!("no key"),
            rsa(Some("signs"), json!({})),
        ]);
        for id in ["encrypts", "pss", "shared", "521"] {
            assert!(keys.find(Some(id), RS256).is_none(), "{id}");
            assert!(keys.find(Some(id), ES256).is_none(), "{id}");
            assert!(keys.find(Some(id), ES384).is_none(), "{id}");
        }
        assert!(keys.find(Some("signs"), RS256).is_some());
    }

    #[test]
    fn no_more_than_32_keys_are_kept() {
        let many: Vec<_> = (0..40)
            .map(|id| rsa(Some(&id.to_string()), json!({})))
            .collect();
        let keys = set(&many);
        assert!(keys.find(Some("31"), RS256).is_some());
        assert!(keys.find(Some("32"), RS256).is_none());
    }

    #[test]
    fn what_is_no_key_set_is_none() {
        for document in ["<html>", "[]", "{}", r#"{"keys":{}}"#] {
            assert!(KeySet::read(document.as_bytes()).is_none(), "{document}");
        }
    }
}
