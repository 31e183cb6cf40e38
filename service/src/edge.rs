//! Checks before the routes: the size of the headers, and how often a client signs in.
//!
//! Plain layers of tower: a function of `axum::middleware` boxes two futures and clones everything below for each request.

mod client;
mod sign_in_limit;

use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::validate_request::ValidateRequestHeaderLayer;
use wxsession_protocol::ProblemCode;
use wxsession_server::HttpProblem;

pub use self::client::TrustedProxies;
pub use self::sign_in_limit::SignInLimit;

const HEADER_BYTES: usize = 16 * 1024;

/// A layer that answers the requests that `judge` refuses.
pub(crate) fn admitting<J>(
    judge: J,
) -> ValidateRequestHeaderLayer<
    impl FnMut(&mut Request) -> Result<(), Response> + Clone + Send + Sync + 'static,
>
where
    J: Fn(&Request) -> Result<(), HttpProblem> + Clone + Send + Sync + 'static,
{
    ValidateRequestHeaderLayer::custom(
        #[expect(clippy::result_large_err, reason = "tower takes the answer as it is")]
        move |request: &mut Request| judge(request).map_err(IntoResponse::into_response),
    )
}

/// Refuses large headers.
pub(crate) fn headers_fit(request: &Request) -> Result<(), HttpProblem> {
    let headers = request.headers().iter();
    let bytes: usize = headers
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    if bytes > HEADER_BYTES {
        let detail = "all headers together may be 16 KiB at most";
        return Err(HttpProblem::because(ProblemCode::HeadersTooLarge, detail));
    }
    Ok(())
}

/// Forbids caches to store answers.
pub(crate) fn uncached() -> SetResponseHeaderLayer<HeaderValue> {
    let no_store = HeaderValue::from_static("no-store");
    SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, no_store)
}
