//! Where the backend is.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::http::Uri;
use axum::http::uri::{Authority, PathAndQuery, Scheme};
use reqwest::Url;
use tokio::net::lookup_host;

/// The address of the backend: a host and a port, which HTTP is spoken to.
///
/// ```
/// use wxsession_service::upstream::UpstreamAddress;
///
/// assert!("http://127.0.0.1:3000".parse::<UpstreamAddress>().is_ok());
/// assert!("http://127.0.0.1:3000/api".parse::<UpstreamAddress>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamAddress(Authority);

/// The text is no address of a backend. The message does not repeat the text, which may have a password in it.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamAddressError {
    /// The scheme is https.
    #[error(
        "HTTPS to the backend is not supported; give an http address on this machine or in a network that you trust, as in \
         http://127.0.0.1:3000"
    )]
    Tls,
    /// It has a path, or something else besides host and port.
    #[error("give scheme, host and port alone, as in http://127.0.0.1:3000")]
    Form,
}

impl UpstreamAddress {
    /// The URI of a target there. It keeps the target as it is, byte for byte.
    pub(super) fn uri(&self, target: PathAndQuery) -> Option<Uri> {
        let mut parts = axum::http::uri::Parts::default();
        parts.scheme = Some(Scheme::HTTP);
        parts.authority = Some(self.0.clone());
        parts.path_and_query = Some(target);
        Uri::from_parts(parts).ok()
    }

    /// Whether a listener at this address would be the backend.
    pub(crate) async fn is_at(&self, listener: SocketAddr) -> bool {
        let port = self.port();
        if port != listener.port() {
            return false;
        }
        let host = self.0.host().trim_matches(['[', ']']);
        // A name that cannot be looked up now may be known later; it leads elsewhere then.
        let Ok(addresses) = lookup_host((host, port)).await else {
            return false;
        };
        let listens = listener.ip().to_canonical();
        let leads_there = |address: IpAddr| {
            address == listens
                || (listens.is_unspecified() && (address.is_loopback() || address.is_unspecified()))
                || (address.is_unspecified() && listens.is_loopback())
        };
        addresses
            .into_iter()
            .any(|address| leads_there(address.ip().to_canonical()))
    }

    /// Host and port, to connect to.
    pub(crate) fn host_and_port(&self) -> (String, u16) {
        let host = self.0.host().trim_matches(['[', ']']);
        (host.to_owned(), self.port())
    }

    fn port(&self) -> u16 {
        self.0.port_u16().unwrap_or(80)
    }
}

impl fmt::Display for UpstreamAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "http://{}", self.0)
    }
}

impl FromStr for UpstreamAddress {
    type Err = UpstreamAddressError;

    fn from_str(text: &str) -> Result<Self, UpstreamAddressError> {
        let url = Url::parse(text).map_err(|_| UpstreamAddressError::Form)?;
        let bare = url.has_host()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        match url.scheme() {
            "http" if bare => {}
            "https" if bare => return Err(UpstreamAddressError::Tls),
            _ => return Err(UpstreamAddressError::Form),
        }
        let host = url.host_str().ok_or(UpstreamAddressError::Form)?;
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let authority = authority.parse().map_err(|_| UpstreamAddressError::Form)?;
        Ok(Self(authority))
    }
}

#[cfg(test)]
mod tests {
    use super::{UpstreamAddress, UpstreamAddressError};

    #[test]
    fn only_scheme_host_and_port_are_an_address_and_nothing_else_is_repeated() {
        for (text, shown) in [
            ("http://127.0.0.1:3000", Some("http://127.0.0.1:3000")),
            ("http://127.0.0.1:3000/", Some("http://127.0.0.1:3000")),
            ("http://app", Some("http://app")),
            ("http://[::1]:3000", Some("http://[::1]:3000")),
            ("HTTP://App:80", Some("http://app")),
            ("127.0.0.1:3000", None),
            ("3000", None),
            ("", None),
            ("http://", None),
            ("http://127.0.0.1:3000/hush", None),
            ("http://hush@127.0.0.1:3000", None),
            ("http://user:hush@127.0.0.1:3000", None),
            ("http://127.0.0.1:3000?hush", None),
            ("http://127.0.0.1:3000#hush", None),
            ("ftp://hush", None),
            ("unix:/hush", None),
        ] {
            match (text.parse::<UpstreamAddress>(), shown) {
                (Ok(address), Some(shown)) => assert_eq!(address.to_string(), shown),
                (Err(error), None) => assert!(!format!("{error} {error:?}").contains("hush")),
                (parsed, _) => panic!("{text}: {parsed:?}"),
            }
        }
        let error = "https://app".parse::<UpstreamAddress>().unwrap_err();
        assert!(matches!(error, UpstreamAddressError::Tls));
    }

    #[tokio::test]
    async fn a_listener_of_ones_own_is_recognised_under_every_name() {
        for (upstream, listener, expected) in [
            ("http://127.0.0.1:8080", "127.0.0.1:8080", true),
            ("http://localhost:8080", "127.0.0.1:8080", true),
            ("http://127.0.0.1:8080", "0.0.0.0:8080", true),
            ("http://0.0.0.0:8080", "127.0.0.1:8080", true),
            ("http://[::ffff:127.0.0.1]:8080", "127.0.0.1:8080", true),
            ("http://[::1]:8080", "[::]:8080", true),
            ("http://127.0.0.1", "127.0.0.1:80", true),
            ("http://127.0.0.1:3000", "127.0.0.1:8080", false),
            ("http://127.0.0.2:8080", "127.0.0.1:8080", false),
            ("http://192.0.2.7:8080", "127.0.0.1:8080", false),
        ] {
            let address: UpstreamAddress = upstream.parse().unwrap();
            let is_at = address.is_at(listener.parse().unwrap()).await;
            assert_eq!(is_at, expected, "{upstream} {listener}");
        }
    }
}
