//! A backend that a test plays.

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::world::{AT_LAST, read_until};

/// A backend whose connections a test answers itself.
pub(crate) struct Script {
    pub(crate) address: SocketAddr,
    pub(crate) connections: mpsc::UnboundedReceiver<TcpStream>,
}

impl Script {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (arrived, connections) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if arrived.send(stream).is_err() {
                    return;
                }
            }
        });
        Self {
            address,
            connections,
        }
    }

    /// The next connection, of which the head of a request has been read.
    pub(crate) async fn asked(&mut self) -> TcpStream {
        let mut stream = timeout(AT_LAST, self.connections.recv())
            .await
            .unwrap()
            .unwrap();
        read_until(&mut stream, "\r\n\r\n").await;
        stream
    }

    /// The next connection, with what has come of it so far.
    pub(crate) async fn told(&mut self) -> (TcpStream, String) {
        let mut stream = timeout(AT_LAST, self.connections.recv())
            .await
            .unwrap()
            .unwrap();
        let told = read_until(&mut stream, "\r\n\r\n").await;
        (stream, told)
    }
}
