//! The settings of the internal listener.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context, ensure};
use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpListener;

use super::address::{address, listener_on};
use super::secret::Secret;

const TOKEN: Secret = Secret {
    what: "the token of the internal listener",
    variable: "WXSESSION_INTERNAL_TOKEN",
    file_flag: "--internal-token-file",
};

/// A token of fewer characters might be guessed.
const GUESSABLE: usize = 16;

#[derive(Debug, Args)]
#[command(next_help_heading = "The internal listener")]
pub(super) struct InternalOptions {
    /// Where to listen for your own services; nowhere by default.
    ///
    /// Without a token, everybody who can reach it is trusted.
    #[arg(
        long,
        env = "WXSESSION_INTERNAL",
        value_name = "ADDRESS:PORT|unix:PATH"
    )]
    internal: Option<Place>,
    /// A file with the token of the internal listener.
    ///
    /// Instead of WXSESSION_INTERNAL_TOKEN in the environment. Callers send it as Authorization: Bearer. It is
    /// required if other machines can reach the listener.
    #[arg(long, env = "WXSESSION_INTERNAL_TOKEN_FILE", value_name = "FILE")]
    internal_token_file: Option<PathBuf>,
}

/// The address of the internal listener.
#[derive(Clone, Debug)]
enum Place {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

/// The internal listener, ready to serve.
#[derive(Debug)]
pub struct InternalListener {
    /// The source of connections.
    pub socket: InternalSocket,
    /// The token that every caller must present.
    pub token: Option<SecretString>,
}

/// The socket of the internal listener.
#[derive(Debug)]
pub enum InternalSocket {
    /// An address.
    Tcp(TcpListener),
    /// A path in the file system.
    #[cfg(unix)]
    Unix(tokio::net::UnixListener),
}

impl fmt::Display for InternalSocket {
    /// The actual address, which may have been port 0.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(listener) => {
                let address = listener.local_addr().map_err(|_| fmt::Error)?;
                write!(formatter, "http://{address}")
            }
            #[cfg(unix)]
            Self::Unix(listener) => {
                let address = listener.local_addr().map_err(|_| fmt::Error)?;
                let path = address.as_pathname().ok_or(fmt::Error)?;
                write!(formatter, "unix:{}", path.display())
            }
        }
    }
}

impl InternalOptions {
    pub(super) fn is_wanted(&self) -> bool {
        self.internal.is_some()
    }

    /// Its address, if it has one.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        match &self.internal {
            Some(Place::Tcp(address)) => Some(*address),
            Some(Place::Unix(_)) | None => None,
        }
    }

    /// The token, if there is one. Fails without one if other machines can reach the listener.
    pub(super) fn token(&self) -> anyhow::Result<Option<SecretString>> {
        let token = TOKEN.read(self.internal_token_file.as_deref())?;
        match &self.internal {
            None => ensure!(
                token.is_none(),
                "{} is given, and no --internal (WXSESSION_INTERNAL) to use it at",
                TOKEN.what
            ),
            Some(Place::Tcp(address)) => ensure!(
                token.is_some() || address.ip().is_loopback(),
                "--internal: other machines can reach {address}; give a token with {} or {}, or listen \
                 on 127.0.0.1 or unix:PATH",
                TOKEN.variable,
                TOKEN.file_flag
            ),
            Some(Place::Unix(_)) => {}
        }
        let is_short = |token: &SecretString| token.expose_secret().len() < GUESSABLE;
        if token.as_ref().is_some_and(is_short) {
            tracing::warn!(
                "{} has fewer than {GUESSABLE} characters and might be guessed; make one with `openssl rand -hex 32`",
                TOKEN.what
            );
        }
        Ok(token)
    }

    /// Opens the internal listener, if one is configured.
    pub(super) async fn listen(&self) -> anyhow::Result<Option<InternalListener>> {
        let token = self.token()?;
        let socket = match &self.internal {
            None => return Ok(None),
            Some(Place::Tcp(address)) => {
                InternalSocket::Tcp(listener_on("--internal", *address).await?)
            }
            Some(Place::Unix(path)) => unix(path)?,
        };
        Ok(Some(InternalListener { socket, token }))
    }
}

#[cfg(unix)]
fn unix(path: &std::path::Path) -> anyhow::Result<InternalSocket> {
    use std::io::ErrorKind;
    use std::os::unix::fs::{FileTypeExt, PermissionsExt};
    use std::os::unix::net::UnixStream;

    let taken = || format!("--internal: {} cannot be listened on", path.display());
    // A killed server leaves its socket behind. Nothing else is removed.
    let is_socket = path
        .metadata()
        .is_ok_and(|file| file.file_type().is_socket());
    let nobody_listens = || {
        UnixStream::connect(path).is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
    };
    if is_socket && nobody_listens() {
        std::fs::remove_file(path).with_context(taken)?;
    }
    let listener = tokio::net::UnixListener::bind(path).with_context(taken)?;
    // For owner and group: a proxy runs as another user, who can be added to the group.
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o660)).with_context(taken)?;
    Ok(InternalSocket::Unix(listener))
}

#[cfg(not(unix))]
fn unix(_: &std::path::Path) -> anyhow::Result<InternalSocket> {
    anyhow::bail!("--internal: this system has no Unix sockets; give an address and a port")
}

impl FromStr for Place {
    type Err = String;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        if let Some(path) = value.strip_prefix("unix:").filter(|path| !path.is_empty()) {
            return Ok(Self::Unix(path.into()));
        }
        if value.starts_with("unix") || value.contains('/') && !value.contains("//") {
            return Err(
                "give a socket as unix: and its path, as in unix:/run/wxsession/internal.sock"
                    .into(),
            );
        }
        address(value).map(Self::Tcp)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::net::UnixDatagram;

    #[tokio::test]
    async fn a_socket_of_another_kind_that_somebody_uses_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let _theirs = UnixDatagram::bind(&path).unwrap();
        let error = super::unix(&path).unwrap_err();
        assert!(format!("{error:#}").contains("--internal"), "{error:#}");
        assert!(path.exists());
    }
}
