//! Old clients at two servers with one store.

use std::sync::Arc;
use std::time::Duration;

use wxsession_server::store::MemoryStore;
use wxsession_simulator::{App, Call, FakeWeChat, Faults};

use super::world::{Unusual, World, borrowed, user_of};

/// Two servers, and the WeChat that both know.
async fn start() -> (World, World, FakeWeChat) {
    let store = Arc::new(MemoryStore::new());
    let wechat = FakeWeChat::new([App::simulated()]);
    let start = || {
        World::with(Unusual {
            store: store.clone(),
            wechat: Some(wechat.clone()),
            ..Unusual::default()
        })
    };
    (start().await, start().await, wechat)
}

#[tokio::test]
async fn two_servers_on_one_store_are_one() {
    let (one, other, _) = start().await;
    for headers in one.sessions("ann").await {
        assert_eq!(
            user_of(&other.verify(&borrowed(&headers)).await).1["gender"],
            1
        );
    }
    // The same first call at both: one of them signs in, and the other finds that out.
    for _ in 0..20 {
        let headers = one.phone("ann").signed();
        let borrowed = borrowed(&headers);
        let (first, second) = tokio::join!(one.verify(&borrowed), other.verify(&borrowed));
        let statuses = [first.status().as_u16(), second.status().as_u16()];
        assert!(statuses.contains(&200), "{statuses:?}");
        for (world, status) in [(&one, statuses[0]), (&other, statuses[1])] {
            assert!(matches!(status, 200 | 401));
            assert_eq!(world.verify(&borrowed).await.status(), 200);
            assert_eq!(world.verify(&borrowed[..1]).await.status(), 200);
        }
    }
}

#[tokio::test]
async fn a_code_that_another_server_has_exchanged_meanwhile_is_its_session() {
    let (one, other, wechat) = start().await;
    let delayed = |delay_ms| Faults {
        call: Call::Exchange,
        delay_ms,
        ..Faults::default()
    };
    wechat.faults(delayed(50));
    let headers = one.phone("ann").signed();
    let borrowed = borrowed(&headers);
    let second = async {
        while wechat.counts().exchanges == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // WeChat refuses it, and says so once the first has landed.
        wechat.faults(delayed(1000));
        other.verify(&borrowed).await.status()
    };
    let (first, second) = tokio::join!(one.verify(&borrowed), second);
    assert_eq!((first.status().as_u16(), second.as_u16()), (200, 200));
    assert_eq!(one.live("ann").await, 1);
}
