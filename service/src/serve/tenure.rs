//! What a request that is carried on may do with its connection.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, watch};

use super::progress::Progress;
use crate::measures::Held;

/// A connection's place among those that may be open. A socket that a connection has become keeps it.
pub(super) struct Place {
    pub(super) _permit: OwnedSemaphorePermit,
    pub(super) _counted: Held,
}

/// What keeps a connection open: each request that is carried on has one among its extensions.
#[derive(Clone)]
pub(crate) struct Tenure {
    pub(super) progress: Progress,
    pub(super) stop: watch::Receiver<()>,
    pub(super) _place: Arc<Place>,
}

impl Tenure {
    /// From now on the body may take as long as it likes, as long as it goes on.
    pub(crate) fn streams(&self) {
        self.progress.streams();
    }

    /// The connection becomes a socket, whose deadlines are not those of requests.
    pub(crate) fn switches(&self) {
        self.progress.switches();
    }

    /// Resolves once the server stops.
    pub(crate) async fn stopped(&mut self) {
        // A dropped sender means a stop, too.
        let _ = self.stop.changed().await;
    }
}
