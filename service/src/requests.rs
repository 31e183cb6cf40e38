//! Reports every request: counts it while it is in flight and, with `--log debug`, gives it a span and a line in the log.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::response::Response;
use metrics::{Gauge, gauge};
use pin_project_lite::pin_project;
use tower::{Layer, Service};
use tracing::field::Empty;
use tracing::instrument::Instrumented;
use tracing::{Instrument, Level, Span};
use wxsession_protocol::ProblemCode;
use wxsession_server::identity::UserKey;

use crate::measures::{Held, REQUESTS};

/// A layer that reports every request. Not a function of `axum::middleware`, which costs more than the report.
#[derive(Clone)]
pub(crate) struct Telling {
    in_flight: Gauge,
}

impl Telling {
    pub(crate) fn new() -> Self {
        let in_flight = gauge!(REQUESTS);
        Self { in_flight }
    }
}

impl<S> Layer<S> for Telling {
    type Service = Told<S>;

    fn layer(&self, inner: S) -> Told<S> {
        let telling = self.clone();
        Told { inner, telling }
    }
}

/// A service whose requests are reported.
#[derive(Clone)]
pub(crate) struct Told<S> {
    inner: S,
    telling: Telling,
}

impl<S: Service<Request, Response = Response>> Service<Request> for Told<S> {
    type Response = Response;
    type Error = S::Error;
    type Future = InFlight<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let held = Held::of(&self.telling.in_flight);
        let (span, start) = match tracing::enabled!(Level::DEBUG) {
            true => (span(&request), Some(Instant::now())),
            false => (Span::none(), None),
        };
        InFlight {
            answer: self.inner.call(request).instrument(span),
            start,
            held,
        }
    }
}

pin_project! {
    /// An answer that is being made.
    pub(crate) struct InFlight<F> {
        #[pin]
        answer: Instrumented<F>,
        // When the request began, where that is logged.
        start: Option<Instant>,
        held: Held,
    }
}

impl<F: Future<Output = Result<Response, E>>, E> Future for InFlight<F> {
    type Output = Result<Response, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let response = ready!(this.answer.as_mut().poll(context))?;
        if let Some(start) = this.start {
            log(this.answer.span(), &response, *start);
        }
        Poll::Ready(Ok(response))
    }
}

/// Notes the user in the span of a request, as 32 bits of a digest. With them one finds all lines of a user whose openid
/// one knows, but not the openid.
pub(crate) fn note_user(user: UserKey) {
    let span = Span::current();
    if !span.is_disabled() {
        let [a, b, c, d, ..] = user.0;
        let start = u32::from_be_bytes([a, b, c, d]);
        span.record("user", tracing::field::display(format_args!("{start:08x}")));
    }
}

fn log(span: &Span, response: &Response, start: Instant) {
    let problem: Option<&ProblemCode> = response.extensions().get();
    tracing::debug!(
        parent: span,
        status = response.status().as_u16(),
        problem = problem.map(|code| code.as_str()),
        microseconds = start.elapsed().as_micros(),
        "answered"
    );
}

/// The method, unless it is one of the client's own making, which could be anything: a session id, for one.
fn standard(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::CONNECT => "CONNECT",
        Method::OPTIONS => "OPTIONS",
        Method::TRACE => "TRACE",
        Method::PATCH => "PATCH",
        _ => "another",
    }
}

fn span(request: &Request) -> Span {
    /// The number of the next request to be logged by this process.
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    // The path as the route defines it: a query may contain a code, and a path below /verify/ is the client's.
    let path = request.extensions().get::<MatchedPath>();
    tracing::debug_span!(
        "request",
        number = NUMBER.fetch_add(1, Ordering::Relaxed),
        method = standard(request.method()),
        path = path.map_or("none", MatchedPath::as_str),
        user = Empty,
    )
}
