//! Signed requests at two servers on one Redis.

use std::path::Path;
use std::process::Stdio;

use reqwest::Method;
use wxsession_stores::make_ring;

use crate::PATIENT;
use crate::common::simulator;
use crate::program::{Running, program};
use crate::rig::{RedisServer, until};
use crate::signing::{Phone, Sent, judged};

const TARGET: &str = "/wx/logout?others=true";

struct Two {
    _redis: RedisServer,
    servers: [Running; 2],
    _folder: tempfile::TempDir,
}

impl Two {
    async fn start() -> Self {
        let redis = RedisServer::start("").await;
        let folder = tempfile::tempdir().unwrap();
        let ring = folder.path().join("keyring");
        make_ring(&ring).unwrap();
        let (wechat, api) = simulator().await;
        let start = || {
            let mut command = program();
            command.args(["--store", "redis", "--proof", "offered", "--keyring"]);
            command.arg(&ring).env("WXSESSION_REDIS", redis.url());
            command.args(PATIENT).stderr(Stdio::null());
            Running::launch(command, Path::new("unused"), &wechat, &api)
        };
        let servers = [start(), start()];
        for Running { server, .. } in &servers {
            until("users can sign in", || async {
                let code = serde_json::json!({ "code": server.code("anybody") });
                let answer = server.post("/wx/onlogin").json(&code).send().await;
                answer.unwrap().status() == 200
            })
            .await;
        }
        Self {
            servers,
            _redis: redis,
            _folder: folder,
        }
    }

    async fn judged(&self, place: usize, sent: &Sent) -> String {
        let server = &self.servers[place].server;
        judged(sent.to(&server.http, &server.url)).await
    }
}

#[tokio::test]
async fn a_request_that_one_server_has_served_is_replayed_at_the_other() {
    let two = Two::start().await;
    let phone = Phone::sign_in(&two.servers[0].server, "ann").await;
    for place in [0, 1] {
        let sent = phone.send(Method::POST, TARGET, None);
        assert_eq!(two.judged(place, &sent).await, "");
        for again in [1 - place, place] {
            assert_eq!(two.judged(again, &sent).await, "proof_replayed");
        }
    }
    // What changes nothing may be asked again anywhere.
    let sent = phone.send(Method::GET, "/wx/session", None);
    for place in [0, 1, 0] {
        assert_eq!(two.judged(place, &sent).await, "");
    }
}

#[tokio::test]
async fn of_a_request_that_both_get_at_once_one_serves_it() {
    let two = Two::start().await;
    let phone = Phone::sign_in(&two.servers[1].server, "ann").await;
    for _ in 0..20 {
        let sent = phone.send(Method::POST, TARGET, None);
        let (one, other) = tokio::join!(two.judged(0, &sent), two.judged(1, &sent));
        let mut both = [one, other];
        both.sort();
        assert_eq!(both, ["".to_owned(), "proof_replayed".to_owned()]);
    }
}
