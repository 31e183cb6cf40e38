//! A stream that gives up on slow clients.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

use super::limits::Limits;
use super::progress::Progress;

/// Reading and writing fail with [`io::ErrorKind::TimedOut`] after a deadline.
///
/// hyper cannot tell an idle connection from one on which a request arrives slowly; the stream can. hyper's own timeout covers
/// idle connections.
pub(super) struct Deadlines<S> {
    stream: S,
    limits: Limits,
    progress: Progress,
    /// Whether no byte has arrived yet. Such a connection is not one that a client keeps for its next request.
    silent: bool,
    /// Whether the client has stopped reading.
    blocked: Arc<AtomicBool>,
    arrival: Deadline,
    uptake: Deadline,
}

impl<S> Deadlines<S> {
    pub(super) fn new(
        stream: S,
        limits: Limits,
        progress: Progress,
        blocked: Arc<AtomicBool>,
    ) -> Self {
        Self {
            stream,
            limits,
            progress,
            silent: true,
            blocked,
            arrival: Deadline::default(),
            uptake: Deadline::default(),
        }
    }

    fn written<T>(
        &mut self,
        written: Poll<io::Result<T>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        self.blocked.store(written.is_pending(), Ordering::Relaxed);
        if written.is_ready() {
            self.uptake.disarm();
            return written;
        }
        self.uptake.check(self.limits.uptake, context)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Deadlines<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(context, buffer);
        if buffer.filled().len() > before && this.progress.is_waiting() {
            this.progress.arrives();
            this.silent = false;
            this.arrival.disarm();
        }
        if read.is_ready() || !(this.silent || this.progress.is_arriving()) {
            return read;
        }
        this.arrival.check(this.limits.arrival, context)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Deadlines<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.written(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// With TLS the bytes go out here.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.written(flushed, context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let closed = Pin::new(&mut self.stream).poll_shutdown(context);
        self.written(closed, context)
    }
}

/// Expires some time after the first check. The timer is reused, because every request needs one.
#[derive(Default)]
struct Deadline {
    armed: bool,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Deadline {
    fn disarm(&mut self) {
        self.armed = false;
    }

    fn check<T>(&mut self, patience: Duration, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep(patience)));
        if !self.armed {
            self.armed = true;
            sleep.as_mut().reset(Instant::now() + patience);
        }
        let late = || Err(io::Error::from(io::ErrorKind::TimedOut));
        sleep.as_mut().poll(context).map(|()| late())
    }
}
