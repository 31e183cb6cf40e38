//! A world: one visitor's server, its store and its WeChat.

use std::sync::Arc;

use anyhow::Result;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router, middleware};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use wxsession_server::Session;
use wxsession_server::ring::KeyRing;
use wxsession_server::user::Lifetimes;
use wxsession_server::wechat::{Api, Credentials, WeChat, tls_client};
use wxsession_service::Service;
use wxsession_simulator as simulator;

use crate::observed::{Observed, Switches};
use crate::trace::Trace;
use crate::{controls, edge, tea, wechat};

/// The user who holds the phone.
pub(crate) const VISITOR: &str = "visitor";

/// One visitor's world. Its WeChat stops listening when the world is dropped.
pub(crate) struct World {
    /// What happens in it.
    pub(crate) trace: Trace,
    /// The routes of the visitor's page and phone.
    pub(crate) router: Router,
    listening: JoinHandle<()>,
}

impl World {
    /// A new world, in which nobody has signed in yet.
    pub(crate) async fn begin() -> Result<Self> {
        let trace = Trace::new();
        let app = simulator::App::simulated();
        let simulated = simulator::FakeWeChat::new([app.clone()]);
        let wechat_routes = wechat::router(simulated.clone(), trace.clone());
        // A listener of its own, so that the server reaches it as it reaches WeChat.
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("http://{}", listener.local_addr()?).parse()?;
        let served = wechat_routes.clone();
        let listening = tokio::spawn(async move {
            let _ = axum::serve(listener, served).await;
        });

        let credentials = Credentials {
            appid: app.appid.clone(),
            secret: app.secret.into(),
        };
        let wechat = WeChat::new([credentials], Api::new(&address, tls_client())?);
        let switches = Arc::new(Switches::default());
        let store = Observed::new(trace.clone(), Arc::clone(&switches));
        let ring = KeyRing::generate()?;
        let service = Service::new(wechat, Arc::new(store), ring, Lifetimes::default())?;
        let sessions = service.sessions();
        let openid = simulated.openid(&app.appid, VISITOR);
        let controls = controls::router(controls::Reach {
            sessions: sessions.clone(),
            switches,
            trace: trace.clone(),
            appid: app.appid,
            openid,
        });
        let files = Router::new()
            .route("/files", post(keep))
            .with_state(sessions.clone())
            .merge(tea::routes(sessions));
        let server = service
            .public()
            .with_routes(files)
            .router()
            .layer(middleware::from_fn_with_state(trace.clone(), edge::observe));
        let router = Router::new()
            .nest("/controls", controls)
            .nest("/wechat", wechat_routes)
            .fallback_service(server);
        Ok(Self {
            trace,
            router,
            listening,
        })
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// A business call of the mini program's own server: takes a picture and keeps nothing.
async fn keep(_: Session, picture: Bytes) -> (StatusCode, Json<Value>) {
    (StatusCode::CREATED, Json(json!({ "bytes": picture.len() })))
}
