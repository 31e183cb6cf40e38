//! The list of a user's phones.

use serde_json::{Value, json};
use wxsession_server::store::Store;

use crate::rig::{HOUR, PASSWORD, SECOND, Server, by_password};

/// The list without ids.
async fn listed(server: &Server, session: &str) -> Vec<Value> {
    let answer = server.get("/wx/sessions", session).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let mut listed = answer.body.as_array().unwrap().clone();
    for entry in &mut listed {
        entry.as_object_mut().unwrap().remove("id").unwrap();
    }
    listed
}

/// The id of the phone that does not ask.
async fn other(server: &Server, session: &str) -> String {
    let answer = server.get("/wx/sessions", session).await.body;
    let mut others = answer.as_array().unwrap().iter();
    let other = others.find(|entry| entry["here"] == false).unwrap();
    other["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_account_sees_its_phones_and_ends_one_that_could_have_come_back() {
    let server = Server::start().await;
    let began = server.store.now() / 1000;
    let first = server.registered("ann", "li.na").await;
    server.store.pass(3 * HOUR);
    let second = server
        .sign_in("ben", None, by_password("li.na", PASSWORD))
        .await
        .session();
    let now = server.store.now() / 1000;
    let expected = [
        json!({ "here": false, "since": began, "used": began, "by": "name", "shown": "l***a" }),
        json!({ "here": true, "since": now, "used": now, "by": "name", "shown": "l***a" }),
    ];
    assert_eq!(listed(&server, &second).await, expected);
    let path = format!("/wx/sessions/{}", other(&server, &second).await);
    for _ in 0..2 {
        assert_eq!(server.delete(&path, &second).await.status, 204);
    }
    assert_eq!(listed(&server, &second).await, expected[1..]);
    assert_eq!(
        server.start_of("ben", Some(&first)).await.refusal().1,
        "sign_in_needed"
    );
    let unknown = server
        .delete("/wx/sessions/AAAAAAAAAAAAAAAAAAAAAA", &second)
        .await;
    assert_eq!(unknown.status, 204);
    let nothing = server.delete("/wx/sessions/1", &second).await;
    assert_eq!(nothing.refusal(), (404, "not_found"));
}

#[tokio::test]
async fn a_guest_sees_phones_too_and_an_ended_one_is_revoked() {
    let server = Server::start().await;
    let began = server.store.now() / 1000;
    let first = server.start_of("ann", None).await.session();
    server.store.pass(5 * SECOND);
    let second = server.start_of("ann", None).await.session();
    let entry = |here: bool, when: u64| json!({ "here": here, "since": when, "used": when, "by": "wechat", "shown": "WeChat" });
    let expected = [entry(false, began), entry(true, began + 5)];
    assert_eq!(listed(&server, &second).await, expected);
    let path = format!("/wx/sessions/{}", other(&server, &second).await);
    assert_eq!(server.delete(&path, &second).await.status, 204);
    assert_eq!(server.standing(&first).await.1, "session_revoked");
    assert_eq!(server.standing(&second).await.0, 200);
    assert_eq!(
        server.delete(&path, &first).await.refusal().1,
        "session_revoked"
    );
}
