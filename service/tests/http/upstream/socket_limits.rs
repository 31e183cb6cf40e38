//! How long sockets last, and how many there may be.

use std::time::Duration;

use futures_util::SinkExt;
use tokio::io::AsyncReadExt;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use wxsession_service::serve::Limits;
use wxsession_service::upstream::UpstreamSettings;

use super::chat::{Chat, next, open};
use super::world::{Unusual, World, read_until};

#[tokio::test]
async fn a_socket_holds_its_place_for_as_long_as_it_is_open() {
    let mut chat = Chat::start().await;
    let world = World::with(Unusual {
        backend: Some(chat.address),
        settings: |settings| UpstreamSettings {
            most: 1,
            ..settings
        },
        ..Unusual::default()
    })
    .await;
    let here = open(&world.server.url, "/public/chat", &[]).await.unwrap();
    let (_, mut there) = chat.opened().await;
    assert_eq!(
        open(&world.server.url, "/public/chat", &[]).await.err(),
        Some(503)
    );
    drop(here);
    assert_eq!(next(&mut there).await, None);
    drop(there);
    while open(&world.server.url, "/public/chat", &[]).await.is_err() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_silent_socket_outlives_the_deadlines_of_requests_and_not_its_own() {
    const PATIENCE: Duration = Duration::from_secs(6);
    let mut chat = Chat::start().await;
    let world = World::with(Unusual {
        backend: Some(chat.address),
        limits: Limits {
            arrival: PATIENCE / 6,
            idle: PATIENCE / 6,
            ..Limits::default()
        },
        settings: |settings| UpstreamSettings {
            patience: PATIENCE / 6,
            socket_patience: PATIENCE,
            ..settings
        },
        ..Unusual::default()
    })
    .await;
    let mut here = open(&world.server.url, "/public/chat", &[]).await.unwrap();
    let (_, mut there) = chat.opened().await;
    tokio::time::sleep(PATIENCE / 3).await;
    let message = Message::text("tea");
    here.send(message.clone()).await.unwrap();
    assert_eq!(next(&mut there).await, Some(message));
    assert_eq!(
        (next(&mut here).await, next(&mut there).await),
        (None, None)
    );
}

#[tokio::test]
async fn a_socket_stays_one_of_the_connections_that_there_may_be() {
    let mut chat = Chat::start().await;
    let world = World::with(Unusual {
        backend: Some(chat.address),
        limits: Limits {
            connections: 1,
            ..Limits::default()
        },
        ..Unusual::default()
    })
    .await;
    let here = open(&world.server.url, "/public/chat", &[]).await.unwrap();
    let (_, _there) = chat.opened().await;
    let asked = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut waiting = world.connect(asked).await;
    let answered = timeout(Duration::from_millis(300), waiting.read_u8()).await;
    assert!(answered.is_err(), "{answered:?}");
    drop(here);
    read_until(&mut waiting, "HTTP/1.1 200").await;
}
