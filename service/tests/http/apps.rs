//! One server for several mini programs.

use std::sync::Arc;

use serde_json::{Value, json};
use wxsession_server::store::MemoryStore;
use wxsession_simulator::{App, FakeWeChat, serve};

use crate::common::{Server, WEEK, problem, session_id};
use crate::program::{Running, apps_file, program, refusal};

const FIRST: &str = "wx1111111111111111";
const SECOND: &str = "wx2222222222222222";

fn apps() -> [App; 2] {
    [
        App::new(FIRST, "1".repeat(32)),
        App::new(SECOND, "2".repeat(32)),
    ]
}

async fn server() -> Server {
    let store = Arc::new(MemoryStore::new());
    Server::with_apps(apps(), store, WEEK).await
}

#[tokio::test]
async fn a_sign_in_names_its_mini_program_in_the_body_or_the_query() {
    let server = server().await;
    for appid in [FIRST, SECOND] {
        let code = || server.wechat.login(appid, "ann");
        let by_body = json!({ "code": code(), "appid": appid });
        let by_query = [("code", code()), ("appid", appid.to_owned())];
        for ask in [
            server.post("/wx/onlogin").json(&by_body),
            server.get("/wx/onlogin").query(&by_query),
        ] {
            let session = session_id(ask).await;
            assert_eq!(server.standing(&session).await.0, 200);
        }
    }
}

#[tokio::test]
async fn a_sign_in_that_names_none_or_another_is_told_which_field_is_at_fault() {
    let server = server().await;
    for body in [
        json!({ "code": server.wechat.login(FIRST, "ann") }),
        json!({ "code": server.wechat.login(FIRST, "ann"), "appid": "wx3" }),
        json!({ "code": server.wechat.login(FIRST, "ann"), "appid": "" }),
    ] {
        let answer = server.post("/wx/onlogin").json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 400);
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["code"], "bad_request");
        assert!(body["detail"].as_str().unwrap().starts_with("`appid` is"));
    }
    assert_eq!(server.wechat.counts().exchanges, 0);
}

#[tokio::test]
async fn the_same_code_for_two_mini_programs_is_two_sign_ins() {
    let server = server().await;
    let code = server.wechat.login(FIRST, "ann");
    let ask = |appid| {
        let body = json!({ "code": code, "appid": appid });
        server.post("/wx/onlogin").json(&body).send()
    };
    let (ours, another) = tokio::join!(ask(FIRST), ask(SECOND));
    assert_eq!(ours.unwrap().status(), 200);
    assert_eq!(problem(another.unwrap()).await, "code_invalid");
}

#[tokio::test]
async fn the_program_reads_several_from_a_file() {
    let wechat = FakeWeChat::new(apps());
    let (api, _serving) = serve(wechat.clone()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = apps_file(folder.path(), &apps());
    let mut command = program();
    command.env("WXSESSION_APPS_FILE", file);
    let running = Running::launch_as_told(command, folder.path(), &wechat, &api);
    for appid in [FIRST, SECOND] {
        let body = json!({ "code": wechat.login(appid, "ann"), "appid": appid });
        session_id(running.server.post("/wx/onlogin").json(&body)).await;
    }
}

#[test]
fn one_mini_program_and_a_file_of_them_exclude_each_other() {
    let mut command = program();
    let text = refusal(command.args(["--appid", FIRST, "--apps-file", "apps"]));
    assert!(
        text.contains("--appid") && text.contains("--apps-file"),
        "{text}"
    );
}
