//! Checks before the routes: the size of the headers, and how often a client signs in.

mod client;
mod sign_in_limit;

use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use wxsession_protocol::ProblemCode;
use wxsession_server::HttpProblem;

pub use self::client::TrustedProxies;
pub use self::sign_in_limit::SignInLimit;

const HEADER_BYTES: usize = 16 * 1024;

/// Wraps every route: refuses large headers, and forbids caches to store answers.
pub(crate) async fn guard(request: Request, next: Next) -> Response {
    let headers = request.headers().iter();
    let bytes: usize = headers
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    let mut response = if bytes > HEADER_BYTES {
        let detail = "all headers together may be 16 KiB at most";
        HttpProblem::because(ProblemCode::HeadersTooLarge, detail).into_response()
    } else {
        next.run(request).await
    };
    let no_store = HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, no_store);
    response
}
