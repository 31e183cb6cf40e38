use std::time::Duration;

use reqwest::Method;
use reqwest::header::HeaderValue;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::common::{Server, problem};
use crate::tea;

const JSON: &str = "application/json";

async fn sign_in_with(body: impl Into<String>, content_type: Option<&str>) -> (u16, String) {
    let server = Server::start().await;
    let mut ask = server.post("/wx/onlogin").body(body.into());
    if let Some(content_type) = content_type {
        ask = ask.header("content-type", content_type);
    }
    let answer = ask.send().await.unwrap();
    assert_eq!(server.wechat.counts().exchanges, 0);
    (answer.status().as_u16(), problem(answer).await)
}

#[tokio::test]
async fn a_body_that_is_not_the_json_asked_for_is_refused() {
    for body in [
        "",
        "code=0a3",
        "{",
        "[]",
        r#"["abc"]"#,
        "null",
        "{}",
        r#"{"code":7}"#,
        r#"{"code":null}"#,
        r#"{"code":""}"#,
        r#"{"code":"a\nb"}"#,
        r#"{"code":"a","appid":7}"#,
        "\u{feff}{}",
    ] {
        assert_eq!(
            sign_in_with(body, Some(JSON)).await,
            (400, "bad_request".into()),
            "{body}"
        );
    }
    let long = json!({ "code": "c".repeat(1000) }).to_string();
    assert_eq!(sign_in_with(long, Some(JSON)).await.0, 400);
}

#[tokio::test]
async fn a_body_of_another_type_is_refused() {
    for content_type in [
        None,
        Some("text/plain"),
        Some("application/jsonp"),
        Some(";"),
    ] {
        let answer = sign_in_with(r#"{"code":"a"}"#, content_type).await;
        assert_eq!(
            answer,
            (415, "unsupported_media_type".into()),
            "{content_type:?}"
        );
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let large = json!({ "code": "c".repeat(20_000) }).to_string();
    assert_eq!(
        sign_in_with(large, Some(JSON)).await,
        (413, "body_too_large".into())
    );
}

#[tokio::test]
async fn a_body_that_will_be_refused_is_not_waited_for() {
    let server = Server::start().await;
    let address = server.url.strip_prefix("http://").unwrap();
    for (content_type, length, status) in [("text/plain", 20, 415), (JSON, 20_000, 413)] {
        for expect in ["", "Expect: 100-continue\r\n"] {
            let head = format!(
                "POST /wx/onlogin HTTP/1.1\r\nHost: {address}\r\n{expect}\
                 Content-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n"
            );
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(head.as_bytes()).await.unwrap();
            let mut answer = [0; 13];
            let answered = timeout(Duration::from_secs(5), stream.read_exact(&mut answer)).await;
            answered.expect("an answer without a body").unwrap();
            let expected = format!("HTTP/1.1 {status} ");
            assert_eq!(String::from_utf8_lossy(&answer), expected, "{head}");
        }
    }
}

#[tokio::test]
async fn a_query_without_a_code_is_refused() {
    let server = Server::start().await;
    for path in [
        "/wx/onlogin",
        "/wx/onlogin?",
        "/wx/onlogin?code=",
        "/wx/onlogin?code=%ff%00",
    ] {
        let answer = server.get(path).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{path}");
        assert_eq!(problem(answer).await, "bad_request");
    }
}

#[tokio::test]
async fn a_method_that_a_path_does_not_take_is_refused_and_the_others_named() {
    let server = Server::beside(tea::routes).await;
    let unknown = Method::from_bytes(b"BREW").unwrap();
    for (path, allowed) in [
        ("/wx/onlogin", "GET,POST"),
        ("/wx/session", "GET,HEAD"),
        ("/wx/logout", "POST"),
        ("/wx/products/list", "GET,HEAD"),
    ] {
        for method in [Method::DELETE, Method::OPTIONS, unknown.clone()] {
            let ask = server.http.request(method, format!("{}{path}", server.url));
            let answer = ask.send().await.unwrap();
            assert_eq!(answer.status(), 405, "{path}");
            assert_eq!(answer.headers()["allow"], allowed);
            assert_eq!(problem(answer).await, "method_not_allowed");
        }
    }
}

#[tokio::test]
async fn a_head_does_not_use_up_a_code() {
    let server = Server::start().await;
    let url = format!("{}/wx/onlogin?code={}", server.url, server.code("ann"));
    assert_eq!(server.http.head(&url).send().await.unwrap().status(), 405);
    assert_eq!(server.http.get(&url).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn an_unknown_path_is_not_found() {
    let server = Server::start().await;
    for path in ["/", "/wx", "/wx/onlogin/", "/wx/%2e%2e/session"] {
        let answer = server.get(path).send().await.unwrap();
        assert_eq!(answer.status(), 404, "{path}");
        assert_eq!(problem(answer).await, "not_found");
    }
}

#[tokio::test]
async fn garbage_in_the_session_header_is_no_session() {
    let server = Server::start().await;
    let good = server.signed_in("ann").await;
    let garbage: [&[u8]; 7] = [
        b"",
        b"null",
        b"undefined",
        b"\xff\xfe\xfd",
        "会话".as_bytes(),
        &[b'A'; 76],
        &[b'A'; 10_000],
    ];
    for value in garbage {
        let value = HeaderValue::from_bytes(value).unwrap();
        let answer = server
            .get("/wx/session")
            .header("sessionid", value)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 401);
        assert_eq!(problem(answer).await, "session_missing");
    }
    assert_eq!(
        server.standing(&format!("{good} ")).await.0,
        200,
        "HTTP trims the blank"
    );
    assert_eq!(
        server.standing(&good.to_uppercase()).await.1,
        "session_missing"
    );
}

#[tokio::test]
async fn two_session_headers_are_no_session() {
    let server = Server::start().await;
    let (ours, other) = (server.signed_in("ann").await, server.signed_in("bob").await);
    for second in [&other, &ours] {
        let ask = server.get("/wx/session").header("sessionid", &ours);
        let answer = ask.header("sessionid", second).send().await.unwrap();
        assert_eq!(answer.status(), 401);
        assert_eq!(problem(answer).await, "session_missing");
    }
}

#[tokio::test]
async fn many_small_headers_are_answered_by_the_route() {
    let server = Server::start().await;
    let mut ask = server.get("/wx/session");
    for number in 0..90 {
        ask = ask.header(format!("x-{number}"), "1");
    }
    let answer = ask.send().await.unwrap();
    assert_eq!(answer.status(), 401);
    assert_eq!(problem(answer).await, "session_missing");
}

#[tokio::test]
async fn headers_that_are_too_large_are_refused() {
    let server = Server::start().await;
    let ask = server
        .get("/wx/session")
        .header("sessionid", "A".repeat(20_000));
    let answer = ask.send().await.unwrap();
    assert_eq!(answer.status(), 431);
    assert_eq!(problem(answer).await, "headers_too_large");
    // Far beyond the limit the server closes the connection, and keeps serving others.
    let _ = server
        .get("/wx/session")
        .header("sessionid", "A".repeat(500_000))
        .send()
        .await;
    assert_eq!(
        server.get("/wx/session").send().await.unwrap().status(),
        401
    );
}

#[tokio::test]
async fn a_switch_of_the_sign_out_is_true_or_false_and_nothing_else() {
    let server = Server::start().await;
    let session = server.signed_in("ann").await;
    for query in ["all=yes", "all=", "others=1"] {
        let ask = server
            .post(&format!("/wx/logout?{query}"))
            .header("sessionid", &session);
        let answer = ask.send().await.unwrap();
        assert_eq!(answer.status(), 400, "{query}");
        assert_eq!(problem(answer).await, "bad_request");
    }
    assert_eq!(server.standing(&session).await.0, 200);
}

#[tokio::test]
async fn a_sign_out_without_a_session_is_refused() {
    let server = Server::start().await;
    let answer = server.post("/wx/logout").send().await.unwrap();
    assert_eq!(problem(answer).await, "session_missing");
}

#[tokio::test]
async fn what_is_not_http_harms_nobody() {
    let server = Server::start().await;
    let address = server.url.strip_prefix("http://").unwrap();
    for bytes in [
        b"\x16\x03\x01\x00\xa5".as_slice(),
        b"\r\n\r\n\r\n",
        b"GET\r\n\r\n",
        &[0; 4096],
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream.shutdown().await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
    }
    assert_eq!(
        server.get("/wx/session").send().await.unwrap().status(),
        401
    );
}
