//! A server whose internal listener is asked as the documented nginx asks.

use std::sync::Arc;

use reqwest::RequestBuilder;
use tokio::net::TcpListener;
use wxsession_server::ProofPolicy;
use wxsession_service::{ProofTarget, serve};

use crate::common::Server;
use crate::observed::Observed;
use crate::signing::{Sent, judged};

pub(crate) struct Verified {
    pub(crate) server: Server,
    pub(crate) store: Arc<Observed>,
    pub(crate) internal: String,
}

impl Verified {
    pub(crate) async fn start(policy: ProofPolicy) -> Self {
        Self::on(Arc::new(Observed::default()), policy).await
    }

    /// One of several servers on a store.
    pub(crate) async fn on(store: Arc<Observed>, policy: ProofPolicy) -> Self {
        Self::told_by(store, policy, Some(ProofTarget::XOriginal)).await
    }

    pub(crate) async fn told_by(
        store: Arc<Observed>,
        policy: ProofPolicy,
        target: Option<ProofTarget>,
    ) -> Self {
        let (server, service) = Server::signing(policy, store.clone()).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let internal = format!("http://{}", listener.local_addr().unwrap());
        let routes = service.internal(None).told_by(target).router();
        tokio::spawn(serve(listener, routes, std::future::pending()));
        Self {
            server,
            store,
            internal,
        }
    }

    pub(crate) fn question(&self, sent: &Sent) -> RequestBuilder {
        sent.asked_of(&self.server.http, &self.internal)
    }

    /// What `/verify` says of a request.
    pub(crate) async fn judged(&self, sent: &Sent) -> String {
        judged(self.question(sent)).await
    }
}
