//! One connection: its requests, and its end when the server stops.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;

/// For a request's headers; so also how long an idle connection is kept.
const HEADER_DEADLINE: Duration = Duration::from_secs(30);
/// These two are above the routes' own limit for headers, so that for most requests it is they who answer,
/// with a problem. What goes beyond these, or is not HTTP, hyper refuses with a bare status.
const BUFFER_BYTES: usize = 64 * 1024;
const HEADERS: usize = 512;

/// Serves until the client closes the connection, or until `stop` changes: then it finishes the request
/// under way, if there is one, and closes at once.
pub(super) async fn serve(
    stream: TcpStream,
    router: Router,
    mut stop: watch::Receiver<()>,
) -> hyper::Result<()> {
    // Answers are small and whole: waiting for more to send would only delay them.
    let _ = stream.set_nodelay(true);
    // Whoever works on a request holds one of these.
    let under_way = Arc::new(());
    let blocked = Arc::new(AtomicBool::new(false));
    let stream = TokioIo::new(Watched {
        stream,
        blocked: Arc::clone(&blocked),
    });
    let router = TowerToHyperService::new(router);
    let service = service_fn(|request: Request<Incoming>| {
        let (answer, under_way) = (router.call(request), Arc::clone(&under_way));
        async move {
            let answer = answer.await?;
            Ok::<_, Infallible>(answer.map(|body| Answer {
                body,
                _under_way: under_way,
            }))
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_DEADLINE)
        .max_buf_size(BUFFER_BYTES)
        .max_headers(HEADERS)
        .serve_connection(stream, service);
    let mut connection = pin!(connection);
    tokio::select! {
        outcome = connection.as_mut() => return outcome,
        // The server dropping its half says the same.
        _ = stop.changed() => connection.as_mut().graceful_shutdown(),
    }
    // hyper would wait for the rest of a request of which some bytes have come.
    poll_fn(|context| match connection.as_mut().poll(context) {
        Poll::Pending if !is_busy(&under_way, &blocked) => Poll::Ready(Ok(())),
        outcome => outcome,
    })
    .await
}

/// Whether there is a request to answer, or an answer that the client has not taken yet.
fn is_busy(under_way: &Arc<()>, blocked: &AtomicBool) -> bool {
    Arc::strong_count(under_way) > 1 || blocked.load(Ordering::Relaxed)
}

/// The body of an answer, until all of it is with hyper.
struct Answer {
    body: Body,
    _under_way: Arc<()>,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A stream that tells whether the client leaves what was written to it where it is.
struct Watched {
    stream: TcpStream,
    blocked: Arc<AtomicBool>,
}

impl Watched {
    fn note<T>(&self, written: Poll<T>) -> Poll<T> {
        self.blocked.store(written.is_pending(), Ordering::Relaxed);
        written
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.note(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.note(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
