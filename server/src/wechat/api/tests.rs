//! Tests against servers that answer as the simulated WeChat never does.

use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::super::tls_client;
use super::{ANSWER_BYTES, Api, WeChatError};

/// A server that accepts one connection and gives this answer to each request on it. Returns what it was asked.
async fn answering(answer: String) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        hear(&mut connection, &answer).await
    });
    (url, asked)
}

async fn hear(connection: &mut (impl AsyncRead + AsyncWrite + Unpin), answer: &str) -> String {
    let mut heard = Vec::new();
    while connection.read_buf(&mut heard).await.unwrap_or_default() > 0 {
        if heard.ends_with(b"\r\n\r\n") {
            connection.write_all(answer.as_bytes()).await.unwrap();
        }
    }
    String::from_utf8(heard).unwrap()
}

fn ok(body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}")
}

fn api(url: &str) -> Api {
    Api::new(&url.parse().unwrap(), tls_client()).unwrap()
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_call() {
    let (url, asked) = answering(ok("{}")).await;
    let api = api(&url);
    for path in ["/one", "/two"] {
        assert_eq!(*api.get(path, &[]).await.unwrap(), b"{}");
    }
    drop(api);
    let asked = asked.await.unwrap();
    assert!(asked.contains("GET /one ") && asked.contains("GET /two "));
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_the_secret() {
    let (elsewhere, followed) = answering(ok("{}")).await;
    let redirect = format!("HTTP/1.1 302 Found\r\nlocation: {elsewhere}\r\n\r\n");
    let (url, _asked) = answering(redirect).await;
    let error = api(&url).get("/", &[("secret", "hush")]).await.unwrap_err();
    assert!(matches!(error, WeChatError::BadAnswer(_)), "{error}");
    assert!(!followed.is_finished());
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_not_read_to_its_end() {
    for (length, fits) in [(ANSWER_BYTES, true), (ANSWER_BYTES + 1, false)] {
        let (url, _asked) = answering(ok(&" ".repeat(length))).await;
        let answer = api(&url).get("/", &[]).await;
        assert_eq!(answer.is_ok(), fits, "{length}");
    }
}

#[tokio::test]
async fn a_gateway_in_trouble_is_no_answer_of_wechats() {
    let answer = "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 2\r\n\r\n{}";
    let (url, _asked) = answering(answer.into()).await;
    let error = api(&url).get("/", &[]).await.unwrap_err();
    assert!(matches!(error, WeChatError::Unavailable(_)), "{error}");
}

#[tokio::test]
async fn who_cannot_prove_to_be_wechat_is_told_no_secret() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".into()]).unwrap();
    let provider = rustls::crypto::ring::default_provider();
    let tls = rustls::ServerConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], signing_key.into())
        .unwrap();
    let impostor = tokio::spawn(async move {
        let (connection, _) = listener.accept().await.unwrap();
        match TlsAcceptor::from(Arc::new(tls)).accept(connection).await {
            Ok(mut connection) => hear(&mut connection, &ok("{}")).await,
            Err(_) => String::new(),
        }
    });
    let api = api(&format!("https://localhost:{port}"));
    let error = api.get("/", &[("secret", "hush")]).await.unwrap_err();
    assert!(matches!(error, WeChatError::Unreachable(_)), "{error}");
    drop(api);
    assert_eq!(impostor.await.unwrap(), "");
}
