//! Tells of the requests that reach a server, and of their answers.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use wxsession_protocol::ProblemCode;

use crate::trace::{CALL, Lane, Outcome, Trace};

/// The header with the mini program's name for a call, by which the call is followed through all lanes.
const CALL_HEADER: &str = "x-request-id";

/// The page gives no longer names.
const LONGEST_NAME: usize = 32;

/// Tells of a request, and names its call to everything that happens inside.
pub(crate) async fn observe(State(trace): State<Trace>, request: Request, next: Next) -> Response {
    let name = request.headers().get(CALL_HEADER);
    let name = name.and_then(|name| name.to_str().ok());
    let name = name.filter(|name| name.len() <= LONGEST_NAME);
    let call = name.map(ToOwned::to_owned);
    CALL.scope(call, async {
        // The path alone: a query may have a login code in it.
        let what = format!("{} {}", request.method(), request.uri().path());
        let step = trace.begin(Lane::Server, what);
        let response = next.run(request).await;
        let status = response.status();
        let code = response.extensions().get::<ProblemCode>();
        let said = match code {
            Some(code) => format!("{} {}", status.as_u16(), code.as_str()),
            None => status.as_u16().to_string(),
        };
        step.end(judge(status), said);
        response
    })
    .await
}

fn judge(status: StatusCode) -> Outcome {
    if status.is_server_error() {
        Outcome::Failed
    } else if status.is_client_error() {
        Outcome::Refused
    } else {
        Outcome::Ok
    }
}
