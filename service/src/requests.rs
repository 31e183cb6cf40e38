//! Reports every request: counts it while it is in flight and, with `--log debug`, gives it a span and a line in the log.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::{self, Next};
use axum::response::Response;
use metrics::{Gauge, gauge};
use tracing::field::Empty;
use tracing::{Instrument, Level, Span};
use wxsession_protocol::ProblemCode;
use wxsession_server::identity::UserKey;

use crate::measures::{Held, REQUESTS};

/// The routes, with every request reported.
pub(crate) fn told(routes: Router) -> Router {
    routes.layer(middleware::from_fn_with_state(gauge!(REQUESTS), tell))
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

async fn tell(State(in_flight): State<Gauge>, request: Request, next: Next) -> Response {
    let _held = Held::of(&in_flight);
    if !tracing::enabled!(Level::DEBUG) {
        return next.run(request).await;
    }
    let start = Instant::now();
    let span = span(&request);
    let response = next.run(request).instrument(span.clone()).await;
    let problem: Option<&ProblemCode> = response.extensions().get();
    tracing::debug!(
        parent: &span,
        status = response.status().as_u16(),
        problem = problem.map(|code| code.as_str()),
        microseconds = start.elapsed().as_micros(),
        "answered"
    );
    response
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
