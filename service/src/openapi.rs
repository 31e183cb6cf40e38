//! The OpenAPI documents of both listeners. They are written by hand, and a test holds the server to them with a tool that
//! knows nothing else.
//!
//! The internal listener serves both. The public one serves none: it need not tell the world which mini programs the
//! server speaks for, and which routes it has.

use axum::Router;
use axum::http::header;
use axum::routing::get;
use serde_json::{Value, json};

use crate::accounts::Authority;

const PUBLIC: &str = include_str!("../openapi/public.json");
const INTERNAL: &str = include_str!("../openapi/internal.json");

/// What operations have as their tag that only a server with accounts of its own serves.
const ACCOUNTS: &str = "accounts";

/// The routes of the documents. The documents list the mini programs, because a request may name no other.
pub(crate) fn served<S: Clone + Send + Sync + 'static>(
    authority: &Authority,
    appids: &[String],
) -> Router<S> {
    let described = |document: Value| match authority {
        Authority::BuiltIn(_) => document,
        Authority::WeChat | Authority::Hook(_) => without_accounts(document),
    };
    let document = |mut document: Value| {
        document["components"]["schemas"]["Appid"]["enum"] = json!(appids);
        let json = [(header::CONTENT_TYPE, "application/json")];
        get((json, document.to_string()))
    };
    Router::new()
        .route("/openapi.json", document(described(internal())))
        .route("/openapi/public.json", document(described(public())))
}

/// The document of the listener for clients.
fn public() -> Value {
    parsed(PUBLIC)
}

/// The document of a server that keeps no accounts itself, and does not serve their routes.
fn without_accounts(mut document: Value) -> Value {
    if let Some(paths) = document["paths"].as_object_mut() {
        paths.retain(|_, operations| !is_of_accounts(operations));
    }
    document
}

/// The document of the listener for the operator's own services.
fn internal() -> Value {
    parsed(INTERNAL)
}

fn parsed(document: &str) -> Value {
    serde_json::from_str(document).expect("the tests have read the documents")
}

fn is_of_accounts(operations: &Value) -> bool {
    let mut operations = operations
        .as_object()
        .into_iter()
        .flat_map(|all| all.values());
    operations.any(|operation| operation["tags"] == json!([ACCOUNTS]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wxsession_protocol::ProblemCode;

    use super::{internal, public, without_accounts};

    #[test]
    fn the_documents_know_every_problem_code_and_no_other() {
        for document in [public(), internal()] {
            let problem = &document["components"]["schemas"]["Problem"];
            let codes = ProblemCode::ALL.map(ProblemCode::as_str);
            assert_eq!(problem["properties"]["code"]["enum"], json!(&codes[..]));
        }
    }

    #[test]
    fn the_documents_are_of_this_version() {
        for document in [public(), internal()] {
            assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
        }
    }
    #[test]
    fn a_server_without_accounts_does_not_describe_their_routes() {
        let (all, fewer) = (public(), without_accounts(public()));
        let paths = |document: &serde_json::Value| {
            let paths = document["paths"].as_object().unwrap().keys();
            paths.cloned().collect::<Vec<_>>()
        };
        let of_accounts = |path: &String| {
            ["account", "challenges", "sessions"]
                .iter()
                .any(|part| path.starts_with(&format!("/wx/{part}")))
        };
        let (accounts, others): (Vec<_>, Vec<_>) = paths(&all).into_iter().partition(of_accounts);
        assert_eq!(accounts.len(), 7);
        assert_eq!(paths(&fewer), others);
        let (all, fewer) = (internal(), without_accounts(internal()));
        assert_eq!(paths(&all).len(), paths(&fewer).len() + 1);
        assert!(!paths(&fewer).contains(&"/accounts/delete".to_owned()));
    }
}
