//! The protocol of the usual tutorial, spoken by a client that knows nothing of this project: plain HTTP/1.1 over a
//! socket.

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::common::Server;
use crate::tea;

/// The server of an app that sells tea.
async fn shop() -> Server {
    Server::beside(tea::routes).await
}

/// The status and body of a GET with at most one extra header.
async fn get(server: &Server, path: &str, header: Option<(&str, &str)>) -> (u16, String) {
    let address = server.url.strip_prefix("http://").unwrap();
    let header = header
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .unwrap_or_default();
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{header}Connection: close\r\n\r\n");
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (
        head.split(' ').nth(1).unwrap().parse().unwrap(),
        body.to_owned(),
    )
}

#[tokio::test]
async fn a_hand_written_client_signs_in_and_lists_the_products() {
    let server = shop().await;
    let sign_in = format!("/wx/onlogin?code={}", server.code("ann"));
    let (status, body) = get(&server, &sign_in, None).await;
    assert_eq!(status, 200);
    let body: Value = serde_json::from_str(&body).unwrap();
    let session = body["sessionid"].as_str().unwrap();

    let (status, body) = get(&server, "/wx/products/list", Some(("sessionid", session))).await;
    assert_eq!(status, 200);
    let products: Value = serde_json::from_str(&body).unwrap();
    assert!(!products.as_array().unwrap().is_empty());
    assert!(products[0]["name"].is_string());
}

#[tokio::test]
async fn without_a_session_the_products_are_not_listed() {
    let server = shop().await;
    assert_eq!(get(&server, "/wx/products/list", None).await.0, 401);
    assert_eq!(
        get(&server, "/wx/products/list", Some(("sessionid", "made-up")))
            .await
            .0,
        401
    );
}
