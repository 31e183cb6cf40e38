//! An app's own user database with the hook that a server asks.

use std::collections::HashMap;
use std::future::IntoFuture;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use wxsession_service::accounts::AccountsHook;

pub(crate) const TOKEN: &str = "hush-hook";

/// The database. The hook takes `password`, with `link`, and `captcha`, which needs one more step.
#[derive(Clone)]
pub(crate) struct UserDatabase {
    address: SocketAddr,
    tables: Arc<Mutex<Tables>>,
    /// Whether answers wait after they are found.
    held: watch::Sender<bool>,
    /// How many answers have been found.
    found: watch::Sender<usize>,
    serving: Arc<Mutex<Option<Serving>>>,
}

#[derive(Default)]
struct Tables {
    /// By name: the id and the password.
    users: HashMap<String, (String, String)>,
    /// By openid: the id of the user.
    linked: HashMap<String, String>,
    blocked: Vec<String>,
    asked: Vec<Value>,
    instead: Option<Instead>,
}

/// What the hook answers, whatever it is asked.
type Instead = Arc<dyn Fn() -> Response + Send + Sync>;

struct Serving {
    stop: oneshot::Sender<()>,
    done: JoinHandle<()>,
}

impl UserDatabase {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let database = Self {
            address: listener.local_addr().unwrap(),
            tables: Arc::default(),
            held: watch::channel(false).0,
            found: watch::channel(0).0,
            serving: Arc::default(),
        };
        for (name, id) in [("li.na", "41"), ("wang.wei", "42")] {
            let user = (id.to_owned(), format!("password of {id}"));
            database.tables().users.insert(name.to_owned(), user);
        }
        database.serve(listener);
        database
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hush-path", self.address)
    }

    pub(crate) fn hook(&self) -> AccountsHook {
        let address = self.url().parse().unwrap();
        AccountsHook::new(address, Some(TOKEN.into())).unwrap()
    }

    /// Stops, and waits until every connection is closed.
    pub(crate) async fn stop(&self) {
        let serving = self.serving.lock().unwrap().take().unwrap();
        serving.stop.send(()).unwrap();
        serving.done.await.unwrap();
    }

    pub(crate) async fn start_again(&self) {
        self.serve(TcpListener::bind(self.address).await.unwrap());
    }

    pub(crate) fn change_password(&self, name: &str, password: &str) {
        self.tables().users.get_mut(name).unwrap().1 = password.to_owned();
    }

    pub(crate) fn link(&self, openid: &str, id: &str) {
        self.tables()
            .linked
            .insert(openid.to_owned(), id.to_owned());
    }

    pub(crate) fn block(&self, id: &str) {
        self.tables().blocked.push(id.to_owned());
    }

    pub(crate) fn unblock(&self, id: &str) {
        self.tables().blocked.retain(|blocked| blocked != id);
    }

    /// Answers this from now on, whatever is asked.
    pub(crate) fn answer(&self, answer: impl Fn() -> Response + Send + Sync + 'static) {
        self.tables().instead = Some(Arc::new(answer));
    }

    pub(crate) fn answer_well(&self) {
        self.tables().instead = None;
    }

    /// What was asked last.
    pub(crate) fn last(&self) -> Value {
        self.tables().asked.last().unwrap().clone()
    }

    pub(crate) fn calls(&self) -> usize {
        self.tables().asked.len()
    }

    /// Lets answers wait after they are found, or go.
    pub(crate) fn hold(&self, held: bool) {
        self.held.send_replace(held);
    }

    /// Waits until this many answers more have been found than by the last call.
    pub(crate) async fn until_found(&self, count: usize) {
        let mut found = self.found.subscribe();
        found.wait_for(|found| *found >= count).await.unwrap();
        self.found.send_modify(|found| *found -= count);
    }

    fn serve(&self, listener: TcpListener) {
        let (stop, stopped) = oneshot::channel();
        let router = Router::new()
            .route("/hush-path", post(sign_in))
            .with_state(self.clone());
        let serving = axum::serve(listener, router).with_graceful_shutdown(async {
            let _ = stopped.await;
        });
        let done = tokio::spawn(async { serving.into_future().await.unwrap() });
        *self.serving.lock().unwrap() = Some(Serving { stop, done });
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap()
    }
}

impl Tables {
    fn answer(&self, asked: &Value) -> Response {
        let is_user = |id: &str| json!({ "user": id }).to_string().into_response();
        let method = asked["method"].as_str().unwrap();
        let user = match method {
            "password" => self.by_password(&asked["credentials"]),
            "renew" => {
                let id = asked["presented"]["user"].as_str().unwrap();
                let mut ids = self.users.values().map(|(id, _)| id);
                ids.any(|known| known == id).then_some(id)
            }
            "silent" | "wechat" => {
                let openid = asked["wechat"]["openid"].as_str().unwrap();
                match self.linked.get(openid) {
                    Some(id) => Some(id.as_str()),
                    None => return json!({ "guest": true }).to_string().into_response(),
                }
            }
            "captcha" => match asked["credentials"]["state"].as_str() {
                Some("step 1") => Some("41"),
                _ => {
                    let more = json!({ "more": { "kind": "captcha", "image": "cats" }, "state": "step 1" });
                    return more.to_string().into_response();
                }
            },
            _ => return StatusCode::BAD_REQUEST.into_response(),
        };
        match user {
            None => StatusCode::UNAUTHORIZED.into_response(),
            Some(id) if self.blocked.iter().any(|blocked| blocked == id) => {
                StatusCode::FORBIDDEN.into_response()
            }
            Some(id) => is_user(id),
        }
    }

    fn by_password(&self, credentials: &Value) -> Option<&str> {
        let (id, password) = self.users.get(credentials["identifier"].as_str()?)?;
        (credentials["password"] == password.as_str()).then_some(id)
    }
}

async fn sign_in(State(database): State<UserDatabase>, request: Request) -> Response {
    let authorization = format!("Bearer {TOKEN}");
    assert_eq!(request.headers()[header::AUTHORIZATION], authorization);
    let body = axum::body::to_bytes(request.into_body(), 1 << 20).await;
    let asked: Value = serde_json::from_slice(&body.unwrap()).unwrap();
    let answer = {
        let mut tables = database.tables();
        tables.asked.push(asked.clone());
        match &tables.instead {
            Some(instead) => instead(),
            None => {
                if asked["credentials"]["link"] == true
                    && let Some(id) = tables.by_password(&asked["credentials"])
                {
                    let (id, openid) = (id.to_owned(), asked["wechat"]["openid"].as_str());
                    tables.linked.insert(openid.unwrap().to_owned(), id);
                }
                tables.answer(&asked)
            }
        }
    };
    database.found.send_modify(|found| *found += 1);
    let mut held = database.held.subscribe();
    held.wait_for(|held| !held).await.unwrap();
    answer
}
