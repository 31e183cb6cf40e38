//! What a listener grants its clients.

use std::time::Duration;

/// The limits for the clients of a listener.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Open connections; further ones wait until one closes.
    pub connections: usize,
    /// The time for a request to arrive, and for the first byte on a new connection. The server closes slower connections. For
    /// a body that is carried on as it comes, it is the time to its next byte.
    pub arrival: Duration,
    /// The time from one request to the next. Proxies keep connections for a minute; this is longer, so that the proxy closes
    /// the connection, and not the server while a request is on its way.
    pub idle: Duration,
    /// The time for a client to read more of its answer.
    pub uptake: Duration,
    /// The time for requests in flight to finish when the server stops.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            arrival: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            uptake: Duration::from_secs(10),
            // Supervisors often wait ten seconds before they kill.
            drain: Duration::from_secs(8),
        }
    }
}
