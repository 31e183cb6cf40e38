//! TLS, with a certificate that can be renewed while the server runs.

use std::error::Error;
use std::fmt;
use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use wxsession_stores::permissions::is_exposed;

use super::listener::{Listener, Rest};

/// The only protocol on offer.
const ALPN: &[u8] = b"http/1.1";

/// Accepts connections that start with a TLS handshake.
pub struct TlsListener {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl TlsListener {
    /// Presents this certificate. The files are read again every `reread`, so that a renewed certificate needs no restart.
    /// While the files are invalid, the previous certificate stays in use.
    pub fn new(listener: TcpListener, certificate: Certificate, reread: Duration) -> Self {
        let certificate = Arc::new(certificate);
        tokio::spawn(keep_up_to_date(Arc::downgrade(&certificate), reread));
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .expect("ring has what these versions need")
            .with_no_client_auth()
            .with_cert_resolver(certificate);
        config.alpn_protocols = vec![ALPN.to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Self { listener, acceptor }
    }
}

impl Listener for TlsListener {
    type Stream = TlsStream<TcpStream>;
    type Handshake = Rest<Self::Stream>;

    async fn accept(&self) -> io::Result<(Self::Handshake, Option<SocketAddr>)> {
        let (stream, peer) = self.listener.accept().await?;
        let _ = stream.set_nodelay(true);
        let (stream, acceptor) = (stream.into_std()?, self.acceptor.clone());
        let handshake = async move { acceptor.accept(TcpStream::from_std(stream)?).await };
        Ok((Box::pin(handshake), Some(peer)))
    }
}

/// A chain of certificates and the private key that belongs to it.
pub struct Certificate {
    chain: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<CertifiedKey>>,
}

impl Certificate {
    /// Reads both from PEM files. The chain starts with the server's own certificate, followed by the intermediate ones.
    ///
    /// # Errors
    /// A file cannot be read or holds something else, or the two do not belong together.
    pub fn open(chain: &Path, key: &Path) -> Result<Self, CertificateError> {
        Ok(Self {
            chain: chain.to_owned(),
            key: key.to_owned(),
            current: RwLock::new(Arc::new(read(chain, key)?)),
        })
    }

    /// Reads the files again. Returns whether the certificate has changed.
    fn reread(&self) -> Result<bool, CertificateError> {
        let read = read(&self.chain, &self.key)?;
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let renewed = read.cert != current.cert;
        if renewed {
            *current = Arc::new(read);
        }
        Ok(renewed)
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&current))
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Certificate")
            .field("chain", &self.chain)
            .finish_non_exhaustive()
    }
}

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// The file has no certificates.
    #[error("{} is not a PEM file with the server's certificate and those above it", .0.display())]
    Chain(PathBuf, #[source] pem::Error),
    /// The file has no private key.
    #[error("{} is not a PEM file with the certificate's private key", .0.display())]
    Key(PathBuf, #[source] pem::Error),
    /// Other users of this machine can read the private key.
    #[error(
        "{} is open to other users of this machine; run `chmod 600 {}`, and if one of them may have read it, have a new \
         certificate made with a new key",
        .0.display(),
        .0.display()
    )]
    Exposed(PathBuf),
    /// Both files are valid but do not belong together.
    #[error("{} does not go with the certificate in {}", key.display(), chain.display())]
    Pair {
        /// The file of the certificates.
        chain: PathBuf,
        /// The file of the private key.
        key: PathBuf,
        /// Why they do not belong together.
        source: rustls::Error,
    },
}

fn read(chain: &Path, key: &Path) -> Result<CertifiedKey, CertificateError> {
    let certificates = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect)
        .and_then(|certificates: Vec<_>| match certificates.len() {
            0 => Err(pem::Error::NoItemsFound),
            _ => Ok(certificates),
        })
        .map_err(|error| CertificateError::Chain(chain.to_owned(), error))?;
    let private = private_key(key)?;
    CertifiedKey::from_der(certificates, private, &provider()).map_err(|source| {
        CertificateError::Pair {
            chain: chain.to_owned(),
            key: key.to_owned(),
            source,
        }
    })
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, CertificateError> {
    let unreadable = |error| CertificateError::Key(path.to_owned(), error);
    let file = File::open(path).map_err(|error| unreadable(pem::Error::Io(error)))?;
    if is_exposed(&file).map_err(|error| unreadable(pem::Error::Io(error)))? {
        return Err(CertificateError::Exposed(path.to_owned()));
    }
    PrivateKeyDer::from_pem_reader(file).map_err(unreadable)
}

/// Rereads the files until the certificate is no longer in use. Polling their content is simpler than watching for changes,
/// and it works for links to other files, which Kubernetes uses.
async fn keep_up_to_date(certificate: Weak<Certificate>, every: Duration) {
    let mut failing = false;
    loop {
        tokio::time::sleep(every).await;
        let Some(certificate) = certificate.upgrade() else {
            return;
        };
        let reread = tokio::task::spawn_blocking(move || certificate.reread());
        let reread = reread.await.unwrap_or(Ok(false));
        match &reread {
            Ok(true) => tracing::info!("the renewed certificate is in use"),
            Ok(false) => {}
            // One of the two files may be renewed a moment before the other.
            Err(error) if !failing => tracing::error!(
                error = error as &dyn Error,
                "the certificate cannot be read again; the previous one stays in use"
            ),
            Err(_) => {}
        }
        failing = reread.is_err();
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}
