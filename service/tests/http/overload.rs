//! WeChat in trouble, and more sign-ins than WeChat accepts.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::Response;
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use wxsession_server::store::MemoryStore;
use wxsession_simulator::{App, Fault, Faults, Outcome};

use crate::common::{Server, WEEK, problem, simulator};
use crate::program::{Running, program};

async fn sign_in(server: &Server) -> Response {
    let body = json!({ "code": server.code("ann") });
    server.post("/wx/onlogin").json(&body).send().await.unwrap()
}

#[tokio::test]
async fn a_sign_in_survives_a_moment_in_which_wechat_is_busy() {
    let server = Server::start().await;
    server.wechat.faults(Faults::next([Fault::Busy; 2]));
    assert_eq!(sign_in(&server).await.status(), 200);
    assert_eq!(server.wechat.counts().exchanges, 3);
}

#[tokio::test]
async fn an_answer_that_was_lost_is_not_asked_for_again_with_the_code_it_used_up() {
    let server = Server::start().await;
    server.wechat.faults(Faults::next([Fault::Lost]));
    assert_eq!(problem(sign_in(&server).await).await, "wechat_unavailable");
    assert_eq!(server.wechat.counts().exchanges, 1);
}

#[tokio::test]
async fn a_wechat_that_is_not_well_is_left_alone_and_asked_again_after_a_while() {
    let server = Server::start().await;
    server.wechat.faults(Faults::next([Fault::OverQuota; 100]));
    for _ in 0..50 {
        assert_eq!(problem(sign_in(&server).await).await, "wechat_unavailable");
    }
    // Ten failures opened the breaker. On a slow machine a few probes may have followed.
    let asked = server.wechat.counts().exchanges;
    assert!((10..20).contains(&asked), "{asked}");

    server.wechat.faults(Faults::default());
    let deadline = Instant::now() + Duration::from_secs(60);
    while sign_in(&server).await.status() != 200 {
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(server.wechat.counts().exchanges, asked + 1);
}

#[tokio::test]
async fn codes_that_are_no_good_leave_wechat_well() {
    let server = Server::start().await;
    for _ in 0..20 {
        let body = json!({ "code": "made-up" });
        let answer = server.post("/wx/onlogin").json(&body).send().await.unwrap();
        assert_eq!(problem(answer).await, "code_invalid");
    }
    assert_eq!(sign_in(&server).await.status(), 200);
}

#[tokio::test]
async fn trouble_with_one_mini_program_leaves_the_sign_ins_of_another_alone() {
    let apps = [App::new("wx1", "secret-1"), App::new("wx2", "secret-2")];
    let store = Arc::new(MemoryStore::new());
    let server = Server::with_apps(apps, store, WEEK).await;
    server
        .wechat
        .faults(Faults::next([Fault::Hang; 400]).of("wx1"));
    let ask = |appid: &str| {
        let body = json!({ "code": server.wechat.login(appid, "ann"), "appid": appid });
        server.post("/wx/onlogin").json(&body).send()
    };
    // More sign-ins than the limit in flight, and enough failures to open the breaker.
    let mut herd: JoinSet<_> = (0..350).map(|_| ask("wx1")).collect();
    while let Some(answer) = herd.join_next().await {
        let answer = answer.unwrap().unwrap();
        assert!(matches!(answer.status().as_u16(), 503 | 504));
        if herd.len() % 50 == 0 {
            assert_eq!(ask("wx2").await.unwrap().status(), 200);
        }
    }
    assert_eq!(ask("wx2").await.unwrap().status(), 200);
}

/// At most 64 exchanges run and 256 sign-ins wait. The server refuses the others at once, and spreads the times of their
/// return.
#[tokio::test]
async fn a_herd_of_sign_ins_meets_a_bounded_queue() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let mut command = program();
    // All sign-ins come from one address.
    command.args(["--sign-in-rate", "0"]);
    let running = Running::launch(command, folder.path(), &wechat, &api);
    let server = &running.server;
    #[cfg(target_os = "linux")]
    let before = running.resident();
    wechat.faults(Faults::delay(Duration::from_millis(400)));
    // More than the server lets in, and fewer than the connections that many machines allow a process.
    let crowd = Arc::new(Semaphore::new(450));
    let mut herd = JoinSet::new();
    for user in 0..2000 {
        let body = json!({ "code": server.code(&user.to_string()) });
        let ask = server.post("/wx/onlogin").json(&body);
        let crowd = Arc::clone(&crowd);
        herd.spawn(async move {
            let _place = crowd.acquire().await.unwrap();
            let answer = ask.send().await.unwrap();
            if answer.status() == 200 {
                return None;
            }
            let retry_after = answer.headers()["retry-after"].to_str().unwrap().to_owned();
            assert_eq!(problem(answer).await, "server_busy");
            Some(retry_after)
        });
    }
    let answers = herd.join_all().await;
    let signed_in = answers.iter().filter(|answer| answer.is_none()).count();
    assert!(signed_in >= 64, "{signed_in}");
    let counts = wechat.counts();
    assert_eq!(counts.most_at_once, 64);
    assert_eq!(counts.of(Outcome::SignedIn), signed_in as u64);
    let spread: BTreeSet<_> = answers.into_iter().flatten().collect();
    assert!(spread.len() > 1, "{spread:?}");
    // Memory depends on connections and the queue, not on the number of sign-ins.
    #[cfg(target_os = "linux")]
    assert!(running.resident() < before + 64 * 1024);
    assert_eq!(sign_in(server).await.status(), 200);
    running.stop();
    let logged = String::from_utf8(running.end().stderr).unwrap();
    assert_eq!(logged.matches("there is no room").count(), 1, "{logged}");
}
