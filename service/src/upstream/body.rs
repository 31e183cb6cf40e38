//! The bodies that pass, in pieces as they come. Nothing is gathered up, so that their size takes no memory. Trailers are
//! dropped: a backend could take one for a header, and nobody has looked at it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use super::outcome::{Failure, Outcomes};
use super::silence::Movement;
use crate::serve::LazyDeadline;

/// How long the rest of a body is read that nobody wants.
const DISCARD: Duration = Duration::from_secs(10);

/// The body of a request.
///
/// Where nobody wants its rest, that is read all the same for a while: a connection that is closed over unread bytes is reset,
/// and its client would lose the answer that it should get, such as the refusal by which it renews its session.
pub(super) struct Upward {
    /// `None` while the rest is discarded.
    body: Option<Body>,
    movement: Movement,
}

impl Upward {
    pub(super) fn new(body: Body, movement: Movement) -> Self {
        Self {
            body: Some(body),
            movement,
        }
    }
}

impl HttpBody for Upward {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Some(body) = &mut self.body else {
            return Poll::Ready(None);
        };
        let frame = ready!(Pin::new(body).poll_frame(context));
        self.movement.note();
        Poll::Ready(frame.filter(is_wanted))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map_or_else(SizeHint::default, HttpBody::size_hint)
    }
}

impl Drop for Upward {
    fn drop(&mut self) {
        let body = self.body.take().filter(|body| !body.is_end_stream());
        if let (Some(body), Ok(runtime)) = (body, Handle::try_current()) {
            runtime.spawn(timeout(DISCARD, discard(body)));
        }
    }
}

async fn discard(mut body: Body) {
    while let Some(Ok(_)) =
        std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await
    {}
}

/// The body of an answer. It fails if the backend breaks off or falls silent, so that no client takes a part for the whole.
pub(super) struct Homeward {
    body: Incoming,
    patience: Duration,
    silence: LazyDeadline,
    outcomes: Outcomes,
    _place: OwnedSemaphorePermit,
}

impl Homeward {
    pub(super) fn new(
        body: Incoming,
        patience: Duration,
        outcomes: Outcomes,
        place: OwnedSemaphorePermit,
    ) -> Self {
        Self {
            body,
            patience,
            silence: LazyDeadline::default(),
            outcomes,
            _place: place,
        }
    }
}

impl HttpBody for Homeward {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = &mut *self;
        let broken = match Pin::new(&mut this.body).poll_frame(context) {
            Poll::Ready(Some(Err(error))) => io::Error::other(error),
            Poll::Ready(frame) => {
                this.silence.disarm();
                let frame = frame.map(|frame| frame.map_err(io::Error::other));
                return Poll::Ready(frame.filter(is_wanted));
            }
            Poll::Pending => match ready!(this.silence.check::<()>(this.patience, context)) {
                Ok(()) => return Poll::Pending,
                Err(late) => late,
            },
        };
        this.outcomes.failed(Failure::Broken, &broken);
        Poll::Ready(Some(Err(broken)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        // What has no body has the size in its headers, as the answer to a HEAD.
        match self.body.is_end_stream() {
            true => SizeHint::default(),
            false => self.body.size_hint(),
        }
    }
}

/// Whether this is no trailer, which ends a body.
fn is_wanted<E>(frame: &Result<Frame<Bytes>, E>) -> bool {
    frame.as_ref().map_or(true, Frame::is_data)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::body::Bytes;
    use axum::http::HeaderMap;
    use hyper::body::Frame;

    use super::is_wanted;

    #[test]
    fn a_trailer_ends_a_body_and_passes_nowhere() {
        let data: Result<_, Infallible> = Ok(Frame::data(Bytes::from_static(b"tea")));
        let trailers: Result<Frame<Bytes>, Infallible> = Ok(Frame::trailers(HeaderMap::new()));
        assert!(is_wanted(&data) && !is_wanted(&trailers));
        // A failure is told.
        assert!(is_wanted(&Err(())));
    }
}
