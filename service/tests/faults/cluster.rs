//! A cluster whose slots move, and whose primaries fail over or die.

use super::killed;
use super::load::Load;
use super::on_redis;
use crate::rig::{RedisCluster, store, until};

#[tokio::test(flavor = "multi_thread")]
async fn moving_slots_loses_and_revives_nothing() {
    let redis = RedisCluster::start(3).await;
    let (running, _folder) = on_redis(&redis.url()).await;
    let server = &running.server;
    let load = Load::start(server);
    until("there is much to move", || async {
        redis.primaries[0].ask::<usize>("DBSIZE").await.unwrap() >= 20
    })
    .await;
    // Users sign out meanwhile, so one round may find few values left to move.
    let mut moved = 0;
    for _ in 0..20 {
        moved += redis.move_slots().await;
        load.goes_on().await;
        if moved > 5 {
            break;
        }
    }
    let ledger = load.stop().await;
    assert!(moved > 5, "{moved}");
    ledger.compare_with(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_failover_loses_and_revives_nothing() {
    let redis = RedisCluster::start_with_replicas(3).await;
    let (running, _folder) = on_redis(&redis.url()).await;
    let server = &running.server;
    let load = Load::start(server);
    load.goes_on().await;
    redis.fail_over().await;
    load.goes_on().await;
    load.stop().await.compare_with(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_primary_signs_nobody_out_while_it_is_down_and_shows_nobody_anothers_session() {
    let mut redis = RedisCluster::start_with_replicas(3).await;
    let store = store(&redis.url());
    killed::primary(store, &mut redis.primaries, &redis.replicas).await;
}
