//! The guarantees when a primary is killed and a replica takes over.

use std::sync::Arc;
use std::time::{Duration, Instant};

use wxsession_server::sessions::SessionsError;
use wxsession_server::user::Refusal;
use wxsession_stores::RedisStore;

use crate::common::{Server, WEEK};
use crate::rig::{RedisServer, until_replicated};

const USERS: usize = 60;
/// How long a replica may take to become the primary.
const PATIENCE: Duration = Duration::from_secs(20);

/// Signs users in, kills the first primary, and checks their sessions until the server answers for all of them again.
pub(super) async fn primary(
    store: RedisStore,
    primaries: &mut [RedisServer],
    replicas: &[RedisServer],
) {
    let (server, service) = Server::with_service(Arc::new(store), WEEK).await;
    let sessions = service.sessions();
    let mut users = Vec::new();
    for number in 0..USERS {
        let user = format!("user-{number}");
        users.push((server.openid(&user), server.signed_in(&user).await));
    }
    // Writes that a replica does not have may be lost.
    for (primary, replica) in primaries.iter().zip(replicas) {
        until_replicated(primary, replica).await;
    }
    primaries[0].kill();
    let began = Instant::now();
    let mut outages = 0;
    loop {
        let before = outages;
        for (openid, session) in &users {
            let token = sessions.authenticate(session.as_bytes()).unwrap();
            match sessions.verify(token).await {
                Ok(verified) => assert_eq!(verified.identity.openid, *openid),
                Err(SessionsError::Store(_)) => outages += 1,
                Err(SessionsError::Refused(Refusal::Expired)) => panic!("signed out by an outage"),
                Err(error) => panic!("{error}"),
            }
        }
        if outages == before {
            break;
        }
        assert!(began.elapsed() < PATIENCE, "no replica takes the place");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(outages > 0, "nobody noticed");
    assert_eq!(server.standing(&users[0].1).await.0, 200);
}
