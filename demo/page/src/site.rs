//! The page's files, and what a browser lets them do.

use std::path::PathBuf;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use tower_http::services::ServeDir;

/// The page runs its own files and nothing else.
const PAGE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                    worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The simulated phone compiles the mini program's modules into functions, as WeChat does. As a worker it has a policy of
/// its own: it reaches this origin, and no document.
const PHONE: &str = "default-src 'none'; script-src 'self' 'unsafe-eval'; connect-src 'self'";
const PHONE_SCRIPT: &str = "/simulator/phone/browser.js";

/// The folders of the files.
pub(crate) struct Folders {
    /// The page.
    pub(crate) site: PathBuf,
    /// The simulated wx.
    pub(crate) simulator: PathBuf,
    /// The mini program.
    pub(crate) program: PathBuf,
}

/// Serves all of them.
pub(crate) fn router(folders: &Folders) -> Router {
    // Browsers that unpack Brotli get the module as it ships; others get the plain file beside it.
    let program = ServeDir::new(&folders.program).precompressed_br();
    Router::new()
        .nest_service("/program", program)
        .nest_service("/simulator/phone", ServeDir::new(&folders.simulator))
        .fallback_service(ServeDir::new(&folders.site))
        .layer(middleware::from_fn(guard))
}

async fn guard(request: Request, next: Next) -> Response {
    let policy = match request.uri().path() {
        PHONE_SCRIPT => PHONE,
        _ => PAGE,
    };
    let mut response = next.run(request).await;
    let headers: [(HeaderName, &'static str); 4] = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        // A developer edits the files meanwhile.
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in headers {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}
