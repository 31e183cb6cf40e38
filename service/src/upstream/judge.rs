//! Decides whose a request is, as `/verify` does.

use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use wxsession_server::{HttpProblem, Session, Sessions};

use super::public_paths::PublicPaths;
use crate::compat::{OldClients, Place};
use crate::identity_headers;
use crate::internal::REFUSAL;

/// What decides.
pub(super) struct Judge {
    pub(super) public: PublicPaths,
    pub(super) sessions: Sessions,
    pub(super) old_clients: Option<OldClients>,
}

impl Judge {
    /// Whose request it is: the headers for the backend, none on a path that needs no session.
    ///
    /// # Errors
    /// The request is refused, with this answer.
    pub(super) async fn judge(&self, parts: &mut Parts, path: &str) -> Result<HeaderMap, Response> {
        if self.public.cover(path) {
            return Ok(HeaderMap::new());
        }
        let old = match &self.old_clients {
            Some(clients) => Some((clients, clients.recognise(Place::Carried, parts).await)),
            None => None,
        };
        let mut answer = match old {
            Some((_, Err(refusal))) => refusal,
            Some((clients, Ok(caller))) => {
                let answer = self.verify(parts).await;
                clients.translate(answer, Place::Carried, caller).await
            }
            None => self.verify(parts).await,
        };
        // It is for proxies that ask.
        answer.headers_mut().remove(REFUSAL);
        match answer.status() {
            StatusCode::OK => Ok(answer.into_parts().0.headers),
            _ => Err(answer),
        }
    }

    async fn verify(&self, parts: &Parts) -> Response {
        let session = Session::of(parts, &self.sessions).await;
        let told = session.map_err(HttpProblem::from);
        let told = told.and_then(identity_headers::told);
        told.unwrap_or_else(IntoResponse::into_response)
    }
}
