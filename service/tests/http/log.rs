//! What the program logs, and what it must not log.

use reqwest::Method;
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use wxsession_simulator::{App, Call, FakeWeChat, Fault, Faults, TokenRequest, serve};

use crate::common::{problem, session_id};
use crate::program::{Running, apps_file, program};

const INTERNAL_TOKEN: &str = "hush-internal";
const SECOND: &str = "wx2222222222222222";
const SECRET_OF_SECOND: &str = "22222222222222222222222222222222";
const THIRD: &str = "wx3333333333333333";
const SECRET_OF_THIRD: &str = "33333333333333333333333333333333";
const WRONG_SECRET: &str = "badbadbadbadbadbadbadbadbadbadba";

/// The program for three mini programs. Its secret for the third is wrong.
struct Day {
    wechat: FakeWeChat,
    running: Running,
    internal: String,
    folder: TempDir,
    /// Every secret that occurred and must not be logged.
    secrets: Vec<String>,
}

fn apps(secret_of_the_third: &str) -> [App; 3] {
    let second = App::new(SECOND, SECRET_OF_SECOND);
    [
        App::simulated(),
        second,
        App::new(THIRD, secret_of_the_third),
    ]
}

impl Day {
    async fn begin(level: Option<&str>) -> Self {
        let wechat = FakeWeChat::new(apps(SECRET_OF_THIRD));
        let (api, _serving) = serve(wechat.clone()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut command = program();
        command
            .env(
                "WXSESSION_APPS_FILE",
                apps_file(folder.path(), &apps(WRONG_SECRET)),
            )
            .env("WXSESSION_INTERNAL_TOKEN", INTERNAL_TOKEN)
            .args(["--internal", "127.0.0.1:0"])
            .envs(level.map(|level| ("WXSESSION_LOG", level)));
        let mut running = Running::launch_as_told(command, folder.path(), &wechat, &api);
        let secrets = [
            &App::simulated().secret,
            SECRET_OF_SECOND,
            SECRET_OF_THIRD,
            WRONG_SECRET,
        ];
        Self {
            internal: running.internal(),
            secrets: [&secrets[..], &[INTERNAL_TOKEN]]
                .concat()
                .into_iter()
                .map(String::from)
                .collect(),
            wechat,
            running,
            folder,
        }
    }

    fn sign_in(&mut self, appid: &str) -> reqwest::RequestBuilder {
        let code = self.wechat.login(appid, "ann");
        self.secrets.push(code.clone());
        self.secrets.extend(self.wechat.session_key(appid, "ann"));
        let body = json!({ "code": code, "appid": appid });
        self.running.server.post("/wx/onlogin").json(&body)
    }

    /// Makes sign-ins fail for every reason, and returns a session.
    async fn sign_ins(&mut self) -> String {
        let appid = App::simulated().appid;
        for fault in [Fault::Busy, Fault::Reset, Fault::NotJson, Fault::Empty] {
            self.wechat.faults(Faults::next([fault; 3]));
            let answer = self.sign_in(&appid).send().await.unwrap();
            assert!(answer.status().is_server_error());
        }
        self.wechat.faults(Faults::default());
        for (appid, status) in [(SECOND, 200), (THIRD, 500), (THIRD, 500)] {
            let answer = self.sign_in(appid).send().await.unwrap();
            assert_eq!(answer.status(), status);
        }
        let ask = self.sign_in(&appid);
        let again = ask.try_clone().unwrap();
        let session = session_id(ask).await;
        assert_eq!(problem(again.send().await.unwrap()).await, "code_invalid");
        self.secrets.push(session.clone());
        self.secrets.push(self.wechat.openid(&appid, "ann"));
        session
    }

    async fn ask(&self, path: &str, session: &str, body: Value) -> reqwest::Response {
        let ask = self
            .running
            .server
            .http
            .post(format!("{}{path}", self.internal));
        let ask = ask.bearer_auth(INTERNAL_TOKEN).header("sessionid", session);
        ask.json(&body).send().await.unwrap()
    }

    /// Asks for the user's data as a backend of the operator does.
    async fn user_data(&mut self, session: &str) {
        let App { appid, secret } = App::simulated();
        let name = "Ann of the Secrets";
        let data = Map::from_iter([("nickName".to_owned(), json!(name))]);
        let data = self.wechat.user_data(&appid, "ann", data).unwrap();
        let encrypted = json!({ "encryptedData": data.encrypted_data, "iv": data.iv });
        let opened = self.ask("/decrypt", session, encrypted).await;
        assert_eq!(opened.status(), 200);
        let signed = json!({ "rawData": data.raw_data, "signature": data.signature });
        let checked = self.ask("/signature", session, signed).await;
        assert_eq!(checked.status(), 200);
        self.secrets
            .extend([name.into(), data.encrypted_data, data.iv, data.signature]);

        for fault in [None, Some(Fault::Reset), Some(Fault::NotJson)] {
            self.wechat
                .faults(Faults::next(fault).at(Call::PhoneNumber));
            let code = self.wechat.phone_code(&appid, "ann");
            let answer = self
                .ask("/phone-number", session, json!({ "code": code }))
                .await;
            assert_eq!(answer.status().is_success(), fault.is_none());
            let number: Value = answer.json().await.unwrap();
            let number = number["pure_phone_number"].as_str();
            self.secrets.extend(number.map(String::from));
            self.secrets.push(code);
        }
        let grant_type = "client_credential".into();
        let force_refresh = false;
        let request = TokenRequest {
            grant_type,
            appid,
            secret,
            force_refresh,
        };
        let granted = self.wechat.stable_token(&request).ok().unwrap();
        self.secrets.push(granted.access_token);
    }

    async fn sign_out(&mut self, session: &str) {
        let server = &self.running.server;
        let forged = session.chars().rev().collect::<String>();
        assert_eq!(server.standing(&forged).await.0, 401);
        // A client may put anything there, and any word is a method.
        let method = Method::from_bytes(session.as_bytes()).unwrap();
        let url = format!("{}/wx/session", server.url);
        let answer = server.http.request(method, url).send().await.unwrap();
        assert_eq!(answer.status(), 405);
        let sign_out = server.post("/wx/logout").header("sessionid", session);
        assert_eq!(sign_out.send().await.unwrap().status(), 204);
        assert_eq!(server.standing(session).await.0, 401);
        self.secrets.push(forged);
    }

    /// Stops the program. Returns the log, and the secrets that must not occur in the log.
    fn end(mut self) -> (String, Vec<String>) {
        let ring = std::fs::read_to_string(self.folder.path().join("keyring")).unwrap();
        let key = ring.split_ascii_whitespace().nth(1).unwrap();
        self.secrets.push(key.to_owned());
        self.running.stop();
        let logged = String::from_utf8(self.running.end().stderr).unwrap();
        (logged, self.secrets)
    }
}

async fn a_day(level: Option<&str>) -> (String, Vec<String>) {
    let mut day = Day::begin(level).await;
    let session = day.sign_ins().await;
    day.user_data(&session).await;
    day.sign_out(&session).await;
    day.end()
}

#[tokio::test]
async fn no_secret_is_logged_at_any_level() {
    let (logged, secrets) = a_day(Some("trace")).await;
    assert!(
        logged.contains("a call of WeChat failed or was refused"),
        "{logged}"
    );
    for secret in secrets {
        assert!(!logged.contains(&secret), "{secret} in {logged}");
    }
}

#[tokio::test]
async fn wrong_credentials_are_an_alert_that_does_not_flood_the_log() {
    let (logged, _) = a_day(Some("error")).await;
    let alerts: Vec<_> = logged.matches("ALERT").collect();
    assert_eq!(alerts.len(), 1, "{logged}");
    assert!(
        logged.contains(THIRD) && logged.contains("40125"),
        "{logged}"
    );
}

#[tokio::test]
async fn what_clients_do_wrong_is_logged_only_on_demand() {
    let (logged, _) = a_day(None).await;
    assert!(logged.contains("a call of WeChat failed"), "{logged}");
    assert!(
        !logged.contains("a call of WeChat failed or was refused"),
        "{logged}"
    );
}
