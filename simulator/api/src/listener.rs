//! A listener whose connections can be reset, which plain axum gives no way to do.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::http::router;
use crate::wechat::WeChat;

/// Serves on a free loopback port. Gives the base URL and the running task.
pub async fn serve(wechat: WeChat) -> io::Result<(String, JoinHandle<()>)> {
    serve_on(wechat, SocketAddr::from(([127, 0, 0, 1], 0))).await
}

/// Serves on this address. Gives the base URL, with the real port, and the running task.
pub async fn serve_on(wechat: WeChat, address: SocketAddr) -> io::Result<(String, JoinHandle<()>)> {
    let listener = TcpListener::bind(address).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let app = router(wechat).into_make_service_with_connect_info::<Line>();
    let serving = tokio::spawn(async move {
        // `axum::serve` ends only with its task: accept errors are waited out inside.
        let _ = axum::serve(Lines(listener), app).await;
    });
    Ok((url, serving))
}

/// The switch by which a handler resets the connection it answers on.
#[derive(Clone)]
pub(crate) struct Line(Arc<AtomicBool>);

impl Line {
    /// The next write fails and the connection closes with RST.
    pub(crate) fn reset(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Connected<IncomingStream<'_, Lines>> for Line {
    fn connect_info(stream: IncomingStream<'_, Lines>) -> Self {
        stream.io().line.clone()
    }
}

pub(crate) struct Lines(TcpListener);

impl Listener for Lines {
    type Io = Stream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Stream, SocketAddr) {
        let (tcp, address) = Listener::accept(&mut self.0).await;
        // Delays are set by switch: none may come from the kernel's batching of small writes.
        let _ = tcp.set_nodelay(true);
        let line = Line(Arc::default());
        (Stream { tcp, line }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

pub(crate) struct Stream {
    tcp: TcpStream,
    line: Line,
}

impl Stream {
    fn check(&self) -> io::Result<()> {
        if self.line.0.load(Ordering::Relaxed) {
            self.tcp.set_zero_linger()?;
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_read(context, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.tcp).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.tcp).poll_shutdown(context)
    }
}
