//! Accepts connections, and ends them when the server stops. (`axum::serve` would, but knows no deadlines: a client that sends its
//! request a byte at a time would hold its connection for ever.)

mod connection;
mod deadlines;
mod listener;
pub(crate) mod open_files;
mod progress;
mod tls;

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use metrics::gauge;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

pub use self::listener::Listener;
pub use self::tls::{Certificate, CertificateError, TlsListener};
use crate::measures::{CONNECTIONS, Held};

/// After a failed accept: most often there are no file descriptors left, and trying at once is in vain.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);
/// Between two lines in the log that say the same.
const QUIET: Duration = Duration::from_secs(60);

/// What clients of a listener are given.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections open at once; more have to wait until one ends.
    pub connections: usize,
    /// From the first byte of a request to its last, and from a new connection to its first byte. Whoever is slower loses the connection.
    pub arrival: Duration,
    /// From one request to the next. Longer than the minute for which proxies keep connections, so that it
    /// is they who close them, and not we while a request is on its way.
    pub idle: Duration,
    /// For a client to take more of its answer.
    pub uptake: Duration,
    /// For requests under way when the server is asked to stop.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            arrival: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            uptake: Duration::from_secs(10),
            // Whoever asks for a stop often waits ten seconds, and then kills.
            drain: Duration::from_secs(8),
        }
    }
}

/// Serves until `stop` comes true; then takes no more connections and finishes what is under way.
///
/// Each request has the peer's address as [`ConnectInfo<SocketAddr>`](axum::extract::ConnectInfo) among
/// its extensions, where the listener knows one.
pub async fn serve(listener: impl Listener, router: Router, stop: impl Future<Output = ()>) {
    serve_within(Limits::default(), listener, router, stop).await;
}

/// As [`serve`], with limits of one's own.
pub async fn serve_within<L: Listener>(
    limits: Limits,
    listener: L,
    router: Router,
    stop: impl Future<Output = ()>,
) {
    // Each connection has a receiver, until it ends.
    let connections = watch::Sender::new(());
    let mut gate = Gate::new(limits.connections);
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
                    let connection =
                        converse::<L>(stream, peer, router.clone(), limits, stopping);
                    let counted = Held::of(&open);
                    tokio::spawn(async move {
                        connection.await;
                        drop((place, counted));
                    });
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
        tracing::warn!("stopped with requests still under way");
    }
}

async fn converse<L: Listener>(
    handshake: L::Handshake,
    peer: Option<SocketAddr>,
    router: Router,
    limits: Limits,
    mut stop: watch::Receiver<()>,
) {
    let handshake = tokio::time::timeout(limits.arrival, handshake);
    let ended = tokio::select! {
        shaken = handshake => match shaken {
            Ok(Ok(stream)) => connection::serve(stream, peer, router, limits, stop)
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

async fn refused(error: &io::Error) {
    let of_one_client = matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    );
    if !of_one_client {
        tracing::error!(error = error as &dyn Error, "no connection can be accepted");
        tokio::time::sleep(ACCEPT_PAUSE).await;
    }
}

/// Lets in as many connections as there may be. The others wait where the operating system keeps them.
struct Gate {
    places: Arc<Semaphore>,
    size: usize,
    told: Option<Instant>,
}

impl Gate {
    fn new(size: usize) -> Self {
        let places = Arc::new(Semaphore::new(size));
        let told = None;
        Self { places, size, told }
    }

    /// A place for one more, as soon as there is one.
    async fn place(&mut self) -> OwnedSemaphorePermit {
        if self.places.available_permits() == 0
            && self.told.is_none_or(|told| told.elapsed() >= QUIET)
        {
            self.told = Some(Instant::now());
            tracing::warn!(
                connections = self.size,
                "as many connections are open as may be; new ones wait until one ends"
            );
        }
        let places = Arc::clone(&self.places);
        places.acquire_owned().await.expect("nobody closes it")
    }
}
