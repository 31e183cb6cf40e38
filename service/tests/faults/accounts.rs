//! Accounts of two servers on one Redis.

use std::fs::{self, File};

use tokio::task::spawn_blocking;

use crate::account_scenarios as scenarios;
use crate::common::simulator;
use crate::pair::{Pair, on_redis};
use crate::phone::Phone;
use crate::program::Running;
use crate::rig::{RedisServer, until};

const PASSWORD: &str = "ktqwmvze";

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_the_same_on_every_server() {
    let pair = Pair::start().await;
    let (one, other) = (pair.server(0), pair.server(1));
    scenarios::a_user_is_the_same_on_another_phone(one, other).await;
    scenarios::a_guest_who_registers_stays_the_same_user(one, other).await;
    scenarios::a_new_password_ends_the_other_sessions(one, other).await;
    scenarios::wrong_names_and_wrong_passwords_are_answered_alike(one, 3).await;
    scenarios::strangers_who_guess_do_not_keep_the_owner_out(one, 10).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_account_leaves_nothing_that_names_anybody() {
    let pair = Pair::start().await;
    let secrets = scenarios::a_deleted_account_frees_its_identities(pair.server(0)).await;
    let dump = pair.dump().await;
    assert!(dump.len() > 2);
    for secret in &secrets {
        let found = |text: &Vec<u8>| text.windows(secret.len()).any(|window| window == secret);
        let shown = String::from_utf8_lossy(secret);
        assert!(!dump.iter().any(found), "{shown}");
    }
    scenarios::the_name_of_a_deleted_account_is_free(pair.server(1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_waits_for_a_redis_that_does_not_answer_yet() {
    let redis = RedisServer::start("").await;
    let folder = tempfile::tempdir().unwrap();
    let (wechat, api) = simulator().await;
    let log = folder.path().join("log");
    let mut command = on_redis(folder.path(), &redis);
    command.stderr(File::create(&log).unwrap());
    redis.freeze();
    let data = folder.path().to_owned();
    let start = spawn_blocking(move || Running::launch(command, &data, &wechat, &api));
    until("the start waits", || async {
        let told = fs::read_to_string(&log).unwrap();
        told.contains("the start waits for the store")
    })
    .await;
    redis.thaw();
    let running = start.await.unwrap();
    let mut ann = Phone::of(&running.server, "ann");
    assert_eq!(ann.registers("li.na", PASSWORD).await, "account");
}
