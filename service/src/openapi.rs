//! The OpenAPI documents of both listeners, which the listeners serve themselves. They are written by hand, and a test
//! holds the server to them with a tool that knows nothing else.

use axum::Router;
use axum::http::header;
use axum::routing::get;
use serde_json::{Value, json};

pub(crate) const PUBLIC: &str = include_str!("../openapi/public.json");
pub(crate) const INTERNAL: &str = include_str!("../openapi/internal.json");

/// The route of a document. The document lists the mini programs, because a request may name no other.
pub(crate) fn served<S: Clone + Send + Sync + 'static>(
    document: &str,
    appids: &[String],
) -> Router<S> {
    let mut document: Value =
        serde_json::from_str(document).expect("the tests have read the documents");
    document["components"]["schemas"]["Appid"]["enum"] = json!(appids);
    let json = [(header::CONTENT_TYPE, "application/json")];
    Router::new().route("/openapi.json", get((json, document.to_string())))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use wxsession_protocol::ProblemCode;

    use super::{INTERNAL, PUBLIC};

    #[test]
    fn the_documents_know_every_problem_code_and_no_other() {
        for document in [PUBLIC, INTERNAL] {
            let document: Value = serde_json::from_str(document).unwrap();
            let problem = &document["components"]["schemas"]["Problem"];
            let codes = ProblemCode::ALL.map(ProblemCode::as_str);
            assert_eq!(problem["properties"]["code"]["enum"], json!(codes));
        }
    }

    #[test]
    fn the_documents_are_of_this_version() {
        for document in [PUBLIC, INTERNAL] {
            let document: Value = serde_json::from_str(document).unwrap();
            assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
        }
    }
}
