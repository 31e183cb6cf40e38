//! A service with routes of its own and wxsession inside.
//!
//! `WXSESSION_SECRET=… cargo run --example service -- wx0123456789abcdef`

use std::{env, sync::Arc};

use axum::{Json, Router, routing::get};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use wxsession_server::ring::KeyRing;
use wxsession_server::store::MemoryStore;
use wxsession_server::user::Lifetimes;
use wxsession_server::wechat::{self, EXCHANGE_DEADLINE, WECHAT_API, WeChat};
use wxsession_server::{App, Session, Sessions, serve};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let appid = env::args().nth(1).unwrap_or_default();
    let secret = env::var("WXSESSION_SECRET")?.into();
    let wechat = WeChat::new(
        [wechat::App { appid, secret }],
        &WECHAT_API.parse()?,
        EXCHANGE_DEADLINE,
    )?;
    let store = Arc::new(MemoryStore::new());
    let sessions = Sessions::new(
        store,
        &KeyRing::generate()?,
        Lifetimes::default(),
        wechat.appids(),
    );

    let orders = Router::new()
        .route("/orders", get(orders))
        .with_state(sessions.clone());
    let service = orders.merge(App::new(sessions, wechat).routes());

    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    serve(listener, service, std::future::pending()).await;
    Ok(())
}

/// A user's own orders: whoever has no live session gets a 401 instead.
async fn orders(session: Session) -> Json<Value> {
    Json(json!({ "orders_of": session.openid }))
}
