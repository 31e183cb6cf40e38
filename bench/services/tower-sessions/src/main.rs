//! The bench's service with tower-sessions and Redis, as in the documentation:
//! `tower-sessions-service redis://127.0.0.1:6379`. The code itself serves as the openid.

use std::collections::HashMap;

use anyhow::Context;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower_sessions::cookie::time::Duration;
use tower_sessions::{Expiry, Session, SessionManagerLayer};
use tower_sessions_redis_store::RedisStore;
use tower_sessions_redis_store::fred::prelude::{ClientLike, Config, Pool};

const SECONDS: i64 = 7200;
const OPENID: &str = "openid";

/// As many as in the documentation.
const CONNECTIONS: usize = 6;

#[derive(Serialize)]
struct Product {
    id: u32,
    name: &'static str,
    price: u32,
}

const PRODUCTS: [Product; 3] = [
    Product {
        id: 1,
        name: "Longjing tea",
        price: 6800,
    },
    Product {
        id: 2,
        name: "Porcelain cup",
        price: 4500,
    },
    Product {
        id: 3,
        name: "Bamboo tray",
        price: 3200,
    },
];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let url = std::env::args().nth(1).context("give the URL of Redis")?;
    let pool = Pool::new(Config::from_url(&url)?, None, None, None, CONNECTIONS)?;
    pool.connect();
    pool.wait_for_connect().await?;
    let sessions = SessionManagerLayer::new(RedisStore::new(pool))
        .with_secure(false)
        .with_expiry(Expiry::OnInactivity(Duration::seconds(SECONDS)));
    let app = Router::new()
        .route("/wx/onlogin", get(sign_in))
        .route("/wx/products/list", get(products))
        .layer(sessions);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

async fn sign_in(
    session: Session,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<Value>, StatusCode> {
    let openid = query.get("code").ok_or(StatusCode::BAD_REQUEST)?;
    let inserted = session.insert(OPENID, openid).await;
    inserted.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(Json(json!({})))
}

async fn products(session: Session) -> Result<Json<&'static [Product]>, StatusCode> {
    let openid: Option<String> = session
        .get(OPENID)
        .await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    openid.ok_or(StatusCode::UNAUTHORIZED)?;
    Ok(Json(&PRODUCTS))
}
