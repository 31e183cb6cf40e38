//! Accepts connections, and ends them when the server stops. (`axum::serve` would, but has no timeout for headers: a client that sends them a
//! byte at a time would hold its connection for ever.)

mod connection;

use std::error::Error;
use std::io;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// For requests under way when the server is asked to stop.
const DRAIN_DEADLINE: Duration = Duration::from_secs(10);
/// After a failed accept: most often there are no file descriptors left, and trying at once is in vain.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Serves until `stop` comes true; then takes no more connections and finishes what is under way.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    // Each connection has a receiver, until it ends.
    let connections = watch::Sender::new(());
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let connection = connection::serve(stream, router.clone(), connections.subscribe());
                    tokio::spawn(async move {
                        if let Err(error) = connection.await {
                            tracing::debug!(error = &error as &dyn Error, "a connection broke");
                        }
                    });
                }
                Err(error) => refused(&error).await,
            },
            () = &mut stop => break,
        }
    }
    drop(listener);
    connections.send_replace(());
    if tokio::time::timeout(DRAIN_DEADLINE, connections.closed())
        .await
        .is_err()
    {
        tracing::warn!("stopped with requests still under way");
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
