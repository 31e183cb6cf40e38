//! A world: one visitor's servers, their stores and their WeChat. One server keeps accounts itself; the other, below
//! `/hooked`, asks an app's own user database. Both take signed requests. Below `/rival` is all of this once more, for the
//! client that races beside ours: its sign-ins must not evict our sessions.

use std::sync::Arc;

use anyhow::Result;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router, middleware};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use wxsession_server::ring::KeyRing;
use wxsession_server::user::Lifetimes;
use wxsession_server::wechat::{Api, Credentials, WeChat, tls_client};
use wxsession_server::{ProofPolicy, Session, Sessions};
use wxsession_service::Service;
use wxsession_service::accounts::Authority;
use wxsession_simulator as simulator;

use crate::observed::{Observed, Switches};
use crate::trace::Trace;
use crate::users::Users;
use crate::{controls, edge, orders, tea, wechat};

/// The user who holds the phone.
pub(crate) const VISITOR: &str = "visitor";

/// One visitor's world.
pub(crate) struct World {
    /// What happens in it.
    pub(crate) trace: Trace,
    /// The routes of the visitor's page and phones.
    pub(crate) router: Router,
    _halves: [Half; 2],
}

impl World {
    /// A new world, in which nobody has signed in yet.
    pub(crate) async fn begin() -> Result<Self> {
        let trace = Trace::new();
        let (ours, routes) = Half::begin(trace.clone()).await?;
        let (rivals, routes_of_rival) = Half::begin(trace.of_rival()).await?;
        Ok(Self {
            trace,
            router: routes.nest("/rival", routes_of_rival),
            _halves: [ours, rivals],
        })
    }
}

/// The servers for one of the two clients, with a WeChat that stops listening when the half is dropped.
struct Half {
    listening: JoinHandle<()>,
}

impl Half {
    async fn begin(trace: Trace) -> Result<(Self, Router)> {
        let app = simulator::App::simulated();
        let simulated = simulator::FakeWeChat::new([app.clone()]);
        let wechat_routes = wechat::router(simulated.clone(), trace.clone());
        // A listener of its own, so that the server reaches it as it reaches WeChat.
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("http://{}", listener.local_addr()?);
        let served = wechat_routes.clone();
        let listening = tokio::spawn(async move {
            let _ = axum::serve(listener, served).await;
        });
        let half = Self { listening };

        let outside = Outside {
            address,
            trace: trace.clone(),
            switches: Arc::default(),
        };
        let users = Users::open(trace.clone()).await?;
        let built_in = Authority::BuiltIn(Box::default());
        let built_in = outside.server(built_in, &app).await?;
        let hook = Authority::Hook(users.hook()?);
        let hooked = outside.server(hook, &app).await?;
        let openid = simulated.openid(&app.appid, VISITOR);
        let controls = controls::router(controls::Reach {
            sessions: built_in.sessions,
            switches: outside.switches,
            users,
            trace,
            appid: app.appid,
            openid,
        });
        let router = Router::new()
            .nest("/controls", controls)
            .nest("/wechat", wechat_routes)
            .nest("/hooked", hooked.router)
            .fallback_service(built_in.router);
        Ok((half, router))
    }
}

impl Drop for Half {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// What the servers of a half reach, and what watches them.
struct Outside {
    /// WeChat's.
    address: String,
    trace: Trace,
    switches: Arc<Switches>,
}

struct Server {
    sessions: Sessions,
    router: Router,
}

impl Outside {
    /// A server with a store of its own, where this authority says who a user is.
    async fn server(&self, authority: Authority, app: &simulator::App) -> Result<Server> {
        let credentials = Credentials {
            appid: app.appid.clone(),
            secret: app.secret.clone().into(),
        };
        let wechat = WeChat::new(
            [credentials],
            Api::new(&self.address.parse()?, tls_client())?,
        );
        let store = Observed::new(self.trace.clone(), Arc::clone(&self.switches));
        let (store, ring) = (Arc::new(store), KeyRing::generate()?);
        let service = Service::under(
            authority,
            wechat,
            store,
            ring,
            Lifetimes::default(),
            ProofPolicy::Offered,
        )
        .await?;
        let sessions = service.sessions().clone();
        let business = Router::new()
            .route("/files", post(keep))
            .with_state(sessions.clone())
            .merge(tea::routes(&sessions))
            .merge(orders::routes(&sessions));
        let observe = middleware::from_fn_with_state(self.trace.clone(), edge::observe);
        let router = service.public().with_routes(business).router();
        Ok(Server {
            sessions,
            router: router.layer(observe),
        })
    }
}

/// A business call of the mini program's own server: takes a picture and keeps nothing.
async fn keep(_: Session, picture: Bytes) -> (StatusCode, Json<Value>) {
    (StatusCode::CREATED, Json(json!({ "bytes": picture.len() })))
}
