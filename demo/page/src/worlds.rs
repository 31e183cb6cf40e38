//! All worlds, and the routes that lead to each.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Path, Request, State};
use axum::http::uri::PathAndQuery;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::world::World;

/// Each world has a listening WeChat and a growing store. A visitor whose world is gone gets another.
const WORLDS: usize = 16;

/// The worlds that are kept, the oldest first.
#[derive(Clone, Default)]
pub(crate) struct Worlds(Arc<Mutex<Newest>>);

type Newest = VecDeque<(String, Arc<World>)>;

/// `POST /worlds` creates a world. Below `/worlds/NAME/` are its events, its controls, its WeChat and its server.
pub(crate) fn router(worlds: Worlds) -> Router {
    Router::new()
        .route("/worlds", post(begin))
        .route("/worlds/{name}/events", get(events))
        .route("/worlds/{name}/{*path}", any(enter))
        .with_state(worlds)
}

impl Worlds {
    fn find(&self, name: &str) -> Result<Arc<World>, StatusCode> {
        let worlds = self.lock();
        let found = worlds.iter().find(|(own, _)| own == name);
        found
            .map(|(_, world)| Arc::clone(world))
            .ok_or(StatusCode::NOT_FOUND)
    }

    fn lock(&self) -> MutexGuard<'_, Newest> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn begin(State(worlds): State<Worlds>) -> Result<Json<Value>, StatusCode> {
    let world = World::begin()
        .await
        .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let name = format!("{:016x}", fastrand::u64(..));
    let mut worlds = worlds.lock();
    if worlds.len() == WORLDS {
        worlds.pop_front();
    }
    worlds.push_back((name.clone(), Arc::new(world)));
    Ok(Json(json!({ "world": name })))
}

async fn events(
    State(worlds): State<Worlds>,
    Path(name): Path<String>,
) -> Result<Response, StatusCode> {
    Ok(worlds.find(&name)?.trace.stream())
}

async fn enter(
    State(worlds): State<Worlds>,
    Path((name, _)): Path<(String, String)>,
    mut request: Request,
) -> Result<Response, StatusCode> {
    let router = worlds.find(&name)?.router.clone();
    let prefix = format!("/worlds/{name}");
    let whole = request.uri().path_and_query().map(PathAndQuery::as_str);
    let inside = whole.and_then(|whole| whole.strip_prefix(&prefix));
    let inside = inside.and_then(|inside| inside.parse::<Uri>().ok());
    *request.uri_mut() = inside.ok_or(StatusCode::BAD_REQUEST)?;
    // The inner router would take the outer one's matched path for its own.
    *request.extensions_mut() = axum::http::Extensions::new();
    Ok(router.oneshot(request).await.into_response())
}
