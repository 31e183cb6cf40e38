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
    make_room(&mut worlds, |world| world.trace.is_watched());
    worlds.push_back((name.clone(), Arc::new(world)));
    Ok(Json(json!({ "world": name })))
}

/// Removes the oldest world that no page watches, or the oldest of all, if there are as many as are kept.
fn make_room<W>(worlds: &mut VecDeque<(String, W)>, is_watched: impl Fn(&W) -> bool) {
    if worlds.len() < WORLDS {
        return;
    }
    let left = worlds.iter().position(|(_, world)| !is_watched(world));
    worlds.remove(left.unwrap_or(0));
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

#[cfg(test)]
mod tests {
    use super::*;

    /// As many worlds as are kept, of which those with these numbers are watched.
    fn full(watched: impl Fn(usize) -> bool) -> VecDeque<(String, bool)> {
        let world = |number| (format!("{number}"), watched(number));
        (0..WORLDS).map(world).collect()
    }

    /// The worlds that had to go for a new one.
    fn gone(mut worlds: VecDeque<(String, bool)>) -> Vec<String> {
        let before = worlds.clone();
        make_room(&mut worlds, |is_watched| *is_watched);
        let gone = before.into_iter().filter(|world| !worlds.contains(world));
        gone.map(|(name, _)| name).collect()
    }

    #[test]
    fn a_page_that_is_open_keeps_its_world_while_another_can_go() {
        assert_eq!(gone(full(|number| number != 3)), ["3"]);
        assert_eq!(gone(full(|number| number < 5)), ["5"]);
    }

    #[test]
    fn the_oldest_world_goes_where_all_or_none_are_watched() {
        assert_eq!(gone(full(|_| true)), ["0"]);
        assert_eq!(gone(full(|_| false)), ["0"]);
    }

    #[test]
    fn nothing_goes_while_there_is_room() {
        let mut worlds = full(|_| false);
        worlds.pop_back();
        assert_eq!(gone(worlds), Vec::<String>::new());
    }
}
