//! A primary behind sentinels that fails over to its replica, or dies.

use std::slice::{from_mut, from_ref};

use super::load::Load;
use super::{killed, on_redis};
use crate::rig::{RedisSentinels, store};

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_failover_loses_and_revives_nothing() {
    let redis = RedisSentinels::start().await;
    let (running, _folder) = on_redis(&redis.url()).await;
    let server = &running.server;
    let load = Load::start(server);
    load.goes_on().await;
    redis.fail_over_as_planned().await;
    load.goes_on().await;
    load.stop().await.compare_with(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_primary_signs_nobody_out_while_it_is_down_and_shows_nobody_anothers_session() {
    let mut redis = RedisSentinels::start().await;
    let store = store(&redis.url());
    let [primary, replica] = &mut redis.servers;
    killed::primary(store, from_mut(primary), from_ref(replica)).await;
}
