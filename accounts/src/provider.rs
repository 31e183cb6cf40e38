//! The third parties whose users may sign in, as the operator names them.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use reqwest::Url;
use secrecy::SecretString;

/// How long a provider's name may be, in characters.
const NAME_CHARACTERS: usize = 32;
/// How long a client id may be, in characters. Those of Google, the longest in use, have 72.
const CLIENT_CHARACTERS: usize = 255;

/// A provider as a setting has it: `NAME=issuer,client-id` or `NAME=issuer,client-id,client-secret-file`.
///
/// ```
/// use wxsession_accounts::provider::ProviderSetting;
///
/// let school: ProviderSetting = "school=https://id.example.edu.cn,wxsession".parse()?;
/// assert_eq!(school.name, "school");
/// assert_eq!(school.client_id, "wxsession");
/// assert!("school=http://id.example.edu.cn,wxsession".parse::<ProviderSetting>().is_err());
/// # Ok::<(), wxsession_accounts::provider::ProviderError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderSetting {
    /// What clients call the provider: the `issuer` of a sign-in.
    pub name: String,
    /// Whose tokens count.
    pub issuer: Issuer,
    /// Who this server, or the app, is to the provider: the `aud` of its tokens.
    pub client_id: String,
    /// The file with the client's secret, where the provider wants one.
    pub client_secret_file: Option<PathBuf>,
}

impl ProviderSetting {
    /// The provider, with the content of the file that the setting names.
    pub fn with_secret(self, client_secret: Option<SecretString>) -> Provider {
        Provider {
            name: self.name,
            issuer: self.issuer,
            client_id: self.client_id,
            client_secret,
        }
    }
}

impl FromStr for ProviderSetting {
    type Err = ProviderError;

    fn from_str(setting: &str) -> Result<Self, ProviderError> {
        let (name, rest) = setting.split_once('=').ok_or(ProviderError::Form)?;
        let mut parts = rest.splitn(3, ',');
        let (Some(issuer), Some(client_id)) = (parts.next(), parts.next()) else {
            return Err(ProviderError::Form);
        };
        let client_secret_file = match parts.next() {
            Some("") => return Err(ProviderError::Form),
            file => file.map(PathBuf::from),
        };
        if !is_name(name) {
            return Err(ProviderError::Name);
        }
        let printable = client_id.bytes().all(|byte| byte.is_ascii_graphic());
        if !(1..=CLIENT_CHARACTERS).contains(&client_id.len()) || !printable {
            return Err(ProviderError::ClientId);
        }
        Ok(Self {
            name: name.to_owned(),
            issuer: issuer.parse()?,
            client_id: client_id.to_owned(),
            client_secret_file,
        })
    }
}

/// A third party whose users may sign in.
#[derive(Clone, Debug)]
pub struct Provider {
    /// What clients call the provider.
    pub name: String,
    /// Whose tokens count.
    pub issuer: Issuer,
    /// The audience of the provider's tokens.
    pub client_id: String,
    /// The client's secret, where the provider wants one.
    pub client_secret: Option<SecretString>,
}

/// The issuer of tokens: an address that is compared letter by letter (OpenID Connect Core 1.0, §3.1.3.7).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Issuer {
    text: String,
    url: Url,
}

impl Issuer {
    /// The issuer as its tokens have it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The address of a document below the issuer.
    pub fn below(&self, path: &str) -> Option<Url> {
        let text = self.text.trim_end_matches('/');
        Url::parse(&format!("{text}{path}")).ok()
    }

    /// Whether an address that this issuer names may be called: over TLS, or on this machine if the issuer is.
    pub fn vouches_for(&self, endpoint: &Url) -> bool {
        endpoint.scheme() == "https" || (is_here(&self.url) && is_here(endpoint))
    }
}

impl FromStr for Issuer {
    type Err = ProviderError;

    fn from_str(text: &str) -> Result<Self, ProviderError> {
        let url = Url::parse(text).map_err(|_| ProviderError::Issuer)?;
        let bare = url.has_host()
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if !bare || !(url.scheme() == "https" || is_here(&url)) {
            return Err(ProviderError::Issuer);
        }
        Ok(Self {
            text: text.to_owned(),
            url,
        })
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// Why a setting names no provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// A part is missing.
    #[error(
        "a provider is NAME=issuer,client-id or NAME=issuer,client-id,client-secret-file, as in \
         school=https://id.example.edu.cn,wxsession"
    )]
    Form,
    /// The name is not one.
    #[error("a provider's name has 1 to 32 of a-z 0-9 - and begins with a letter")]
    Name,
    /// The issuer cannot be trusted.
    #[error(
        "a provider's issuer is an https address without a query; http is for 127.0.0.1, [::1] and \
         localhost alone"
    )]
    Issuer,
    /// The client id is empty, too long or not printable.
    #[error("a provider's client id has 1 to 255 printable characters and no comma")]
    ClientId,
}

fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    name.len() <= NAME_CHARACTERS
        && name.bytes().all(allowed)
        && name.starts_with(|first: char| first.is_ascii_lowercase())
}

/// Whether the address is one of this machine, which nobody on the network can speak for.
fn is_here(url: &Url) -> bool {
    url.scheme() == "http" && matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"))
}

#[cfg(test)]
mod tests {
    use super::{Issuer, ProviderError, ProviderSetting};

    #[test]
    fn a_setting_has_a_name_an_issuer_a_client_and_maybe_a_secret_file() {
        let setting: ProviderSetting =
            "github-2=https://github.com,Iv1.8a61f9b3a7aba766,/etc/wxsession/github,secret"
                .parse()
                .unwrap();
        assert_eq!(setting.issuer.as_str(), "https://github.com");
        let file = setting.client_secret_file.unwrap();
        assert_eq!(file.to_str(), Some("/etc/wxsession/github,secret"));
    }

    #[test]
    fn a_setting_that_is_wrong_is_refused_by_the_part() {
        let long = "a".repeat(33);
        for (setting, error) in [
            ("https://id.example.cn,client", ProviderError::Form),
            ("school=https://id.example.cn", ProviderError::Form),
            ("school=https://id.example.cn,client,", ProviderError::Form),
            ("=https://id.example.cn,client", ProviderError::Name),
            ("School=https://id.example.cn,client", ProviderError::Name),
            ("9th=https://id.example.cn,client", ProviderError::Name),
            (
                &format!("{long}=https://id.example.cn,client"),
                ProviderError::Name,
            ),
            ("school=id.example.cn,client", ProviderError::Issuer),
            ("school=http://id.example.cn,client", ProviderError::Issuer),
            (
                "school=http://127.0.0.1.example.cn,client",
                ProviderError::Issuer,
            ),
            (
                "school=https://id.example.cn?a=b,client",
                ProviderError::Issuer,
            ),
            (
                "school=https://id.example.cn#a,client",
                ProviderError::Issuer,
            ),
            (
                "school=https://a:b@id.example.cn,client",
                ProviderError::Issuer,
            ),
            ("school=file:///etc/passwd,client", ProviderError::Issuer),
            ("school=https://id.example.cn,", ProviderError::ClientId),
            (
                "school=https://id.example.cn,two words",
                ProviderError::ClientId,
            ),
        ] {
            assert_eq!(setting.parse::<ProviderSetting>(), Err(error), "{setting}");
        }
    }

    #[test]
    fn an_issuer_on_the_network_cannot_name_an_address_of_this_machine() {
        let remote: Issuer = "https://id.example.cn/realm/".parse().unwrap();
        let here: Issuer = "http://127.0.0.1:8080".parse().unwrap();
        for (endpoint, of_remote, of_here) in [
            ("https://keys.example.cn/jwks", true, true),
            ("http://id.example.cn/jwks", false, false),
            ("http://127.0.0.1:6379/", false, true),
            ("file:///etc/passwd", false, false),
        ] {
            let endpoint = endpoint.parse().unwrap();
            assert_eq!(remote.vouches_for(&endpoint), of_remote, "{endpoint}");
            assert_eq!(here.vouches_for(&endpoint), of_here, "{endpoint}");
        }
        let document = remote.below("/.well-known/openid-configuration").unwrap();
        assert_eq!(
            document.as_str(),
            "https://id.example.cn/realm/.well-known/openid-configuration"
        );
    }
}
