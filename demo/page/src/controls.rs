//! What a visitor can make happen on the server's side. The simulator has controls of its own for WeChat's side.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use wxsession_server::Sessions;
use wxsession_server::user::Lifetimes;

use crate::observed::Switches;
use crate::trace::{Lane, Outcome, Trace};
use crate::users::Users;

/// Longer than the idle timeout.
const MARGIN: Duration = Duration::from_secs(60);

const HOUR_MILLIS: u64 = 3_600_000;

/// The parts of a world that the controls change.
#[derive(Clone)]
pub(crate) struct Reach {
    pub(crate) sessions: Sessions,
    pub(crate) switches: Arc<Switches>,
    pub(crate) users: Arc<Users>,
    pub(crate) trace: Trace,
    pub(crate) appid: String,
    pub(crate) openid: String,
}

/// The controls of a world.
pub(crate) fn router(reach: Reach) -> Router {
    Router::new()
        .route("/idle", post(idle))
        .route("/hour", post(hour))
        .route("/clock", post(clock))
        .route("/revoke", post(revoke))
        .route("/store", post(store))
        .route("/users", post(users))
        .with_state(reach)
}

/// Lets time pass until every session has expired.
async fn idle(State(reach): State<Reach>) -> StatusCode {
    let time = Lifetimes::default().idle + MARGIN;
    let step = reach.trace.begin(Lane::Store, "two hours pass");
    let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    reach.switches.pass(millis);
    step.end(Outcome::Ok, "sessions expire");
    StatusCode::NO_CONTENT
}

/// Lets an hour pass, in which no session expires.
async fn hour(State(reach): State<Reach>) -> StatusCode {
    let step = reach.trace.begin(Lane::Store, "an hour passes");
    reach.switches.pass(HOUR_MILLIS);
    step.end(Outcome::Ok, "");
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clock {
    stands: bool,
}

/// Lets the store's clock stand still, or run again.
async fn clock(State(reach): State<Reach>, Json(clock): Json<Clock>) -> StatusCode {
    reach.switches.stand(clock.stands);
    StatusCode::NO_CONTENT
}

/// Ends the visitor's sessions, as an administrator does.
async fn revoke(State(reach): State<Reach>) -> StatusCode {
    let step = reach
        .trace
        .begin(Lane::Server, "administrator: end sessions");
    match reach.sessions.end_user(&reach.appid, &reach.openid).await {
        Ok(()) => {
            step.end(Outcome::Ok, "revoked");
            StatusCode::NO_CONTENT
        }
        Err(_) => {
            step.end(Outcome::Failed, "the store is away");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Switch {
    away: bool,
}

async fn store(State(reach): State<Reach>, Json(switch): Json<Switch>) -> StatusCode {
    reach.switches.be_away(switch.away);
    StatusCode::NO_CONTENT
}

/// Stops the app's user database, or starts it again.
async fn users(State(reach): State<Reach>, Json(switch): Json<Switch>) -> StatusCode {
    match reach.users.be_away(switch.away).await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
