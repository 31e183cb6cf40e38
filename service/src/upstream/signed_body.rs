//! Checks bodies while they pass, those whose digest is signed. Each piece waits for the next one, and the last for the digest: so
//! nothing is gathered up, and no backend gets the whole of a body that somebody has altered.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use axum::body::{Bytes, HttpBody};
use axum::http::HeaderMap;
use hyper::body::{Frame, SizeHint};
use wxsession_protocol::proof::{BodyDigest, CONTENT_DIGEST_HEADER, content_digest};
use wxsession_server::Coverage;

use super::body::Upward;
use crate::identity_headers::PROOF;

/// A body on its way to the backend.
pub(super) struct Checked {
    body: Upward,
    /// `None` where nothing is signed, and once all is checked.
    signed: Option<Signed>,
    found: Found,
}

struct Signed {
    expected: String,
    digest: BodyDigest,
    /// What has come last.
    held: Option<Bytes>,
}

/// What is wrong with the body of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Its client has gone, or is too slow.
    Unfinished,
    /// It is not the one that is signed.
    Altered,
}

/// What turns out to be wrong with a body, if something does. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Found(Arc<OnceLock<Fault>>);

impl Found {
    pub(super) fn fault(&self) -> Option<Fault> {
        self.0.get().copied()
    }

    fn note(&self, fault: Fault) {
        let _ = self.0.set(fault);
    }
}

impl Checked {
    /// Checks the body of a request, if `identity` says that its digest is signed.
    pub(super) fn new(
        body: Upward,
        request: &HeaderMap,
        identity: &HeaderMap,
        found: Found,
    ) -> Self {
        let covered = identity.get(PROOF);
        let is_signed = covered.is_some_and(|proof| proof == Coverage::Body.as_str());
        let expected = request.get(CONTENT_DIGEST_HEADER).filter(|_| is_signed);
        let expected = expected.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let signed = expected.map(|expected| Signed {
            expected,
            digest: BodyDigest::default(),
            held: None,
        });
        let checked = Self {
            body,
            signed,
            found,
        };
        checked.checked_if_empty()
    }

    /// Nobody asks for the pieces of a body that has none.
    fn checked_if_empty(mut self) -> Self {
        if self.body.is_end_stream()
            && let Some(signed) = self.signed.take()
            && signed.expected != content_digest(b"")
        {
            self.found.note(Fault::Altered);
        }
        self
    }
}

impl Signed {
    /// The last piece, if all of them are what was signed.
    fn end(self, found: &Found) -> Option<Result<Frame<Bytes>, axum::Error>> {
        if self.digest.content_digest() == self.expected {
            return self.held.map(|held| Ok(Frame::data(held)));
        }
        found.note(Fault::Altered);
        Some(Err(axum::Error::new("the body is not the signed one")))
    }
}

impl HttpBody for Checked {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        loop {
            let this = &mut *self;
            let frame = ready!(Pin::new(&mut this.body).poll_frame(context));
            if matches!(frame, Some(Err(_))) {
                this.found.note(Fault::Unfinished);
            }
            let Some(signed) = &mut this.signed else {
                return Poll::Ready(frame);
            };
            match frame.map(|frame| frame.map(Frame::into_data)) {
                Some(Ok(Ok(piece))) => {
                    signed.digest.add(&piece);
                    if let Some(before) = signed.held.replace(piece) {
                        return Poll::Ready(Some(Ok(Frame::data(before))));
                    }
                }
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                // Trailers do not pass.
                Some(Ok(Err(_))) | None => {
                    let signed = this.signed.take();
                    return Poll::Ready(signed.and_then(|signed| signed.end(&this.found)));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.signed.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let held = self.signed.as_ref().and_then(|signed| signed.held.as_ref());
        let (held, coming) = (held.map_or(0, Bytes::len) as u64, self.body.size_hint());
        let mut size = SizeHint::new();
        size.set_lower(coming.lower() + held);
        if let Some(upper) = coming.upper() {
            size.set_upper(upper + held);
        }
        size
    }
}
