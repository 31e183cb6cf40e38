//! The progress of a connection's current request. HTTP/1 has one request at a time.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, Incoming, SizeHint};

const WAITING: u8 = 0;
const ARRIVING: u8 = 1;
const WHOLE: u8 = 2;

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
        self.0.load(Ordering::Relaxed) == ARRIVING
    }

    /// A whole request has arrived and is not answered yet.
    pub(super) fn is_whole(&self) -> bool {
        self.0.load(Ordering::Relaxed) == WHOLE
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
            progress.go(ARRIVING, WHOLE);
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
        self.progress.go(ARRIVING, WHOLE);
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
            self.progress.go(ARRIVING, WHOLE);
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
        self.progress.0.store(WAITING, Ordering::Relaxed);
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
