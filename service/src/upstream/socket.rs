//! Sockets: what two connections become when the backend agrees to switch.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncWriteExt, copy_bidirectional};
use tokio::sync::{Notify, OwnedSemaphorePermit};

use super::headers;
use super::silence::{Movement, Noted};
use crate::serve::Tenure;

/// How long a socket lasts once one side has ended, or the server was asked to stop. A client opens another one anyway, and
/// while the server waits for the last nobody can.
const DRAIN: Duration = Duration::from_secs(1);

/// The client's side of a connection that is to become a socket.
pub(super) struct Switch {
    pub(super) client: OnUpgrade,
    pub(super) tenure: Option<Tenure>,
    /// How long nothing may come from either side.
    pub(super) patience: Duration,
}

impl Switch {
    /// Switches, now that the backend has: returns the answer for the client, after which bytes pass both ways.
    pub(super) fn to(
        self,
        mut answer: axum::http::Response<Incoming>,
        place: OwnedSemaphorePermit,
    ) -> Response {
        let backend = hyper::upgrade::on(&mut answer);
        if let Some(tenure) = &self.tenure {
            tenure.switches();
        }
        tokio::spawn(async move {
            if let (Ok(client), Ok(backend)) = tokio::join!(self.client, backend) {
                pass(client, backend, self.patience, self.tenure).await;
            }
            drop(place);
        });
        let (mut parts, _) = answer.into_parts();
        headers::homeward(&mut parts.headers);
        headers::switch(&mut parts.headers);
        Response::from_parts(parts, Body::empty())
    }
}

/// Passes bytes both ways until one side ends, nothing moves any longer, or the server stops.
async fn pass(client: Upgraded, backend: Upgraded, patience: Duration, tenure: Option<Tenure>) {
    let (movement, ended) = (Movement::now(), Arc::new(Notify::new()));
    let noted = |stream| Noted {
        stream: TokioIo::new(stream),
        movement: movement.clone(),
        ended: Arc::clone(&ended),
    };
    let (mut client, mut backend) = (noted(client), noted(backend));
    let ends = async {
        tokio::select! {
            // There is no socket of which one half is open.
            () = ended.notified() => {}
            () = stopped(tenure) => {}
        }
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut backend) => {}
        () = movement.ends_for(patience) => {}
        () = ends => {}
    }
    // With TLS this tells the client that nothing was cut off.
    let _ = tokio::time::timeout(DRAIN, client.shutdown()).await;
}

async fn stopped(tenure: Option<Tenure>) {
    match tenure {
        Some(mut tenure) => tenure.stopped().await,
        None => std::future::pending().await,
    }
}
