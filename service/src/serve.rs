//! Accepts connections, and drains them when the server stops. `axum::serve` has no deadlines: with it, a client that sends
//! a request one byte at a time holds its connection forever.

mod connection;
mod cores;
mod deadlines;
mod limits;
mod listener;
pub(crate) mod open_files;
mod progress;
mod routes;
mod stopping;
mod tenure;
mod tls;

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use metrics::gauge;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use wxsession_server::once_a_minute::OnceAMinute;

pub(crate) use self::cores::Cores;
pub(crate) use self::deadlines::LazyDeadline;
pub use self::limits::Limits;
pub use self::listener::Listener;
pub use self::routes::Routes;
use self::tenure::Place;
pub(crate) use self::tenure::Tenure;
pub use self::tls::{Certificate, CertificateError, TlsListener};
use crate::measures::{CONNECTIONS, Held};

/// The pause after a failed accept. Usually no file descriptor is free, so an immediate retry would fail, too.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Serves until `stop` resolves, then accepts no more connections and finishes the requests in flight.
///
/// If the listener knows the peer's address, each request has it as [`ConnectInfo<SocketAddr>`](axum::extract::ConnectInfo)
/// among its extensions.
pub async fn serve(
    listener: impl Listener,
    routes: impl Into<Routes>,
    stop: impl Future<Output = ()>,
) {
    serve_within(Limits::default(), listener, routes, stop).await;
}

/// Like [`serve`], with other limits.
pub async fn serve_within(
    limits: Limits,
    listener: impl Listener,
    routes: impl Into<Routes>,
    stop: impl Future<Output = ()>,
) {
    serve_on(&Cores::default(), limits, listener, routes, stop).await;
}

/// Like [`serve_within`], in other threads.
pub(crate) async fn serve_on<L: Listener>(
    cores: &Cores,
    limits: Limits,
    listener: L,
    routes: impl Into<Routes>,
    stop: impl Future<Output = ()>,
) {
    let routes = routes.into();
    // Each open connection holds a receiver.
    let connections = watch::Sender::new(());
    let gate = Gate::new(limits.connections);
    let open = gauge!(CONNECTIONS);
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = async {
            let place = gate.place().await;
            (listener.accept().await, place)
        };
        tokio::select! {
            (accepted, place) = accepted => match accepted {
                Ok((stream, peer)) => {
                    let stopping = connections.subscribe();
                    let place = Place {
                        _permit: place,
                        _counted: Held::of(&open),
                    };
                    cores.serve(converse::<L>(
                        stream,
                        peer,
                        routes.clone(),
                        limits,
                        place,
                        stopping,
                    ));
                }
                Err(error) => refused(&error).await,
            },
            () = &mut stop => break,
        }
    }
    drop(listener);
    connections.send_replace(());
    if tokio::time::timeout(limits.drain, connections.closed())
        .await
        .is_err()
    {
        tracing::warn!("stopped with requests still in flight");
    }
}

async fn converse<L: Listener>(
    handshake: L::Handshake,
    peer: Option<SocketAddr>,
    routes: Routes,
    limits: Limits,
    place: Place,
    mut stop: watch::Receiver<()>,
) {
    let place = Arc::new(place);
    let handshake = tokio::time::timeout(limits.arrival, handshake);
    let ended = tokio::select! {
        shaken = handshake => match shaken {
            Ok(Ok(stream)) => connection::serve(stream, peer, routes, limits, &place, stop)
                .await
                .map_err(Box::<dyn Error + Send + Sync>::from),
            Ok(Err(error)) => Err(error.into()),
            Err(late) => Err(late.into()),
        },
        _ = stop.changed() => Ok(()),
    };
    if let Err(error) = ended {
        tracing::debug!(error = &*error as &dyn Error, "a connection broke");
    }
}

static NOT_ACCEPTED: OnceAMinute = OnceAMinute::new();

async fn refused(error: &io::Error) {
    let of_one_client = matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    );
    if !of_one_client {
        if let Some(left_out) = NOT_ACCEPTED.due() {
            let error = error as &dyn Error;
            tracing::error!(error, left_out, "no connection can be accepted");
        }
        tokio::time::sleep(ACCEPT_PAUSE).await;
    }
}

/// Limits the number of open connections. Further ones wait in the operating system's queue.
struct Gate {
    places: Arc<Semaphore>,
    size: usize,
    full: OnceAMinute,
}

impl Gate {
    fn new(size: usize) -> Self {
        let places = Arc::new(Semaphore::new(size));
        let full = OnceAMinute::new();
        Self { places, size, full }
    }

    /// Waits for a free place.
    async fn place(&self) -> OwnedSemaphorePermit {
        if self.places.available_permits() == 0
            && let Some(left_out) = self.full.due()
        {
            tracing::warn!(
                connections = self.size,
                left_out,
                "the maximum of connections is open; new ones wait until one ends"
            );
        }
        let places = Arc::clone(&self.places);
        places.acquire_owned().await.expect("nobody closes it")
    }
}
