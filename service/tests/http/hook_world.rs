//! A server that asks a user database.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use wxsession_server::contract::TimedStore;
use wxsession_server::{Session, Sessions};
use wxsession_service::accounts::Authority;

use crate::common::{Server, WEEK};
use crate::phone::Phone;
use crate::user_database::UserDatabase;

/// A server that asks a user database, and the time of its store.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) database: UserDatabase,
    pub(crate) store: Arc<TimedStore>,
    pub(crate) sessions: Sessions,
}

impl World {
    pub(crate) async fn open() -> Self {
        let database = UserDatabase::open().await;
        let store = Arc::new(TimedStore::default());
        let authority = Authority::Hook(database.hook());
        let (server, service) = Server::under(authority, store.clone(), WEEK, who_is_it).await;
        Self {
            server,
            database,
            store,
            sessions: service.sessions().clone(),
        }
    }

    /// The phone of this WeChat user.
    pub(crate) fn phone(&self, user: &str) -> Phone {
        Phone::of(&self.server, user)
    }
}

/// A route that says whose session it is.
fn who_is_it(sessions: &Sessions) -> Router {
    Router::new()
        .route("/who", get(async |session: Session| session.user))
        .with_state(sessions.clone())
}
