//! Sources of connections.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};

/// A source of connections.
pub trait Listener: Send + 'static {
    /// The byte stream of a connection.
    type Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static;
    /// The rest of setting a connection up, which runs in parallel with other connections, and where the connection is served:
    /// a stream belongs to the runtime that it was made in.
    type Handshake: Future<Output = io::Result<Self::Stream>> + Send + 'static;

    /// The next connection, with the peer's address if there is one. Cancel safe: dropping the future loses no connection.
    fn accept(
        &self,
    ) -> impl Future<Output = io::Result<(Self::Handshake, Option<SocketAddr>)>> + Send;
}

/// What is left to do for a stream.
pub(super) type Rest<S> = Pin<Box<dyn Future<Output = io::Result<S>> + Send>>;

impl Listener for TcpListener {
    type Stream = TcpStream;
    type Handshake = Rest<TcpStream>;

    async fn accept(&self) -> io::Result<(Self::Handshake, Option<SocketAddr>)> {
        let (stream, peer) = self.accept().await?;
        // Answers are small and complete, so Nagle's algorithm would only delay them.
        let _ = stream.set_nodelay(true);
        let stream = stream.into_std()?;
        Ok((Box::pin(async { TcpStream::from_std(stream) }), Some(peer)))
    }
}

#[cfg(unix)]
impl Listener for tokio::net::UnixListener {
    type Stream = tokio::net::UnixStream;
    type Handshake = Rest<Self::Stream>;

    async fn accept(&self) -> io::Result<(Self::Handshake, Option<SocketAddr>)> {
        let (stream, _) = self.accept().await?;
        let stream = stream.into_std()?;
        Ok((Box::pin(async { Self::Stream::from_std(stream) }), None))
    }
}
