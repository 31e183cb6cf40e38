//! Where the hook is: a URL, or a Unix socket with a path.

use std::path::PathBuf;
use std::str::FromStr;

use reqwest::Url;

/// The address of the hook. Its `Debug` output does not show the path, which may contain a secret.
///
/// ```
/// use wxsession_service::accounts::HookAddress;
///
/// assert!("http://127.0.0.1:3001/sign-in".parse::<HookAddress>().is_ok());
/// assert!("unix:/run/app/hook.sock".parse::<HookAddress>().is_ok());
/// assert!("unix:/run/app/hook.sock:/sign-in".parse::<HookAddress>().is_ok());
/// assert!("http://user:password@127.0.0.1/".parse::<HookAddress>().is_err());
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct HookAddress {
    pub(super) url: Url,
    pub(super) socket: Option<PathBuf>,
}

/// The text is no address of a hook. The message does not repeat the text.
#[derive(Debug, thiserror::Error)]
#[error(
    "not an address that can be used; give a URL without user, password, query and fragment, as in \
     http://127.0.0.1:3001/sign-in, or a socket and a path, as in unix:/run/app/hook.sock:/sign-in"
)]
pub struct HookAddressError;

impl HookAddress {
    /// Whether passwords would cross a network unencrypted.
    pub fn is_exposed(&self) -> bool {
        let here = matches!(
            self.url.host_str(),
            Some("127.0.0.1" | "[::1]" | "localhost")
        );
        self.url.scheme() == "http" && !here
    }

    /// Whether the hook is served at this host and port.
    pub(crate) fn is_at(&self, (host, port): &(String, u16)) -> bool {
        let named = self
            .url
            .host_str()
            .map(|host| host.trim_matches(['[', ']']));
        self.socket.is_none()
            && named == Some(host)
            && self.url.port_or_known_default() == Some(*port)
    }
}

impl FromStr for HookAddress {
    type Err = HookAddressError;

    fn from_str(text: &str) -> Result<Self, HookAddressError> {
        let Some(place) = text.strip_prefix("unix:") else {
            return Ok(Self {
                url: plain_url(text).ok_or(HookAddressError)?,
                socket: None,
            });
        };
        if cfg!(not(unix)) {
            return Err(HookAddressError);
        }
        let (socket, path) = place.split_once(':').unwrap_or((place, "/"));
        if !socket.starts_with('/') || !path.starts_with('/') {
            return Err(HookAddressError);
        }
        Ok(Self {
            // The host is sent, and nothing is connected to.
            url: plain_url(&format!("http://localhost{path}")).ok_or(HookAddressError)?,
            socket: Some(socket.into()),
        })
    }
}

/// The URL, if it has only scheme, host, port and path.
fn plain_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain = url.has_host()
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    (plain && matches!(url.scheme(), "https" | "http")).then_some(url)
}

impl std::fmt::Debug for HookAddress {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("HookAddress(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::HookAddress;

    #[test]
    fn a_socket_may_have_a_path_behind_it() {
        for (text, socket, path) in [
            ("unix:/run/hook.sock", "/run/hook.sock", "/"),
            ("unix:/run/hook.sock:/sign-in", "/run/hook.sock", "/sign-in"),
        ] {
            let address: HookAddress = text.parse().unwrap();
            assert_eq!(address.socket.as_deref(), Some(Path::new(socket)));
            assert_eq!((address.url.path(), address.is_exposed()), (path, false));
        }
    }

    #[test]
    fn what_is_no_address_is_refused_and_not_repeated() {
        for text in [
            "",
            "3001",
            "127.0.0.1:3001",
            "ftp://127.0.0.1/hush",
            "http://",
            "http://hush@127.0.0.1/",
            "http://user:hush@127.0.0.1/",
            "http://127.0.0.1/?token=hush",
            "http://127.0.0.1/#hush",
            "unix:",
            "unix:hush.sock",
            "unix:/run/hush.sock:sign-in",
            "unix:/run/hush.sock:",
            "unix:/run/hush.sock:/sign-in?token=hush",
        ] {
            let error = text.parse::<HookAddress>().unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hush"), "{text}");
        }
        let address: HookAddress = "https://users.example.com/hush".parse().unwrap();
        assert!(!format!("{address:?}").contains("hush"));
    }

    #[test]
    fn a_hook_is_where_its_host_and_port_are() {
        for (text, expected) in [
            ("http://127.0.0.1:3000/sign-in", true),
            ("http://127.0.0.1:3001/sign-in", false),
            ("http://localhost:3000/sign-in", false),
            ("unix:/run/hook.sock", false),
        ] {
            let address: HookAddress = text.parse().unwrap();
            assert_eq!(
                address.is_at(&("127.0.0.1".into(), 3000)),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn http_to_another_machine_is_exposed() {
        for (text, exposed) in [
            ("http://127.0.0.1:3001/", false),
            ("http://[::1]/", false),
            ("http://localhost/", false),
            ("https://users.example.com/", false),
            ("http://users.example.com/", true),
            ("http://10.0.0.7:3001/", true),
        ] {
            let address: HookAddress = text.parse().unwrap();
            assert_eq!(address.is_exposed(), exposed, "{text}");
        }
    }
}
