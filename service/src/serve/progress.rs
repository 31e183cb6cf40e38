//! The progress of a connection's current request. HTTP/1 has one request at a time.
//!
//! | state | from | until |
//! |---|---|---|
//! | waiting | the end of an answer | the first byte of a request |
//! | arriving | that | the whole request is there, or its rest is wanted no longer |
//! | streaming | somebody carries the body on as it comes | the same |
//! | whole | that | the end of the answer |
//! | discarding | the end of an answer to a request that is not whole, whose rest somebody reads | that rest is there |
//! | switched | the connection has become a socket | its end |

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, Incoming, SizeHint};

const WAITING: u8 = 0;
const ARRIVING: u8 = 1;
const WHOLE: u8 = 2;
const STREAMING: u8 = 3;
const DISCARDING: u8 = 4;
const SWITCHED: u8 = 5;

/// Shared by the parts that observe the request. All of them run in the connection's task, so relaxed ordering suffices.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress(Arc<AtomicU8>);

impl Progress {
    /// No byte of a request has arrived, or everything that arrived has been answered.
    pub(super) fn is_waiting(&self) -> bool {
        self.0.load(Ordering::Relaxed) == WAITING
    }

    /// A request has arrived in part.
    pub(super) fn is_arriving(&self) -> bool {
        let state = self.0.load(Ordering::Relaxed);
        matches!(state, ARRIVING | STREAMING | DISCARDING)
    }

    /// A request arrives as fast as somebody else takes it.
    pub(super) fn is_streaming(&self) -> bool {
        self.0.load(Ordering::Relaxed) == STREAMING
    }

    /// A request is being worked on and not answered yet.
    pub(super) fn is_under_way(&self) -> bool {
        matches!(self.0.load(Ordering::Relaxed), WHOLE | STREAMING)
    }

    /// Notes that the body is carried on as it comes.
    pub(super) fn streams(&self) {
        self.go(ARRIVING, STREAMING);
    }

    /// Notes that the connection becomes a socket.
    pub(super) fn switches(&self) {
        self.0.store(SWITCHED, Ordering::Relaxed);
    }

    /// Notes that a byte has arrived.
    pub(super) fn arrives(&self) {
        self.go(WAITING, ARRIVING);
    }

    /// Follows the body after the headers have arrived, and notes when the body has been read or dropped.
    pub(super) fn follow(&self, body: Incoming) -> Arriving {
        // This request may have arrived together with the previous one.
        self.0.store(ARRIVING, Ordering::Relaxed);
        let progress = self.clone();
        if body.is_end_stream() {
            progress.completes();
        }
        Arriving { body, progress }
    }

    /// Follows the answer until hyper has all of it.
    pub(super) fn answer(self, body: Body) -> Leaving {
        Leaving {
            body,
            progress: self,
        }
    }

    /// Notes that hyper has the whole answer.
    fn leaves(&self) {
        let state = self.0.load(Ordering::Relaxed);
        let next = match state {
            ARRIVING | STREAMING => DISCARDING,
            SWITCHED => SWITCHED,
            _ => WAITING,
        };
        self.go(state, next);
    }

    /// Notes that nothing more of the request is to come.
    fn completes(&self) {
        self.go(ARRIVING, WHOLE);
        self.go(STREAMING, WHOLE);
        self.go(DISCARDING, WAITING);
    }

    fn go(&self, from: u8, to: u8) {
        let (order, failed) = (Ordering::Relaxed, Ordering::Relaxed);
        let _ = self.0.compare_exchange(from, to, order, failed);
    }
}

/// The body of a request.
pub(super) struct Arriving {
    body: Incoming,
    progress: Progress,
}

impl Drop for Arriving {
    fn drop(&mut self) {
        self.progress.completes();
    }
}

impl HttpBody for Arriving {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if self.body.is_end_stream() {
            self.progress.completes();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of an answer.
pub(super) struct Leaving {
    body: Body,
    progress: Progress,
}

impl Drop for Leaving {
    fn drop(&mut self) {
        self.progress.leaves();
    }
}

impl HttpBody for Leaving {
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

#[cfg(test)]
mod tests {
    use super::{ARRIVING, DISCARDING, Ordering, Progress, STREAMING, SWITCHED, WAITING, WHOLE};

    /// What each state becomes when a byte arrives, somebody carries the body on, the rest of the request is there, hyper has
    /// the whole answer, and the connection becomes a socket.
    const TABLE: [(u8, [u8; 5]); 6] = [
        (WAITING, [ARRIVING, WAITING, WAITING, WAITING, SWITCHED]),
        (ARRIVING, [ARRIVING, STREAMING, WHOLE, DISCARDING, SWITCHED]),
        (WHOLE, [WHOLE, WHOLE, WHOLE, WAITING, SWITCHED]),
        (
            STREAMING,
            [STREAMING, STREAMING, WHOLE, DISCARDING, SWITCHED],
        ),
        (
            DISCARDING,
            [DISCARDING, DISCARDING, WAITING, WAITING, SWITCHED],
        ),
        (SWITCHED, [SWITCHED, SWITCHED, SWITCHED, SWITCHED, SWITCHED]),
    ];

    #[test]
    fn every_state_at_every_event() {
        let events: [fn(&Progress); 5] = [
            Progress::arrives,
            Progress::streams,
            Progress::completes,
            Progress::leaves,
            Progress::switches,
        ];
        for (state, becomes) in TABLE {
            for (event, expected) in events.into_iter().zip(becomes) {
                let progress = Progress::default();
                progress.0.store(state, Ordering::Relaxed);
                event(&progress);
                let found = progress.0.load(Ordering::Relaxed);
                assert_eq!(found, expected, "from {state}");
            }
        }
    }
}
