//! A stream that gives up on slow clients.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep, sleep_until};

use super::limits::Limits;
use super::progress::Progress;

/// Reading and writing fail with [`io::ErrorKind::TimedOut`] after a deadline.
///
/// hyper cannot tell an idle connection from one on which a request arrives slowly; the stream can.
pub(super) struct Deadlines<S> {
    stream: S,
    limits: Limits,
    progress: Progress,
    /// Whether no byte has arrived yet. Such a connection is not one that a client keeps for its next request.
    silent: bool,
    /// Whether the client has stopped reading.
    blocked: Arc<AtomicBool>,
    arrival: Deadline,
    idle: LazyDeadline,
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
            idle: LazyDeadline::default(),
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
            this.idle.disarm();
        }
        if read.is_ready() {
            if this.progress.is_streaming() {
                // An upload takes as long as it takes, as long as it goes on.
                this.arrival.disarm();
            }
            return read;
        }
        if this.silent || this.progress.is_arriving() {
            this.arrival.check(this.limits.arrival, context)
        } else if this.progress.is_waiting() {
            this.idle.check(this.limits.idle, context)
        } else {
            read
        }
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

/// Expires some time after the first check, like [`Deadline`]. Its timer stays where it is while requests come, and looks
/// when it fires: moving a timer costs more than looking once in a while.
#[derive(Default)]
pub(crate) struct LazyDeadline {
    armed: Option<Instant>,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl LazyDeadline {
    pub(crate) fn disarm(&mut self) {
        self.armed = None;
    }

    pub(crate) fn check<T>(
        &mut self,
        patience: Duration,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        let deadline = *self.armed.get_or_insert_with(Instant::now) + patience;
        let sleep = self
            .sleep
            .get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        while sleep.as_mut().poll(context).is_ready() {
            if Instant::now() >= deadline {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            sleep.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};
    use std::time::Duration;

    use tokio::time::advance;

    use super::LazyDeadline;

    const PATIENCE: Duration = Duration::from_secs(75);

    fn is_over(deadline: &mut LazyDeadline) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        let checked: Poll<std::io::Result<()>> = deadline.check(PATIENCE, &mut context);
        checked.is_ready()
    }

    #[tokio::test(start_paused = true)]
    async fn a_lazy_deadline_counts_from_the_first_check_after_it_was_disarmed() {
        let mut idle = LazyDeadline::default();
        assert!(!is_over(&mut idle));
        advance(PATIENCE / 2).await;
        assert!(!is_over(&mut idle));
        idle.disarm();
        assert!(!is_over(&mut idle));
        // The timer fires here and is moved, because the deadline is later now.
        advance(PATIENCE / 4 * 3).await;
        assert!(!is_over(&mut idle));
        advance(PATIENCE / 2).await;
        assert!(is_over(&mut idle));
    }
}
