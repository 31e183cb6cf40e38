//! A service with a route of its own and wxsession inside.
//!
//! `WXSESSION_SECRET=… cargo run -p wxsession-server --example service -- wx0123456789abcdef`

use std::env;

use axum::{Json, Router, routing::get};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use wxsession_server::wechat::{Api, Credentials, WECHAT_API, WeChat, tls_client};
use wxsession_server::{Backend, Session};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let program = Credentials {
        appid: env::args().nth(1).unwrap_or_default(),
        secret: env::var("WXSESSION_SECRET")?.into(),
    };
    let wechat = WeChat::new([program], Api::new(&WECHAT_API.parse()?, tls_client())?);
    // The sessions are kept in memory. `.store(…)` and `.key_ring(…)` keep them across a restart.
    let backend = Backend::builder(wechat).build()?;

    let orders = Router::new()
        .route("/orders", get(orders))
        .with_state(backend.sessions().clone());
    let service = backend.routes().merge(orders);

    // `axum::serve` sets no deadlines for slow clients: put a proxy in front.
    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    axum::serve(listener, service).await?;
    Ok(())
}

/// A user's own orders. A request without a live session gets a 401 instead.
async fn orders(session: Session) -> Json<Value> {
    Json(json!({ "orders_of": session.openid }))
}
