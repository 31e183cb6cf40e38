//! What the program logs, and what it must not.

use serde_json::json;
use wxsession_simulator::{App, Fault, Faults};

use crate::common::{problem, simulator};
use crate::program::{Running, program};

/// A sign-in, its session used and refused, failures of each kind and a sign-out: what is logged of them
/// at a level, and every secret that was there to be logged.
async fn a_day(level: Option<&str>) -> (String, Vec<String>) {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let mut command = program();
    command.envs(level.map(|level| ("WXSESSION_LOG", level)));
    let running = Running::launch(command, folder.path(), &wechat, &api);
    let server = &running.server;
    let App { appid, secret } = App::simulated();

    let code = server.code("ann");
    let body = json!({ "code": code });
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
        let answer = server.get("/wx/onlogin").query(&[("code", &code)]);
        assert!(answer.send().await.unwrap().status().is_server_error());
        codes.push(code);
    }
    wechat.faults(Faults::default());
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
async fn what_clients_do_wrong_is_logged_only_on_demand() {
    let (logged, _) = a_day(None).await;
    assert!(logged.contains("a sign-in failed"), "{logged}");
    assert!(!logged.contains("a sign-in was refused"), "{logged}");
}
