//! Connects to a server: TCP, TLS if asked for, and the login.

use std::io;
use std::sync::Arc;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, RedisConnectionInfo, RedisResult};
use rustls::crypto::ring;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;

use super::address::{Host, RedisAddress};
use super::batches::InBatches;

/// How many commands may wait to be written to a connection before their senders have to wait.
const QUEUED_COMMANDS: usize = 1024;

/// Connects to servers that share one login.
#[derive(Clone)]
pub(super) struct Dialer {
    login: RedisConnectionInfo,
    tls: Option<Arc<rustls::ClientConfig>>,
}

/// A connection's reader and writer. Works until the connection ends; dropping it ends the connection.
pub(super) type Driver = JoinSet<()>;

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl Dialer {
    /// A dialer for the servers at this address.
    pub(super) fn new(address: &RedisAddress) -> Self {
        let settings = || {
            let settings =
                rustls::ClientConfig::builder_with_provider(ring::default_provider().into())
                    .with_safe_default_protocol_versions()
                    .expect("ring supports the default protocol versions")
                    .with_root_certificates(Arc::clone(&address.authorities));
            match &address.identity {
                Some(identity) => settings.with_client_cert_resolver(identity.clone()),
                None => settings.with_no_client_auth(),
            }
        };
        Self {
            login: address.login.clone(),
            tls: address.encrypted.then(|| Arc::new(settings())),
        }
    }

    /// The same dialer with another login.
    pub(super) fn with_login(&self, login: &RedisConnectionInfo) -> Self {
        Self {
            login: login.clone(),
            tls: self.tls.clone(),
        }
    }

    /// Makes a new connection and logs in. The caller limits the time that it takes.
    pub(super) async fn connect(
        &self,
        host: &Host,
    ) -> RedisResult<(MultiplexedConnection, Driver)> {
        let stream = self.open(host).await?;
        let config = AsyncConnectionConfig::new()
            .set_response_timeout(None)
            .set_pipeline_buffer_size(QUEUED_COMMANDS);
        let (connection, work) =
            MultiplexedConnection::new_with_config(&self.login, stream, config).await?;
        let mut driver = JoinSet::new();
        driver.spawn(InBatches::new(work));
        Ok((connection, driver))
    }

    async fn open(&self, host: &Host) -> io::Result<Box<dyn Stream>> {
        let stream = TcpStream::connect((host.name.as_str(), host.port)).await?;
        stream.set_nodelay(true)?;
        let Some(tls) = &self.tls else {
            return Ok(Box::new(stream));
        };
        let name = ServerName::try_from(host.name.clone()).map_err(io::Error::other)?;
        let stream = TlsConnector::from(Arc::clone(tls))
            .connect(name, stream)
            .await?;
        Ok(Box::new(stream))
    }
}
