//! Forged tokens cost the server a check, and nothing else.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue};
#[cfg(target_os = "linux")]
use tokio::io::{AsyncReadExt, AsyncWriteExt};
#[cfg(target_os = "linux")]
use tokio::net::TcpStream;
use wxsession_protocol::SESSION_HEADER;
use wxsession_server::store::Store;
use wxsession_server::{Asked, Session};

use crate::common::{Server, WEEK, simulator};
use crate::observed::Observed;
use crate::program::Running;

/// A genuine token with a few characters changed: in the user, in the secret or in the tag.
fn forged(token: &str, number: u32) -> Vec<u8> {
    let mut forged = token.as_bytes().to_vec();
    let place = [2, 30, 69][number as usize % 3];
    let digits = format!("{number:07}");
    forged[place..place + digits.len()].copy_from_slice(digits.as_bytes());
    forged
}

#[tokio::test]
async fn a_million_forged_tokens_never_reach_the_store() {
    let store = Arc::new(Observed::default());
    let (server, service) = Server::with_service(Arc::clone(&store) as Arc<dyn Store>, WEEK).await;
    let token = server.signed_in("ann").await;
    let asked = store.asked();
    let mut headers = HeaderMap::new();
    for number in 0..1_000_000 {
        let forged = HeaderValue::try_from(forged(&token, number)).unwrap();
        headers.insert(SESSION_HEADER, forged);
        let asked = Asked::new("GET", "/wx/session", &headers);
        assert!(Session::of(asked, service.sessions()).await.is_err());
    }
    assert_eq!(store.asked(), asked);
    assert_eq!(server.standing(&token).await.0, 200);
    assert!(store.asked() > asked);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_flood_of_forged_tokens_takes_no_memory() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start(folder.path(), &wechat, &api).await;
    let server = &running.server;
    let token = server.signed_in("ann").await;
    // The first requests of each thread allocate what later ones reuse.
    let mut streams = Vec::new();
    for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
        streams.push(connected(server).await);
    }
    for stream in &mut streams {
        flood(stream, &token, 0..2_000).await;
    }
    let before = running.resident();
    flood(&mut streams[0], &token, 2_000..22_000).await;
    let after = running.resident();
    assert!(after < before + 1024, "{before} KiB, then {after} KiB");
    assert_eq!(server.standing(&token).await.0, 200);
}

#[cfg(target_os = "linux")]
async fn connected(server: &Server) -> TcpStream {
    let address = server.url.strip_prefix("http://").unwrap();
    TcpStream::connect(address).await.unwrap()
}

/// Sends requests with forged tokens, a hundred at a time.
#[cfg(target_os = "linux")]
async fn flood(stream: &mut TcpStream, token: &str, numbers: std::ops::Range<u32>) {
    stream.write_all(&ask(token, numbers.start)).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"}") {
        assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0);
    }
    // All answers have the same length.
    let mut answers = vec![0; answer.len() * 100];
    for first in numbers.step_by(100) {
        let asks: Vec<u8> = (first..first + 100)
            .flat_map(|number| ask(token, number))
            .collect();
        stream.write_all(&asks).await.unwrap();
        stream.read_exact(&mut answers).await.unwrap();
        for answer in answers.chunks(answer.len()) {
            assert!(answer.starts_with(b"HTTP/1.1 401 ") && answer.ends_with(b"}"));
        }
    }
}

#[cfg(target_os = "linux")]
fn ask(token: &str, number: u32) -> Vec<u8> {
    let forged = forged(token, number);
    let before = b"GET /wx/session HTTP/1.1\r\nhost: here\r\nsessionid: ";
    [before, &*forged, b"\r\n\r\n"].concat()
}
