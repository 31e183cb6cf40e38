//! The signatures that an id_token may have, verified by ring, which TLS uses already.
//!
//! `jsonwebtoken` leaves cryptography to a provider for the whole process. Ours verifies RS256, ES256 and ES384 and nothing
//! else: an algorithm that it does not know cannot be talked into a verification by any header.

use jsonwebtoken::crypto::{CryptoProvider, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::signature::{self, Verifier};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, EcdsaVerificationAlgorithm,
    RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};

static RING: CryptoProvider = CryptoProvider {
    signer_factory: |_, _| Err(ErrorKind::UnsupportedAlgorithm.into()),
    verifier_factory: verifier,
    key_utils: KeyUtils::new_unimplemented(),
};

/// Makes the process verify with ring, unless it has chosen another provider.
pub(super) fn install() {
    if CryptoProvider::try_get_default().is_none() {
        // If another thread was faster, it has installed one too.
        let _ = RING.install_default();
    }
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    match (algorithm, key.family()) {
        (Algorithm::RS256, AlgorithmFamily::Rsa) => Ok(Box::new(Rs256(key.clone()))),
        (Algorithm::ES256, AlgorithmFamily::Ec) => Ok(Elliptic::boxed(
            Algorithm::ES256,
            &ECDSA_P256_SHA256_FIXED,
            key,
        )),
        (Algorithm::ES384, AlgorithmFamily::Ec) => Ok(Elliptic::boxed(
            Algorithm::ES384,
            &ECDSA_P384_SHA384_FIXED,
            key,
        )),
        _ => Err(ErrorKind::UnsupportedAlgorithm.into()),
    }
}

struct Rs256(DecodingKey);

impl Verifier<Vec<u8>> for Rs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let DecodingKeyKind::RsaModulusExponent { n, e } = self.0.kind() else {
            return Err(signature::Error::new());
        };
        // ring refuses numbers that begin with zeros, which some providers' JWKS have.
        let (n, e) = (without_zeros(n), without_zeros(e));
        RsaPublicKeyComponents { n, e }
            .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            .map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Rs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}

struct Elliptic {
    algorithm: Algorithm,
    verification: &'static EcdsaVerificationAlgorithm,
    key: DecodingKey,
}

impl Elliptic {
    fn boxed(
        algorithm: Algorithm,
        verification: &'static EcdsaVerificationAlgorithm,
        key: &DecodingKey,
    ) -> Box<dyn JwtVerifier> {
        let key = key.clone();
        Box::new(Self {
            algorithm,
            verification,
            key,
        })
    }
}

impl Verifier<Vec<u8>> for Elliptic {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let point = self
            .key
            .try_get_as_bytes()
            .map_err(|_| signature::Error::new())?;
        UnparsedPublicKey::new(self.verification, point)
            .verify(message, signature)
            .map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Elliptic {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

fn without_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}
