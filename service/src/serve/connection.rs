//! Serves one connection, and closes it when the server stops.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tower::Service;

use super::deadlines::Deadlines;
use super::limits::Limits;
use super::progress::Progress;
use super::routes::Routes;
use super::stopping::Stopping;
use super::tenure::{Place, Tenure};

/// Somewhat larger than the routes' own limit for headers, so that the routes refuse slightly oversized requests with a
/// problem, and small enough that ten thousand connections on which headers never end take no more than memory has. hyper
/// answers a bare status to larger ones, to more than a hundred headers and to anything that is not HTTP. Setting a limit for
/// the number of headers would cost a tenth of a request, because hyper then clears 32 KiB for each.
const BUFFER_BYTES: usize = 24 * 1024;

/// Serves until the client closes the connection or misses a deadline, or until `stop` changes. A stop finishes the request
/// in flight, if there is one, and closes the connection.
pub(super) async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: Option<SocketAddr>,
    routes: Routes,
    limits: Limits,
    place: &Arc<Place>,
    stop: watch::Receiver<()>,
) -> hyper::Result<()> {
    let progress = Progress::default();
    let tenure = Tenure {
        progress: progress.clone(),
        stop: stop.clone(),
        _place: Arc::clone(place),
    };
    let carries = routes.current().carries;
    let blocked = Arc::new(AtomicBool::new(false));
    let stream = Deadlines::new(stream, limits, progress.clone(), Arc::clone(&blocked));
    let service = service_fn(|request: Request<Incoming>| {
        let mut request = request.map(|body| progress.follow(body));
        if let Some(peer) = peer {
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        let served = routes.current();
        if served.carries {
            request.extensions_mut().insert(tenure.clone());
        }
        // A router is always ready.
        let answer = served.router.clone().call(request);
        let progress = progress.clone();
        async move {
            let answer = answer.await?;
            Ok::<_, Infallible>(answer.map(|body| progress.answer(body)))
        }
    });
    let connection = http1::Builder::new()
        // hyper's own timeout would make a new timer for each request; `Deadlines` has one for all.
        .header_read_timeout(None)
        .max_buf_size(BUFFER_BYTES)
        // A client that has sent its whole request may say that it sends no more, and still wants the answer. Where requests
        // are carried on that counts as gone, as it does with other proxies: only so is work given up that nobody waits for.
        .half_close(!carries)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let mut stopping = pin!(Stopping::new(stop));
    let outcome = poll_fn(|context| {
        // The stop comes first, so that an answer that is also ready can tell the client.
        match stopping.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(None),
            Poll::Pending => connection.as_mut().poll(context).map(Some),
        }
    });
    match outcome.await {
        Some(outcome) => return outcome,
        None => connection.as_mut().graceful_shutdown(),
    }
    // hyper itself would wait for the rest of a request that has begun to arrive.
    poll_fn(|context| match connection.as_mut().poll(context) {
        Poll::Pending if !progress.is_under_way() && !blocked.load(Ordering::Relaxed) => {
            Poll::Ready(Ok(()))
        }
        outcome => outcome,
    })
    .await
}
