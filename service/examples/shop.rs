//! The backend of `examples/miniprogram`: sign-in, accounts, the sample products, and a route that takes pictures.
//!
//! `cargo run -p wxsession-service --example shop -- 127.0.0.1:8080`
//!
//! WeChat is simulated in it and takes any code, so that neither an appid nor a secret is needed. Codes for phone numbers and
//! mail addresses are printed instead of sent. It is for trying things out only: its accounts are gone when it stops.

#[path = "tea/products.rs"]
mod products;

use std::{env, sync::Arc};

use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use wxsession_accounts::Settings as AccountSettings;
use wxsession_accounts::hook::Hook;
use wxsession_accounts::web::Web;
use wxsession_server::ring::KeyRing;
use wxsession_server::store::MemoryStore;
use wxsession_server::user::Lifetimes;
use wxsession_server::wechat::{Api, Credentials, WeChat, tls_client};
use wxsession_server::{ProofPolicy, Session, Sessions};
use wxsession_service::accounts::Authority;
use wxsession_service::{Service, serve};
use wxsession_simulator::Settings;

/// In bytes.
const LARGEST_PICTURE: usize = 10 << 20;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let accounts = AccountSettings {
        deliver: Some(printed_codes().await?),
        ..AccountSettings::default()
    };
    let service = Service::under(
        Authority::BuiltIn(Box::new(accounts)),
        simulated_wechat().await?,
        Arc::new(MemoryStore::new()),
        KeyRing::generate()?,
        Lifetimes::default(),
        ProofPolicy::Offered,
    )
    .await?;
    let shop = products::routes(service.sessions()).merge(pictures(service.sessions()));
    let router = service.public().with_routes(shop).router();

    let address = env::args().nth(1).unwrap_or("127.0.0.1:8080".into());
    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    serve(listener, router, std::future::pending()).await;
    Ok(())
}

fn pictures(sessions: &Sessions) -> Router {
    Router::new()
        .route("/pictures", post(picture))
        .layer(DefaultBodyLimit::max(LARGEST_PICTURE))
        .with_state(sessions.clone())
}

/// Takes a user's picture and forgets it: it shows that the session comes along with an upload.
async fn picture(_: Session, form: Bytes) -> Json<Value> {
    Json(json!({ "bytes": form.len() }))
}

/// Takes the place of a service that sends text messages and mails.
async fn printed_codes() -> anyhow::Result<Hook> {
    let print = async |Json(message): Json<Value>| {
        println!("to {}: your code is {}", message["to"], message["code"]);
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}/", listener.local_addr()?);
    let router = Router::new().route("/", post(print));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(Hook::new(Web::new(tls_client())?, address.parse()?, None))
}

async fn simulated_wechat() -> anyhow::Result<WeChat> {
    let known = wxsession_simulator::App::simulated();
    let settings = Settings {
        any_code: true,
        ..Settings::default()
    };
    let simulated = wxsession_simulator::FakeWeChat::with_settings([known.clone()], settings);
    // Its task continues when the handle is dropped.
    let (url, _serving) = wxsession_simulator::serve(simulated).await?;
    let credentials = Credentials {
        appid: known.appid,
        secret: known.secret.into(),
    };
    let api = Api::new(&url.parse()?, tls_client())?;
    Ok(WeChat::new([credentials], api))
}
