//! Phones of users.

use reqwest::Method;
use serde_json::{Value, json};
use wxsession_server::identity::UserKey;
use wxsession_simulator::App;

use crate::common::{Server, problem};

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

    /// Signs in with these fields. Returns the status, or nothing if the server is gone.
    pub(crate) async fn try_sign_in(&mut self, fields: Value) -> Option<u16> {
        let mut body = fields;
        body["code"] = self.server.code(&self.user).into();
        let ask = self.server.post("/wx/onlogin").json(&body);
        let answer = with(ask, self.session.as_ref()).send().await.ok()?;
        let status = answer.status().as_u16();
        if status == 200 {
            let body: Value = answer.json().await.ok()?;
            self.session = Some(body["sessionid"].as_str().unwrap().to_owned());
        }
        Some(status)
    }

    /// The document of a sign-in that is refused.
    pub(crate) async fn refused(&self, fields: Value) -> Value {
        let mut body = fields;
        body["code"] = self.server.code(&self.user).into();
        let ask = self.server.post("/wx/onlogin").json(&body);
        let answer = with(ask, self.session.as_ref()).send().await.unwrap();
        assert_ne!(answer.status(), 200);
        answer.json().await.unwrap()
    }

    /// Signs in with these fields, which may be too often. Returns the status.
    pub(crate) async fn sign_in_limited(&mut self, fields: Value) -> u16 {
        self.try_sign_in(fields).await.unwrap()
    }

    /// The same phone before another server.
    pub(crate) fn moved_to(&self, server: &Server) -> Self {
        Self {
            server: server.clone(),
            ..self.clone()
        }
    }

    pub(crate) async fn silently(&mut self) -> String {
        self.sign_in(json!({})).await
    }

    pub(crate) async fn by_password(&mut self, name: &str, password: &str) -> String {
        self.sign_in(password_of(name, password)).await
    }

    /// Registers a name.
    pub(crate) async fn registers(&mut self, name: &str, password: &str) -> String {
        let mut fields = password_of(name, password);
        fields["register"] = true.into();
        self.sign_in(fields).await
    }

    /// Asks one of the account's routes with these fields, beside a fresh code where `POST` adds a way in. Returns the
    /// status and the body.
    pub(crate) async fn ask(&self, method: Method, path: &str, fields: Value) -> (u16, Value) {
        let answer = self.request(method, path, fields).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or_default())
    }

    /// The same. Returns the status, or nothing if the server is gone.
    pub(crate) async fn try_ask(&self, method: Method, path: &str, fields: Value) -> Option<u16> {
        let answer = self.request(method, path, fields).send().await.ok()?;
        Some(answer.status().as_u16())
    }

    fn request(&self, method: Method, path: &str, fields: Value) -> reqwest::RequestBuilder {
        let mut body = fields;
        if path == "/wx/account/identities" {
            body["code"] = self.server.code(&self.user).into();
        }
        let url = format!("{}{path}", self.server.url);
        let ask = self.server.http.request(method.clone(), url);
        let ask = match method {
            Method::POST | Method::PUT => ask.json(&body),
            _ => ask,
        };
        with(ask, self.session.as_ref())
    }

    /// The user of the account's own route, or the refusal.
    pub(crate) async fn user(&self) -> String {
        let (_, body) = self.ask(Method::GET, "/wx/account", json!({})).await;
        let said = body["user"].as_str().or(body["code"].as_str());
        said.unwrap().to_owned()
    }

    /// Whose session it is by an app's own route, or the refusal.
    pub(crate) async fn who(&self) -> String {
        let ask = with(self.server.get("/who"), self.session.as_ref());
        let answer = ask.send().await.unwrap();
        match answer.status().as_u16() {
            200 => answer.text().await.unwrap(),
            _ => problem(answer).await,
        }
    }
}

/// Whether this code is that of an outage, after which a client asks again.
pub(crate) fn is_outage(told: &str) -> bool {
    told.ends_with("_unavailable") || told == "server_busy"
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
