//! Tokens, genuine and forged.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use ring::{hmac, rsa};
use serde::Deserialize;
use serde_json::{Value, json};

/// A key that signs nothing outside tests.
const RSA: &[u8] = include_bytes!("rsa.der");

/// How a token is signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signing {
    /// RS256, with the provider's RSA key.
    Rs256,
    /// ES256, with the provider's present elliptic key.
    #[default]
    Es256,
    /// ES384, with the provider's longer elliptic key, as Logto signs.
    Es384,
    /// ES256 by a key that the provider never had, under the id of its own.
    WrongKey,
    /// ES256, under a key id that there never was.
    UnknownKey,
    /// `alg: none`, with an empty signature.
    None,
    /// HS256, with the public RSA key as the shared secret.
    Hs256,
    /// RS256 in the header, signed with the elliptic key.
    MixedUp,
    /// ES384 in the header, signed with the shorter elliptic key.
    WrongCurve,
}

/// The provider's keys.
pub(crate) struct Keys {
    rsa: RsaKeyPair,
    elliptic: EcdsaKeyPair,
    longer: EcdsaKeyPair,
    /// How many keys there were before this one.
    generation: usize,
}

impl Keys {
    pub(crate) fn new() -> Self {
        Self {
            rsa: RsaKeyPair::from_pkcs8(RSA).expect("the file holds a key"),
            elliptic: fresh(&ECDSA_P256_SHA256_FIXED_SIGNING),
            longer: fresh(&ECDSA_P384_SHA384_FIXED_SIGNING),
            generation: 0,
        }
    }

    /// Replaces the elliptic key by another one, with another id.
    pub(crate) fn rotate(&mut self) {
        self.elliptic = fresh(&ECDSA_P256_SHA256_FIXED_SIGNING);
        self.generation += 1;
    }

    /// The JWKS document.
    pub(crate) fn document(&self) -> Value {
        let rsa::PublicKeyComponents { n, e } = self.components();
        let point = self.elliptic.public_key().as_ref();
        let longer = self.longer.public_key().as_ref();
        json!({ "keys": [
            { "kty": "RSA", "kid": "rsa", "use": "sig", "alg": "RS256", "n": encode(n), "e": encode(e) },
            { "kty": "EC", "kid": self.elliptic_id(), "use": "sig", "alg": "ES256", "crv": "P-256",
              "x": encode(&point[1..33]), "y": encode(&point[33..]) },
            { "kty": "EC", "kid": "longer", "use": "sig", "alg": "ES384", "crv": "P-384",
              "x": encode(&longer[1..49]), "y": encode(&longer[49..]) },
        ]})
    }

    /// Signs a token.
    pub(crate) fn sign(&self, signing: Signing, claims: &Value) -> String {
        let elliptic = self.elliptic_id();
        let (algorithm, key) = match signing {
            Signing::Rs256 | Signing::MixedUp => ("RS256", "rsa"),
            Signing::Es256 | Signing::WrongKey => ("ES256", &*elliptic),
            Signing::Es384 | Signing::WrongCurve => ("ES384", "longer"),
            Signing::UnknownKey => ("ES256", "there never was one"),
            Signing::None => ("none", "rsa"),
            Signing::Hs256 => ("HS256", "rsa"),
        };
        let header = json!({ "alg": algorithm, "typ": "JWT", "kid": key });
        let [header, claims] = [&header, claims].map(|part| encode(part.to_string()));
        let message = format!("{header}.{claims}");
        let signature = match signing {
            Signing::Rs256 => self.by_rsa(&message),
            Signing::Es256 | Signing::UnknownKey | Signing::MixedUp | Signing::WrongCurve => {
                by_elliptic(&self.elliptic, &message)
            }
            Signing::Es384 => by_elliptic(&self.longer, &message),
            Signing::WrongKey => {
                let stranger = fresh(&ECDSA_P256_SHA256_FIXED_SIGNING);
                by_elliptic(&stranger, &message)
            }
            Signing::None => Vec::new(),
            Signing::Hs256 => {
                let secret = hmac::Key::new(hmac::HMAC_SHA256, &self.components().n);
                hmac::sign(&secret, message.as_bytes()).as_ref().to_vec()
            }
        };
        format!("{message}.{}", encode(signature))
    }

    fn elliptic_id(&self) -> String {
        format!("elliptic-{}", self.generation)
    }

    fn components(&self) -> rsa::PublicKeyComponents<Vec<u8>> {
        self.rsa.public_key().into()
    }

    fn by_rsa(&self, message: &str) -> Vec<u8> {
        let mut signature = vec![0; self.rsa.public().modulus_len()];
        self.rsa
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                message.as_bytes(),
                &mut signature,
            )
            .expect("the signature has the length of the key");
        signature
    }
}

fn fresh(algorithm: &'static EcdsaSigningAlgorithm) -> EcdsaKeyPair {
    let random = SystemRandom::new();
    let made = EcdsaKeyPair::generate_pkcs8(algorithm, &random);
    let key = made.and_then(|key| {
        EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref(), &random)
            .map_err(|_| ring::error::Unspecified)
    });
    key.expect("the system gives random bytes")
}

fn by_elliptic(key: &EcdsaKeyPair, message: &str) -> Vec<u8> {
    let signature = key.sign(&SystemRandom::new(), message.as_bytes());
    let signature = signature.expect("the system gives random bytes");
    signature.as_ref().to_vec()
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
