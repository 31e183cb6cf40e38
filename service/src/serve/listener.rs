//! Sources of connections.

use std::future::{Ready, ready};
use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};

/// A source of connections.
pub trait Listener: Send + 'static {
    /// The byte stream of a connection.
    type Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static;
    /// The rest of setting a connection up, which runs in parallel with other connections.
    type Handshake: Future<Output = io::Result<Self::Stream>> + Send + 'static;

    /// The next connection, with the peer's address if there is one. Cancel safe: dropping the future loses no connection.
    fn accept(
        &self,
    ) -> impl Future<Output = io::Result<(Self::Handshake, Option<SocketAddr>)>> + Send;
}

impl Listener for TcpListener {
    type Stream = TcpStream;
    type Handshake = Ready<io::Result<TcpStream>>;

    async fn accept(&self) -> io::Result<(Self::Handshake, Option<SocketAddr>)> {
        let (stream, peer) = self.accept().await?;
        // Answers are small and complete, so Nagle's algorithm would only delay them.
        let _ = stream.set_nodelay(true);
        Ok((ready(Ok(stream)), Some(peer)))
    }
}

#[cfg(unix)]
impl Listener for tokio::net::UnixListener {
    type Stream = tokio::net::UnixStream;
    type Handshake = Ready<io::Result<Self::Stream>>;

    async fn accept(&self) -> io::Result<(Self::Handshake, Option<SocketAddr>)> {
        let (stream, _) = self.accept().await?;
        Ok((ready(Ok(stream)), None))
    }
}
