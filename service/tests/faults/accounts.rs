//! Accounts of two servers on one Redis.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::spawn;
use tokio::task::spawn_blocking;
use wxsession_simulator::FakeWeChat;
use wxsession_stores::make_ring;

use crate::account_scenarios as scenarios;
use crate::common::simulator;
use crate::phone::{Phone, password_of};
use crate::program::{Running, program};
use crate::rig::{RedisServer, until};

/// How often two race for one identity, where the environment names no other number.
const RACES: usize = 6;
const PASSWORD: &str = "ktqwmvze";

/// Two servers, and the Redis that they share.
struct Pair {
    redis: RedisServer,
    one: Running,
    other: Running,
    folder: tempfile::TempDir,
    wechat: (FakeWeChat, String),
}

impl Pair {
    async fn start() -> Self {
        let redis = RedisServer::start("").await;
        let folder = tempfile::tempdir().unwrap();
        let (wechat, api) = simulator().await;
        let start = || {
            let command = on_redis(folder.path(), &redis);
            Running::launch(command, folder.path(), &wechat, &api)
        };
        let (one, other) = (start(), start());
        Self {
            redis,
            one,
            other,
            folder,
            wechat: (wechat, api),
        }
    }

    /// A phone before each server, with an account of its own.
    async fn racers(&self, name: &str) -> Vec<Phone> {
        let mut phones = Vec::new();
        for (place, running) in [&self.one, &self.other].into_iter().enumerate() {
            let name = format!("{name}-{place}");
            let mut phone = Phone::of(&running.server, &name);
            assert_eq!(phone.registers(&name, PASSWORD).await, "account");
            phones.push(phone);
        }
        phones
    }

    fn kill_and_restart(&mut self) {
        self.one.process.as_mut().unwrap().kill().unwrap();
        let command = on_redis(self.folder.path(), &self.redis);
        let (wechat, api) = &self.wechat;
        self.one = Running::launch(command, self.folder.path(), wechat, api);
    }

    /// Every key and value.
    async fn dump(&self) -> Vec<Vec<u8>> {
        let client = redis::Client::open(self.redis.url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let mut keys = redis::cmd("KEYS");
        let keys = keys.arg("*").query_async(&mut connection);
        let mut dump: Vec<Vec<u8>> = keys.await.unwrap();
        for key in dump.clone() {
            let mut value = redis::cmd("GET");
            let value = value.arg(key).query_async(&mut connection);
            dump.push(value.await.unwrap());
        }
        dump
    }
}

/// The program with accounts on this Redis, and its key ring in this folder.
fn on_redis(folder: &Path, redis: &RedisServer) -> Command {
    let ring = folder.join("keyring");
    if !ring.exists() {
        make_ring(&ring).unwrap();
    }
    let mut command = program();
    command
        .args(["--accounts", "built-in", "--store", "redis", "--keyring"])
        .arg(&ring)
        .args(["--sign-in-rate", "0"])
        .env("WXSESSION_REDIS", redis.url());
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_the_same_on_every_server() {
    let pair = Pair::start().await;
    let (one, other) = (&pair.one.server, &pair.other.server);
    scenarios::a_user_is_the_same_on_another_phone(one, other).await;
    scenarios::a_guest_who_registers_stays_the_same_user(one, other).await;
    scenarios::a_new_password_ends_the_other_sessions(one, other).await;
    scenarios::wrong_names_and_wrong_passwords_are_answered_alike(one, 3).await;
    scenarios::strangers_who_guess_do_not_keep_the_owner_out(one, 10).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_account_leaves_nothing_that_names_anybody() {
    let pair = Pair::start().await;
    let secrets = scenarios::a_deleted_account_frees_its_identities(&pair.one.server).await;
    let dump = pair.dump().await;
    assert!(dump.len() > 2);
    for secret in &secrets {
        let found = |text: &Vec<u8>| text.windows(secret.len()).any(|window| window == secret);
        let shown = String::from_utf8_lossy(secret);
        assert!(!dump.iter().any(found), "{shown}");
    }
    scenarios::the_name_of_a_deleted_account_is_free(&pair.other.server).await;
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

/// How many identities an account has.
async fn identities(phone: &Phone) -> usize {
    let (_, body) = phone.ask(Method::GET, "/wx/account", json!({})).await;
    body["identities"].as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_accounts_that_race_for_one_name_one_has_it() {
    let pair = Pair::start().await;
    for race in 0..rounds(RACES) {
        let phones = pair.racers(&format!("racer-{race}")).await;
        let link = |phone: &Phone| {
            let phone = phone.clone();
            let fields = password_of(&format!("prize-{race}"), PASSWORD);
            async move {
                phone
                    .ask(Method::POST, "/wx/account/identities", fields)
                    .await
            }
        };
        let (first, second) = tokio::join!(link(&phones[0]), link(&phones[1]));
        let outcome = |(status, body): &(u16, Value)| (*status, body["code"].clone());
        let mut outcomes = [outcome(&first), outcome(&second)];
        outcomes.sort_by_key(|(status, _)| *status);
        let taken = (409, json!("identity_taken"));
        assert_eq!(outcomes, [(201, Value::Null), taken], "race {race}");
        let winner = usize::from(second.0 == 201);
        assert_eq!(identities(&phones[winner]).await, 3);
        assert_eq!(identities(&phones[1 - winner]).await, 2);
    }
}

/// A race of two accounts for one name, whose first server is killed somewhere on the way.
#[tokio::test(flavor = "multi_thread")]
async fn a_race_whose_server_is_killed_leaves_one_owner_or_none() {
    let mut pair = Pair::start().await;
    for race in 0..rounds(RACES) {
        let mut phones = pair.racers(&format!("killed-{race}")).await;
        let prize = password_of(&format!("killed-prize-{race}"), PASSWORD);
        let link = |phone: &Phone| {
            let (phone, fields) = (phone.clone(), prize.clone());
            spawn(async move {
                let path = "/wx/account/identities";
                phone.try_ask(Method::POST, path, fields).await
            })
        };
        let (first, second) = (link(&phones[0]), link(&phones[1]));
        // A hash takes some 50 ms on an idle machine, and the link follows it.
        tokio::time::sleep(Duration::from_millis(fastrand::u64(0..150))).await;
        pair.kill_and_restart();
        let answers = [first.await.unwrap(), second.await.unwrap()];
        assert!(
            answers
                .iter()
                .all(|answer| matches!(answer, None | Some(201 | 409 | 503))),
            "{answers:?}"
        );
        phones[0] = phones[0].moved_to(&pair.one.server);
        let mut owners = Vec::new();
        for (phone, answer) in phones.iter().zip(answers) {
            let has = identities(phone).await == 3;
            // What was answered stands.
            assert!(has || answer != Some(201), "{answers:?}");
            assert!(!has || answer != Some(409), "{answers:?}");
            owners.extend(has.then(|| phone.guest()));
        }
        assert!(owners.len() <= 1, "{answers:?}");
        if let [owner] = owners.as_slice() {
            let mut friend = Phone::of(&pair.other.server, &format!("killed-friend-{race}"));
            assert_eq!(friend.sign_in(prize).await, "account");
            assert_eq!(friend.user().await, *owner);
        }
    }
}

/// How many rounds a test has: so many, unless the environment says otherwise.
fn rounds(usual: usize) -> usize {
    let rounds = std::env::var("WXSESSION_TEST_ROUNDS");
    rounds.map_or(usual, |rounds| rounds.parse().unwrap())
}
