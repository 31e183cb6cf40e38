//! A server that asks a user database, and phones of the database's users.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use serde_json::{Value, json};
use wxsession_server::identity::UserKey;
use wxsession_server::{Session, Sessions};
use wxsession_service::accounts::Authority;
use wxsession_simulator::App;

use crate::common::{Server, WEEK, problem};
use crate::timed_store::TimedStore;
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

/// A phone that keeps its session, as a client does that holds on to it until it has another.
#[derive(Clone)]
pub(crate) struct Phone {
    server: Server,
    user: String,
    pub(crate) session: Option<String>,
}

impl Phone {
    /// The phone of this WeChat user.
    pub(crate) fn of(server: &Server, user: &str) -> Self {
        Self {
            server: server.clone(),
            user: user.to_owned(),
            session: None,
        }
    }

    pub(crate) fn openid(&self) -> String {
        self.server.openid(&self.user)
    }

    /// The user that backends see while the phone's WeChat user is a guest.
    pub(crate) fn guest(&self) -> String {
        UserKey::new(&App::simulated().appid, &self.openid()).guest()
    }

    /// Signs in with these fields beside a fresh code. Returns `guest`, `account`, or the code of the refusal.
    pub(crate) async fn sign_in(&mut self, fields: Value) -> String {
        let mut body = fields;
        body["code"] = self.server.code(&self.user).into();
        let ask = self.server.post("/wx/onlogin").json(&body);
        let answer = with(ask, self.session.as_ref()).send().await.unwrap();
        if answer.status() != 200 {
            return problem(answer).await;
        }
        let body: Value = answer.json().await.unwrap();
        self.session = Some(body["sessionid"].as_str().unwrap().to_owned());
        let is_guest = body["guest"].as_bool().unwrap();
        (if is_guest { "guest" } else { "account" }).to_owned()
    }

    pub(crate) async fn silently(&mut self) -> String {
        self.sign_in(json!({})).await
    }

    pub(crate) async fn by_password(&mut self, name: &str, password: &str) -> String {
        self.sign_in(password_of(name, password)).await
    }

    /// Whose session it is, or the refusal.
    pub(crate) async fn who(&self) -> String {
        let ask = with(self.server.get("/who"), self.session.as_ref());
        let answer = ask.send().await.unwrap();
        match answer.status().as_u16() {
            200 => answer.text().await.unwrap(),
            _ => problem(answer).await,
        }
    }
}

pub(crate) fn password_of(name: &str, password: &str) -> Value {
    json!({ "method": "password", "identifier": name, "password": password })
}

fn with(ask: reqwest::RequestBuilder, session: Option<&String>) -> reqwest::RequestBuilder {
    match session {
        Some(session) => ask.header("sessionid", session),
        None => ask,
    }
}
