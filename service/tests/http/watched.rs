//! What operators, load balancers and Prometheus see of a running server.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};
use wxsession_server::identity::UserKey;
use wxsession_simulator::{App, FakeWeChat, Fault, Faults};

use crate::common::{Server, problem, simulator};
use crate::program::{Running, program};
use crate::signing::{Phone, SIGNED, Sent, judged, now};

/// The program with an internal listener.
pub(crate) struct Watched {
    pub(crate) running: Running,
    pub(crate) internal: String,
}

impl Watched {
    async fn start(settings: &[&str]) -> Self {
        let (wechat, api) = simulator().await;
        let settings = [&["--store", "memory"], settings].concat();
        Self::start_beside(&wechat, &api, &settings)
    }

    pub(crate) fn start_beside(wechat: &FakeWeChat, api: &str, settings: &[&str]) -> Self {
        let mut command = program();
        command.args(["--internal", "127.0.0.1:0"]).args(settings);
        // The stores of these tests need no folder.
        let mut running = Running::launch(command, Path::new("unused"), wechat, api);
        let internal = running.internal();
        Self { running, internal }
    }

    fn server(&self) -> &Server {
        &self.running.server
    }

    /// The status and the body at a path of the internal listener.
    async fn internal(&self, path: &str) -> (u16, String) {
        let ask = self.server().http.get(format!("{}{path}", self.internal));
        let answer = ask.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn readiness(&self) -> (u16, Value) {
        let (status, body) = self.internal("/readyz").await;
        (status, serde_json::from_str(&body).unwrap())
    }

    async fn sign_in(&self) -> u16 {
        let body = json!({ "code": self.server().code("ann") });
        let ask = self.server().post("/wx/onlogin").json(&body);
        ask.send().await.unwrap().status().as_u16()
    }

    /// The samples that Prometheus reads, without buckets.
    async fn measures(&self) -> BTreeMap<String, f64> {
        let (status, text) = self.internal("/metrics").await;
        assert_eq!(status, 200);
        let samples = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let samples = samples.map(|line| {
            let (name, value) = line.rsplit_once(' ').expect(line);
            (name.to_owned(), value.parse().expect(line))
        });
        samples
            .filter(|(name, _)| !name.contains("_bucket{"))
            .collect()
    }
}

/// The growth of all counters, except seconds.
fn growth(before: &BTreeMap<String, f64>, after: &BTreeMap<String, f64>) -> BTreeMap<String, f64> {
    let counted = after
        .iter()
        .filter(|(name, _)| name.contains("_total") || name.contains("_count"));
    counted
        .map(|(name, value)| (name.clone(), value - before.get(name).unwrap_or(&0.0)))
        .filter(|(_, growth)| *growth != 0.0)
        .collect()
}

fn counts<const COUNT: usize>(counts: [(&str, u32); COUNT]) -> BTreeMap<String, f64> {
    let counts = counts.map(|(name, count)| (format!("wxsession_{name}"), f64::from(count)));
    counts.into()
}

#[tokio::test]
async fn what_was_done_is_counted_and_nothing_else() {
    let watched = Watched::start(&[]).await;
    let server = watched.server();
    let before = watched.measures().await;
    let code = server.code("ann");
    let sign_in = || server.post("/wx/onlogin").json(&json!({ "code": code }));
    let session = crate::common::session_id(sign_in()).await;
    assert_eq!(
        problem(sign_in().send().await.unwrap()).await,
        "code_invalid"
    );
    for _ in 0..3 {
        assert_eq!(server.standing(&session).await.0, 200);
        // The first use moves the idle deadline, beside the request.
        let swaps = "wxsession_store_seconds_count{operation=\"swap\"}";
        while watched.measures().await[swaps] < 2.0 {}
    }
    assert_eq!(server.standing("forged").await.0, 401);
    let end = server.post("/wx/logout").header("sessionid", &session);
    assert_eq!(end.send().await.unwrap().status(), 204);
    assert_eq!(server.standing(&session).await.1, "session_expired");
    let after = watched.measures().await;
    let expected = counts([
        ("sign_ins_total{outcome=\"signed_in\"}", 1),
        ("sign_ins_total{outcome=\"code_invalid\"}", 1),
        ("sign_ins_by_proof_total{proof=\"none\"}", 1),
        ("verifications_total{outcome=\"live\"}", 3),
        ("verifications_total{outcome=\"missing\"}", 1),
        ("verifications_total{outcome=\"expired\"}", 1),
        ("verifications_by_proof_total{proof=\"none\"}", 3),
        // Sign-in, first use and sign-out read and write once each; every genuine token is one read.
        ("store_seconds_count{operation=\"get\"}", 7),
        ("store_seconds_count{operation=\"swap\"}", 3),
        (
            "wechat_seconds_count{call=\"sign_ins\",outcome=\"answered\"}",
            2,
        ),
    ]);
    assert_eq!(growth(&before, &after), expected);
    // The request for the metrics itself is in flight.
    assert_eq!(after["wxsession_requests_in_flight"], 1.0);
    assert!(after["wxsession_connections_open"] >= 1.0);
}

/// So that nobody is locked out when signatures are required.
#[tokio::test]
async fn an_operator_sees_who_signs_and_who_does_not() {
    let settings = ["--proof", "offered", "--proof-target", "x-original"];
    let watched = Watched::start(&settings).await;
    let server = watched.server();
    let before = watched.measures().await;
    let unsigned = server.signed_in("bob").await;
    let phone = Phone::sign_in(server, "ann").await;
    assert_eq!(server.standing(&unsigned).await.0, 200);
    let ask = |sent: &Sent| judged(sent.asked_of(&server.http, &watched.internal));
    let sent = phone.send(Method::POST, "/orders", Some(b"{}"));
    assert_eq!(ask(&phone.send(Method::GET, "/orders", None)).await, "head");
    assert_eq!(ask(&sent.without("signature")).await, "proof_invalid");
    assert_eq!(ask(&sent).await, "body");
    assert_eq!(ask(&sent).await, "proof_replayed");
    let late = phone.send_at(now() - 3600, Method::GET, "/orders", None);
    assert_eq!(ask(&late).await, "proof_late");
    let bare = SIGNED
        .into_iter()
        .fold(late, |sent, name| sent.without(name));
    assert_eq!(ask(&bare).await, "proof_missing");
    let growth = growth(&before, &watched.measures().await);
    let ours = growth
        .into_iter()
        .filter(|(name, _)| name.contains("verifications") || name.contains("by_proof"));
    let expected = counts([
        ("sign_ins_by_proof_total{proof=\"none\"}", 1),
        ("sign_ins_by_proof_total{proof=\"hmac-sha256\"}", 1),
        ("verifications_by_proof_total{proof=\"none\"}", 1),
        ("verifications_by_proof_total{proof=\"head\"}", 1),
        ("verifications_by_proof_total{proof=\"body\"}", 1),
        ("verifications_total{outcome=\"live\"}", 3),
        ("verifications_total{outcome=\"proof_missing\"}", 1),
        ("verifications_total{outcome=\"proof_invalid\"}", 1),
        ("verifications_total{outcome=\"proof_late\"}", 1),
        ("verifications_total{outcome=\"proof_replayed\"}", 1),
    ]);
    assert_eq!(ours.collect::<BTreeMap<_, _>>(), expected);
}

#[tokio::test]
async fn a_sign_in_that_came_too_soon_is_counted_as_such() {
    let watched = Watched::start(&["--sign-in-rate", "1", "--sign-in-burst", "1"]).await;
    let before = watched.measures().await;
    let mut limited = 0;
    // One sign-in a second gets through.
    while limited < 2 {
        limited += u32::from(watched.sign_in().await == 429);
    }
    let growth = growth(&before, &watched.measures().await);
    assert_eq!(growth["wxsession_sign_ins_limited_total"], 2.0);
    assert_eq!(
        growth["wxsession_sign_ins_total{outcome=\"rate_limited\"}"],
        2.0
    );
}

#[tokio::test]
async fn a_store_that_is_away_is_told_and_takes_no_server_out() {
    let folder = tempfile::tempdir().unwrap();
    let written = |name, text| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let ring = written("ring", "1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
    // Nothing listens on this port.
    let redis = written("redis", "redis://127.0.0.1:9\n");
    let (wechat, api) = simulator().await;
    let settings = [
        "--store",
        "redis",
        "--redis-file",
        &redis,
        "--keyring",
        &ring,
    ];
    let watched = Watched::start_beside(&wechat, &api, &settings);
    let before = watched.measures().await;
    let (status, body) = watched.readiness().await;
    assert_eq!((status, &body["store"]), (200, &json!("down")));
    assert_eq!(body["ready"], json!(true));
    assert_eq!(watched.sign_in().await, 503);
    let growth = growth(&before, &watched.measures().await);
    assert_eq!(
        growth["wxsession_sign_ins_total{outcome=\"store_unavailable\"}"],
        1.0
    );
    assert_eq!(
        growth["wxsession_store_failures_total{operation=\"get\"}"],
        1.0
    );
}

#[tokio::test]
async fn a_wechat_that_is_left_alone_is_told_and_takes_no_server_out() {
    let watched = Watched::start(&[]).await;
    let appid = App::simulated().appid;
    let gauge = format!("wxsession_wechat_breaker_open{{appid=\"{appid}\",call=\"sign_ins\"}}");
    let well = json!({ "ready": true, "store": "up", "wechat": { appid.as_str(): "closed" } });
    assert_eq!(watched.readiness().await, (200, well));
    assert_eq!(watched.measures().await[&gauge], 0.0);
    watched
        .server()
        .wechat
        .faults(Faults::next([Fault::OverQuota; 10]));
    for _ in 0..10 {
        assert_eq!(watched.sign_in().await, 503);
    }
    let (status, body) = watched.readiness().await;
    let state = body["wechat"][&appid].as_str().unwrap();
    // After half a second, which may have passed, the open breaker is half open.
    assert!(
        status == 200 && matches!(state, "open" | "half_open"),
        "{state}"
    );
    assert!(watched.measures().await[&gauge] > 0.0);
}

#[tokio::test]
async fn a_secret_that_wechat_has_frozen_is_an_alert_and_wechat_is_asked_rarely() {
    let watched = Watched::start(&[]).await;
    let wechat = &watched.server().wechat;
    wechat.faults(Faults::next([Fault::Frozen; 50]));
    for _ in 0..50 {
        let body = json!({ "code": watched.server().code("ann") });
        let ask = watched.server().post("/wx/onlogin").json(&body);
        let answer = ask.send().await.unwrap();
        assert_eq!(answer.status(), 500);
        let seconds = answer.headers()["retry-after"].to_str().unwrap();
        assert!((30..=60).contains(&seconds.parse().unwrap()), "{seconds}");
        assert_eq!(problem(answer).await, "misconfigured");
    }
    assert_eq!(wechat.counts().exchanges, 3);
    let appid = App::simulated().appid;
    let (status, body) = watched.readiness().await;
    assert_eq!(
        (status, &body["wechat"][&appid]),
        (200, &json!("misconfigured"))
    );
    let measures = watched.measures().await;
    let gauge = format!("wxsession_wechat_breaker_open{{appid=\"{appid}\",call=\"sign_ins\"}}");
    let count = "wxsession_wechat_seconds_count{call=\"sign_ins\",outcome=\"misconfigured\"}";
    assert_eq!((measures[&gauge], measures[count]), (1.0, 3.0));
    watched.running.stop();
    let logged = String::from_utf8(watched.running.end().stderr).unwrap();
    assert_eq!(logged.matches("ALERT").count(), 1, "{logged}");
    assert!(logged.contains("40243"), "{logged}");
}

/// Whatever clients do, and whatever fails, equal lines come once a minute.
#[tokio::test]
async fn no_outage_of_wechat_floods_the_log() {
    let watched = Watched::start(&["--sign-in-rate", "0"]).await;
    let faults = [Fault::NotJson, Fault::Empty, Fault::OverQuota, Fault::Reset];
    for fault in faults.repeat(10) {
        // One in two succeeds, so that WeChat is not left alone.
        watched.server().wechat.faults(Faults::next([fault]));
        assert!(watched.sign_in().await >= 500);
        for _ in 0..2 {
            assert_eq!(watched.sign_in().await, 200);
        }
    }
    watched.running.stop();
    let logged = String::from_utf8(watched.running.end().stderr).unwrap();
    assert_eq!(logged.matches("a call of WeChat").count(), 1, "{logged}");
}

#[tokio::test]
async fn a_server_that_was_asked_to_stop_says_so_and_answers_until_it_does() {
    let watched = Watched::start(&["--stop-delay", "2"]).await;
    let session = watched.server().signed_in("ann").await;
    watched.running.stop();
    let unready = (503, json!({ "ready": false }));
    loop {
        let answer = watched.server().get("/readyz").send().await.unwrap();
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.unwrap();
        if status != 200 {
            assert_eq!((status, body), unready);
            break;
        }
    }
    assert_eq!(watched.server().standing(&session).await.0, 200);
    assert_eq!(watched.readiness().await.0, 503);
    let alive = watched.server().get("/healthz").send().await.unwrap();
    assert_eq!(alive.status(), 200);
    assert!(watched.running.end().status.success());
}

#[tokio::test]
async fn clients_see_no_more_than_whether_it_is_ready() {
    let watched = Watched::start(&[]).await;
    let server = watched.server();
    let ready = server.get("/readyz").send().await.unwrap();
    assert_eq!(ready.headers()["cache-control"], "no-store");
    assert_eq!(
        ready.json::<Value>().await.unwrap(),
        json!({ "ready": true })
    );
    let measures = server.get("/metrics").send().await.unwrap();
    assert_eq!(problem(measures).await, "not_found");
}

#[tokio::test]
async fn a_request_is_logged_on_demand_with_a_digest_of_whose_it_is() {
    let watched = Watched::start(&["--log", "debug"]).await;
    let server = watched.server();
    let session = server.signed_in("ann").await;
    assert_eq!(server.standing(&session).await.0, 200);
    let query = server.get("/wx/onlogin").query(&[("code", "a-code")]);
    assert_eq!(query.send().await.unwrap().status(), 401);
    let openid = server.openid("ann");
    let UserKey([a, b, c, d, ..]) = UserKey::new(&App::simulated().appid, &openid);
    watched.running.stop();
    let logged = String::from_utf8(watched.running.end().stderr).unwrap();
    let line = |path: &str, status: &str| {
        let mut lines = logged.lines();
        let line = lines
            .find(|line| line.contains("answered") && line.contains(path) && line.contains(status));
        line.unwrap_or_else(|| panic!("{path} in {logged}"))
    };
    let user = format!("user={a:02x}{b:02x}{c:02x}{d:02x}");
    assert!(
        line("path=\"/wx/session\"", "status=200").contains(&user),
        "{logged}"
    );
    let refused = line("path=\"/wx/onlogin\"", "status=401");
    assert!(refused.contains("problem=\"code_invalid\"") && !refused.contains("a-code"));
    assert!(!logged.contains(&openid));
}
