//! The login URLs of wafer 1 and wafer 2. They accept any method, as those of the old servers do.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use wxsession_protocol::ProblemCode;
use wxsession_server::HttpProblem;

use super::failure::Failure;
use super::presented::Login;
use super::refusal::{self, MARKER};
use super::sign_in::{LoggedIn, name};
use super::{OldClients, Protocol};

pub(super) async fn wafer(State(clients): State<OldClients>, request: Request) -> Response {
    clients.answer(Protocol::Wafer, request).await
}

pub(super) async fn wafer2(State(clients): State<OldClients>, request: Request) -> Response {
    clients.answer(Protocol::Wafer2, request).await
}

impl OldClients {
    async fn answer(&self, protocol: Protocol, request: Request) -> Response {
        // A HEAD would use up a code.
        if request.method() == Method::HEAD {
            return HttpProblem::new(ProblemCode::MethodNotAllowed).into_response();
        }
        let (parts, _) = request.into_parts();
        let limit = self.0.limit.as_ref();
        let admitted = limit.map_or(Ok(()), |limit| limit.admit_client(&parts));
        let answered = match admitted {
            Ok(()) => self.logged_in(protocol, &parts.headers).await,
            Err(problem) => Err(problem.into()),
        };
        self.count(answered.as_ref().err());
        match answered {
            Ok(body) => Json(body).into_response(),
            Err(failure) => refusal::of_login(protocol, &failure),
        }
    }

    async fn logged_in(&self, protocol: Protocol, headers: &HeaderMap) -> Result<Value, Failure> {
        let login = Login::of(headers, protocol)?;
        let LoggedIn { token, told } = self.log_in(&login, headers).await?;
        match (protocol, told) {
            (Protocol::Wafer | Protocol::WeappSession, _) => Ok(json!({
                MARKER: 1,
                "session": { "id": name(token), "skey": token.reveal() },
            })),
            (Protocol::Wafer2, Some(told)) => Ok(json!({
                "code": 0,
                "data": {
                    "userinfo": told.object(),
                    "skey": token.reveal(),
                    "time": self.sessions().now() / 1000,
                },
            })),
            (Protocol::Wafer2, None) => {
                self.end(token).await;
                Err(Failure::Stranger)
            }
        }
    }
}
