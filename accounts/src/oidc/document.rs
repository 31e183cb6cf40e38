//! What a provider says of itself: OpenID Connect Discovery 1.0, §3, with the device endpoint of RFC 8628, §4.

use reqwest::Url;
use serde::Deserialize;

use crate::provider::Issuer;

/// Where the document is, below the issuer.
pub(super) const PATH: &str = "/.well-known/openid-configuration";

/// The issuer of GitHub's OAuth apps. It publishes no OpenID document, because it issues no id_tokens.
const GITHUB: &str = "https://github.com/login/oauth";

/// Where a provider is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoints {
    /// Where a device flow begins, if the provider has one.
    pub(crate) device: Option<Url>,
    /// Where a device flow ends.
    pub(crate) token: Option<Url>,
    /// Where the client's secret goes in a call of either.
    pub(crate) secret: SecretPlace,
    /// Where the user's id is after a device flow.
    pub(crate) subject: SubjectPlace,
}

/// Where a client's secret goes: OpenID Connect Core 1.0, §9.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecretPlace {
    /// The header `Authorization`.
    Basic,
    /// The form.
    Post,
}

/// Where a user's id is after a device flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SubjectPlace {
    /// In the id_token that comes with the access token.
    IdToken,
    /// In this claim of the document at this address, for the holder of the access token.
    UserInfo { address: Url, claim: &'static str },
}

/// A document that is of no use, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DocumentError {
    /// It is not JSON, or a field is missing or of another type.
    #[error("the provider's openid-configuration is not one")]
    Form,
    /// It speaks for somebody else.
    #[error("the provider's openid-configuration names another issuer than the setting does")]
    Issuer,
    /// It sends the server to an address that nobody vouches for.
    #[error("the provider's openid-configuration names an address without TLS")]
    Address,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    jwks_uri: String,
    token_endpoint: Option<String>,
    device_authorization_endpoint: Option<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

/// The endpoints of a provider without a document, if it is one that is known here.
pub(super) fn known(issuer: &Issuer) -> Option<Endpoints> {
    let address = |text| Url::parse(text).ok();
    (issuer.as_str() == GITHUB).then_some(Endpoints {
        device: address("https://github.com/login/device/code"),
        token: address("https://github.com/login/oauth/access_token"),
        secret: SecretPlace::Post,
        subject: SubjectPlace::UserInfo {
            address: address("https://api.github.com/user")?,
            // `login` can be changed, and then be taken by somebody else.
            claim: "id",
        },
    })
}

/// Reads the document of this issuer. Returns the address of its keys too.
pub(super) fn read(issuer: &Issuer, document: &[u8]) -> Result<(Endpoints, Url), DocumentError> {
    let document: Document = serde_json::from_slice(document).map_err(|_| DocumentError::Form)?;
    if document.issuer != issuer.as_str() {
        return Err(DocumentError::Issuer);
    }
    let address = |text: String| {
        let address = Url::parse(&text).map_err(|_| DocumentError::Form)?;
        let vouched = issuer.vouches_for(&address);
        vouched.then_some(address).ok_or(DocumentError::Address)
    };
    let keys = address(document.jwks_uri)?;
    let token = document.token_endpoint.map(address).transpose()?;
    let device = document.device_authorization_endpoint.map(address);
    let device = device.transpose()?;
    let methods = document.token_endpoint_auth_methods_supported;
    // Basic is the default of a document that names no method.
    let secret = if methods.iter().any(|method| method == "client_secret_post") {
        SecretPlace::Post
    } else {
        SecretPlace::Basic
    };
    let endpoints = Endpoints {
        device,
        token,
        secret,
        subject: SubjectPlace::IdToken,
    };
    Ok((endpoints, keys))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{DocumentError, SecretPlace, SubjectPlace, known, read};
    use crate::provider::Issuer;

    fn issuer() -> Issuer {
        "https://id.example.cn/realm".parse().unwrap()
    }

    fn with(change: Value) -> Vec<u8> {
        let mut document = json!({
            "issuer": "https://id.example.cn/realm",
            "jwks_uri": "https://keys.example.cn/jwks",
            "token_endpoint": "https://id.example.cn/realm/token",
            "device_authorization_endpoint": "https://id.example.cn/realm/device",
        });
        let change = change.as_object().unwrap().clone();
        document.as_object_mut().unwrap().extend(change);
        document.to_string().into_bytes()
    }

    #[test]
    fn a_document_names_the_endpoints_and_the_keys() {
        let (endpoints, keys) = read(&issuer(), &with(json!({}))).unwrap();
        assert_eq!(keys.as_str(), "https://keys.example.cn/jwks");
        assert_eq!(endpoints.device.unwrap().path(), "/realm/device");
        assert_eq!(endpoints.secret, SecretPlace::Basic);
        let methods = json!({ "token_endpoint_auth_methods_supported": ["client_secret_post"] });
        let (endpoints, _) = read(&issuer(), &with(methods)).unwrap();
        assert_eq!(endpoints.secret, SecretPlace::Post);
    }

    #[test]
    fn a_document_of_somebody_else_or_without_tls_is_of_no_use() {
        for (change, error) in [
            (
                json!({ "issuer": "https://id.example.cn/realm/" }),
                DocumentError::Issuer,
            ),
            (json!({ "issuer": null }), DocumentError::Form),
            (json!({ "jwks_uri": null }), DocumentError::Form),
            (json!({ "jwks_uri": "/jwks" }), DocumentError::Form),
            (
                json!({ "jwks_uri": "http://id.example.cn/jwks" }),
                DocumentError::Address,
            ),
            (
                json!({ "token_endpoint": "http://127.0.0.1/token" }),
                DocumentError::Address,
            ),
            (
                json!({ "device_authorization_endpoint": "ftp://id.example.cn" }),
                DocumentError::Address,
            ),
        ] {
            let refused = read(&issuer(), &with(change.clone())).unwrap_err();
            assert_eq!(refused, error, "{change}");
        }
        assert_eq!(read(&issuer(), b"<html>").unwrap_err(), DocumentError::Form);
    }

    #[test]
    fn github_is_known_without_a_document() {
        let github = "https://github.com/login/oauth".parse().unwrap();
        let endpoints = known(&github).unwrap();
        assert!(endpoints.device.is_some() && endpoints.token.is_some());
        assert!(matches!(
            endpoints.subject,
            SubjectPlace::UserInfo { claim: "id", .. }
        ));
        assert!(known(&issuer()).is_none());
    }
}
