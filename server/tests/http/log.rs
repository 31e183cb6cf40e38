//! What the program logs, and what it must not.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tracing_subscriber::filter::LevelFilter;
use wxsession_server::wechat::{App as Credentials, Code, WeChat as Client};
use wxsession_simulator::{App, Call, Fault, Faults, TokenRequest, WeChat, serve};

use crate::common::{problem, simulator};
use crate::program::{Running, apps_file, program};

/// A sign-in, its session used and refused, failures of each kind and a sign-out: what is logged of them
/// at a level, and every secret that was there to be logged.
async fn a_day(level: Option<&str>) -> (String, Vec<String>) {
    let App { appid, secret } = App::simulated();
    let known = |of_the_third: &str| {
        let apps = [("wx2", "hush-2"), ("wx3", of_the_third)];
        let others = apps.map(|(appid, secret)| App::new(appid, secret));
        [vec![App::simulated()], others.to_vec()].concat()
    };
    let wechat = WeChat::new(known("hush-3"));
    let (api, _serving) = serve(wechat.clone()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut command = program();
    command.envs(level.map(|level| ("WXSESSION_LOG", level)));
    // The server is told another secret of the third than WeChat knows.
    let file = apps_file(folder.path(), &known("wrong-3"));
    command.env("WXSESSION_APPS_FILE", file);
    let running = Running::launch_as_told(command, folder.path(), &wechat, &api);
    let server = &running.server;

    let code = server.code("ann");
    let body = json!({ "code": code, "appid": appid });
    let sign_in = || server.post("/wx/onlogin").json(&body).send();
    let answer: serde_json::Value = sign_in().await.unwrap().json().await.unwrap();
    let session = answer["sessionid"].as_str().unwrap().to_owned();
    let session_key = wechat.session_key(&appid, "ann").unwrap();
    assert_eq!(server.standing(&session).await.0, 200);
    assert_eq!(problem(sign_in().await.unwrap()).await, "code_invalid");
    let mut codes = vec![code];
    for fault in [Fault::Busy, Fault::Reset, Fault::NotJson, Fault::Empty] {
        wechat.faults(Faults::next([fault; 3]));
        let code = server.code("ann");
        let answer = server
            .get("/wx/onlogin")
            .query(&[("code", &code), ("appid", &appid)]);
        assert!(answer.send().await.unwrap().status().is_server_error());
        codes.push(code);
    }
    wechat.faults(Faults::default());
    for (appid, status) in [("wx2", 200), ("wx3", 500), ("wx3", 500)] {
        let code = wechat.login(appid, "ann");
        let body = json!({ "code": code, "appid": appid });
        let answer = server.post("/wx/onlogin").json(&body).send().await.unwrap();
        assert_eq!(answer.status(), status);
        codes.push(code);
    }
    let forged = session.chars().rev().collect::<String>();
    assert_eq!(server.standing(&forged).await.0, 401);
    let sign_out = server.post("/wx/logout").header("sessionid", &session);
    assert_eq!(sign_out.send().await.unwrap().status(), 204);
    assert_eq!(server.standing(&session).await.0, 401);

    let ring = std::fs::read_to_string(folder.path().join("keyring")).unwrap();
    let key = ring.split_ascii_whitespace().nth(1).unwrap().to_owned();
    let openid = wechat.openid(&appid, "ann");
    running.stop();
    let logged = String::from_utf8(running.end().stderr).unwrap();
    codes.extend([secret, session, forged, session_key, openid, key]);
    codes.extend(["hush-2", "hush-3", "wrong-3"].map(String::from));
    (logged, codes)
}

#[tokio::test]
async fn no_secret_is_logged_at_any_level() {
    let (logged, secrets) = a_day(Some("trace")).await;
    assert!(logged.contains("a sign-in was refused"), "{logged}");
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
        logged.contains("wx3") && logged.contains("40125"),
        "{logged}"
    );
}

#[tokio::test]
async fn what_clients_do_wrong_is_logged_only_on_demand() {
    let (logged, _) = a_day(None).await;
    assert!(logged.contains("a sign-in failed"), "{logged}");
    assert!(!logged.contains("a sign-in was refused"), "{logged}");
}

/// What is logged on this thread, on which the whole of such a test runs.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn neither_a_phone_number_nor_what_it_takes_to_get_one_is_logged() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _logging = tracing::subscriber::set_default(subscriber);

    let (simulator, api) = simulator().await;
    let App { appid, secret } = App::simulated();
    let app = Credentials {
        appid: appid.clone(),
        secret: secret.clone().into(),
    };
    let deadline = Duration::from_millis(500);
    let client = Client::new([app], &api.parse().unwrap(), deadline).unwrap();
    let mut secrets = vec![secret.clone()];
    for fault in [
        None,
        Some(Fault::Reset),
        Some(Fault::NotJson),
        Some(Fault::Hang),
    ] {
        simulator.faults(Faults::next(fault).at(Call::PhoneNumber));
        let code = simulator.phone_code(&appid, "ann");
        let outcome = client
            .phone_number(&appid, &Code::parse(&code).unwrap())
            .await;
        assert_eq!(outcome.is_ok(), fault.is_none());
        tracing::info!(?outcome);
        secrets.extend(outcome.ok().map(|number| number.pure_phone_number));
        secrets.push(code);
    }
    let request = TokenRequest {
        grant_type: "client_credential".into(),
        appid,
        secret,
        force_refresh: false,
    };
    secrets.push(simulator.stable_token(&request).ok().unwrap().access_token);

    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("TRACE"), "{logged}");
    for secret in secrets {
        assert!(!logged.contains(&secret), "{secret} in {logged}");
    }
}
