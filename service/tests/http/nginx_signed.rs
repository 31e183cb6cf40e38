//! Signed requests through the documented nginx.

use std::sync::atomic::Ordering::Relaxed;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wxsession_server::ProofPolicy;

use crate::digest_lines::are_as_signed;
use crate::nginx::{Behind, answer_of_backend};
use crate::signing::{Phone, SIGNED, Sent, judged, now, refused};

/// A location whose prefix the backend does not see, and one that cleans paths up for it.
const MORE: &str = "
    location /shop/ {
        auth_request /_wxsession;
        auth_request_set $wx_user $upstream_http_x_wx_user;
        auth_request_set $wx_proof $upstream_http_x_wx_proof;
        auth_request_set $wx_refusal $upstream_http_x_wx_refusal;
        error_page 401 403 500 = @wxsession_refusal;
        proxy_pass http://backend/;
    }
";

async fn start() -> Behind {
    let more = |file: String| {
        let (servers, _) = file.rsplit_once('}').unwrap();
        format!("{servers}{MORE}}}\n")
    };
    Behind::start_as(ProofPolicy::Offered, None, more).await
}

/// The status and the body of a request whose target is sent as it is, which an HTTP client would change.
async fn raw(behind: &Behind, sent: &Sent) -> (u16, Value) {
    let address = behind.url.trim_start_matches("http://");
    let mut request = format!(
        "{} {} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n",
        sent.method, sent.target
    );
    for (name, value) in &sent.headers {
        request += &format!("{name}: {value}\r\n");
    }
    let body = sent.body.as_deref().unwrap_or_default();
    request += &format!("content-length: {}\r\n\r\n", body.len());
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    let document = answer
        .find('{')
        .and_then(|start| answer.get(start..=answer.rfind('}')?));
    (
        status,
        document.map_or(Value::Null, |document| {
            serde_json::from_str(document).unwrap()
        }),
    )
}

#[tokio::test]
async fn what_the_phone_signed_is_what_is_checked() {
    let behind = start().await;
    let phone = Phone::sign_in(&behind.server, "ann").await;
    for target in [
        "/",
        "/?",
        "/orders",
        "/orders?",
        "/orders??",
        "/orders?page=2&q=%E8%8C%B6%20a%26b",
        "//orders",
        "/a//b///c",
        "/a/../b",
        "/a/./b",
        "/a%2Fb",
        "/a/%2e%2e/b",
        "/%E8%8C%B6?%E8%8C%B6",
        "/%e8%8c%b6",
        "/a;b=c/d",
        "/a+b?c+d",
        "/a%20b",
        "/shop/orders?page=2",
        "/shop//orders/%2e%2e/x",
        "/shop/",
    ] {
        for (method, body, proof) in [
            (Method::GET, None, "head"),
            (Method::POST, None, "head"),
            (Method::POST, Some(&b"{\"id\":1}"[..]), "body"),
            (Method::PUT, Some(b""), "body"),
            (Method::DELETE, None, "head"),
        ] {
            let sent = phone.send(method, target, body);
            let (status, told) = raw(&behind, &sent).await;
            assert_eq!(
                (status, &told["headers"]["x-wx-proof"]),
                (200, &json!(proof)),
                "{sent:?}"
            );
            let reached = behind.reached.load(Relaxed);
            let elsewhere = Sent {
                target: format!("{target}x"),
                ..sent
            };
            let (status, told) = raw(&behind, &elsewhere).await;
            assert_eq!(
                (status, &told["code"]),
                (403, &json!("proof_invalid")),
                "{elsewhere:?}"
            );
            assert_eq!(behind.reached.load(Relaxed), reached);
        }
    }
    // The backend sees what is left of the path.
    let (_, told) = raw(
        &behind,
        &phone.send(Method::GET, "/shop/orders?page=2", None),
    )
    .await;
    assert_eq!(told["target"], "/orders?page=2");
}

#[tokio::test]
async fn a_client_that_names_another_request_gains_nothing() {
    let behind = start().await;
    let phone = Phone::sign_in(&behind.server, "ann").await;
    let captured = phone.send(Method::POST, "/orders", Some(b"{}"));
    let elsewhere = Sent {
        target: "/refunds".into(),
        ..captured.clone()
    };
    let names = [
        ("x-original-method", "POST"),
        ("x-original-uri", "/orders"),
        ("x_original_uri", "/orders"),
        ("x-original-url", "/orders"),
        ("x-rewrite-url", "/orders"),
        ("x-forwarded-method", "POST"),
        ("x-forwarded-uri", "/orders"),
        ("x-http-method-override", "POST"),
        ("x-wx-refusal", "session_expired"),
        ("x-wx-proof", "body"),
    ];
    let forged = names
        .into_iter()
        .fold(elsewhere, |sent, (name, value)| sent.with(name, value));
    let (status, told) = raw(&behind, &forged).await;
    assert_eq!((status, &told["code"]), (403, &json!("proof_invalid")));
    assert_eq!(behind.reached.load(Relaxed), 0);
    // Nor does it harm the phone's own request.
    let own = names
        .into_iter()
        .filter(|(name, _)| *name != "x-wx-proof")
        .fold(captured, |sent, (name, _)| sent.with(name, "/other"));
    let (status, told) = raw(&behind, &own).await;
    assert_eq!(
        (status, &told["headers"]["x-wx-proof"]),
        (200, &json!("body"))
    );
    // And nobody is taken for a phone that signs.
    let session = behind.server.signed_in("bob").await;
    let ask = behind
        .ask(Method::POST, "/orders")
        .header("sessionid", session);
    let told = answer_of_backend(ask.send().await.unwrap()).await;
    assert_eq!(told["headers"]["x-wx-proof"], "none");
    let told = answer_of_backend(behind.ask(Method::POST, "/public/a").send().await.unwrap()).await;
    assert_eq!(told["headers"]["x-wx-proof"], Value::Null);
}

#[tokio::test]
async fn a_body_that_was_altered_behind_nginx_is_found() {
    let behind = start().await;
    let phone = Phone::sign_in(&behind.server, "ann").await;
    let body = "{\"to\":\"ann\",\"amount\":1,\"for\":\"茶\"}".as_bytes();
    let (status, told) = raw(&behind, &phone.send(Method::POST, "/pay", Some(body))).await;
    assert_eq!(
        (status, told["body"].as_str().unwrap().as_bytes()),
        (200, body)
    );
    let altered = String::from_utf8(body.to_vec()).unwrap();
    let altered = altered.replace("\"amount\":1", "\"amount\":100");
    assert_eq!(are_as_signed(&told["headers"], body), [true; 3]);
    assert_eq!(
        are_as_signed(&told["headers"], altered.as_bytes()),
        [false; 3]
    );
    // One who leaves the digest out, or sends one that was not signed, does not get as far.
    let unsigned = phone.send(Method::POST, "/pay", None);
    let (_, told) = raw(&behind, &unsigned).await;
    assert_eq!(are_as_signed(&told["headers"], b""), [false; 3]);
}

#[tokio::test]
async fn a_phone_is_told_why_its_signature_counts_for_nothing() {
    let behind = start().await;
    let phone = Phone::sign_in(&behind.server, "ann").await;
    let sent = phone.send(Method::POST, "/orders", Some(b"{}"));
    let bare = SIGNED
        .into_iter()
        .fold(sent.clone(), |sent, name| sent.without(name));
    let late = phone.send_at(now() - 3600, Method::POST, "/orders", Some(b"{}"));
    let refusal = |sent: &Sent| judged(sent.to(&behind.server.http, &behind.url));
    assert_eq!(refusal(&bare).await, "proof_missing");
    assert_eq!(refusal(&sent.without("signature")).await, "proof_invalid");
    // With the server's time in the body and, for downloads, in a header.
    assert_eq!(refusal(&late).await, "proof_late");
    assert_eq!(behind.reached.load(Relaxed), 0);
    assert_eq!(refusal(&sent).await, "");
    assert_eq!(refusal(&sent).await, "proof_replayed");
    assert_eq!(behind.reached.load(Relaxed), 1);
    // wxsession's own routes are signed as well.
    let end = phone.send(Method::POST, "/wx/logout", None);
    assert_eq!(refusal(&end).await, "");
    let over = phone.send(Method::POST, "/orders", Some(b"{}"));
    assert_eq!(refusal(&over).await, "session_expired");
}

/// The refusal is fetched by its name: asked again, the server would have seen the signature.
#[tokio::test]
async fn an_outage_stays_an_outage_though_nginx_asks_twice() {
    let behind = start().await;
    let phone = Phone::sign_in(&behind.server, "ann").await;
    for _ in 0..5 {
        behind.store.be_away(true);
        let sent = phone.send(Method::POST, "/orders", Some(b"{}"));
        let answer = sent
            .to(&behind.server.http, &behind.url)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 503);
        assert_eq!(refused(answer).await, "store_unavailable");
        behind.store.be_away(false);
    }
}
