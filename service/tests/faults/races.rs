//! Two accounts that race for one identity over two servers on one Redis, which are killed and paused meanwhile.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::spawn;
use tokio::time::sleep;

use crate::common::Server;
use crate::old_password::rounds;
use crate::pair::Pair;
use crate::phone::{Phone, is_outage, password_of};

/// How often two race, where the environment names no other number.
const RACES: usize = 6;
const DISTURBED_RACES: usize = 40;
/// The races after which the racers have another prize. A proof is good for ten minutes.
const RACES_FOR_A_PRIZE: usize = 20;
const PASSWORD: &str = "ktqwmvze";
const IDENTITIES: &str = "/wx/account/identities";

/// What happens while two race.
#[derive(Clone, Copy, Debug)]
enum Disturbance {
    Nothing,
    /// A server is killed, and started again.
    Killed,
    /// A server does nothing for a while, and goes on where it was.
    Paused,
    /// The one is paused until the other has been killed and is back.
    PausedAndKilled,
    /// Redis does nothing for longer than the servers wait for it.
    RedisPaused,
    /// Redis is killed, and started again.
    RedisKilled,
}

const DISTURBANCES: [Disturbance; 8] = [
    Disturbance::Nothing,
    Disturbance::Killed,
    Disturbance::Paused,
    Disturbance::Killed,
    Disturbance::PausedAndKilled,
    Disturbance::Paused,
    Disturbance::RedisPaused,
    Disturbance::RedisKilled,
];

impl Disturbance {
    async fn happen(self, pair: &mut Pair, place: usize) {
        match self {
            Self::Nothing => {}
            Self::Killed => pair.kill_and_restart(place),
            Self::Paused => {
                pair.pause(place);
                // Longer than a link takes, and sometimes than a server waits for Redis.
                sleep(Duration::from_millis(fastrand::u64(20..150))).await;
                pair.resume(place);
            }
            Self::PausedAndKilled => {
                pair.pause(place);
                pair.kill_and_restart(1 - place);
                pair.resume(place);
            }
            Self::RedisPaused => {
                pair.redis.freeze();
                sleep(Duration::from_millis(fastrand::u64(50..250))).await;
                pair.redis.thaw();
            }
            Self::RedisKilled => {
                pair.redis.kill();
                pair.redis.restart();
            }
        }
    }
}

/// Registers an account before each of these servers.
async fn racers(servers: [&Server; 2], name: &str) -> [Phone; 2] {
    let register = async |place: usize| {
        let name = format!("{name}-{place}");
        let mut phone = Phone::of(servers[place], &name);
        let registered = decided(async || phone.registers(&name, PASSWORD).await).await;
        assert_eq!(registered, "account");
        phone
    };
    [register(0).await, register(1).await]
}

/// The ids of the identities of an account that are of this kind.
async fn identities(phone: &Phone, kind: &str) -> Vec<String> {
    loop {
        let (status, body) = phone.ask(Method::GET, "/wx/account", json!({})).await;
        if status == 503 {
            continue;
        }
        assert_eq!(status, 200, "{body}");
        let all = body["identities"].as_array().unwrap();
        let those = all.iter().filter(|identity| identity["kind"] == kind);
        let ids = those.map(|identity| identity["id"].as_str().unwrap().to_owned());
        return ids.collect();
    }
}

/// A phone that sends its request again until it is answered, as a client does.
struct Racer {
    phone: Phone,
    place: usize,
}

impl Racer {
    /// Asks until there is an answer that is no outage, before whichever server stands at this place by then.
    async fn ask(&mut self, pair: &Pair, method: Method, path: &str, fields: Value) -> u16 {
        loop {
            let phone = self.phone.moved_to(pair.server(self.place));
            match phone.try_ask(method.clone(), path, fields.clone()).await {
                None | Some(503) => sleep(Duration::from_millis(5)).await,
                Some(status) => return status,
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_accounts_that_race_for_one_name_one_has_it() {
    let pair = Pair::start().await;
    for race in 0..rounds(RACES) {
        let servers = [pair.server(0), pair.server(1)];
        let phones = racers(servers, &format!("racer-{race}")).await;
        let link = |phone: &Phone| {
            let phone = phone.clone();
            let fields = password_of(&format!("prize-{race}"), PASSWORD);
            async move { phone.ask(Method::POST, IDENTITIES, fields).await }
        };
        let (first, second) = tokio::join!(link(&phones[0]), link(&phones[1]));
        let outcome = |(status, body): &(u16, Value)| (*status, body["code"].clone());
        let mut outcomes = [outcome(&first), outcome(&second)];
        outcomes.sort_by_key(|(status, _)| *status);
        let taken = (409, json!("identity_taken"));
        assert_eq!(outcomes, [(201, Value::Null), taken], "race {race}");
        let winner = usize::from(second.0 == 201);
        assert_eq!(identities(&phones[winner], "name").await.len(), 2);
        assert_eq!(identities(&phones[1 - winner], "name").await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_race_while_servers_are_killed_and_paused_one_wins_and_the_other_is_unchanged() {
    let mut pair = Pair::start_to_be_disturbed().await;
    let accounts = ["disturbed-0", "disturbed-1"];
    racers([pair.server(0), pair.server(1)], "disturbed").await;
    let mut race = 0;
    let races = rounds(DISTURBED_RACES);
    while race < races {
        // The prize is the WeChat user of a phone on which each of the two has signed in.
        let prize = format!("prize-{race}");
        let mut racers = Vec::new();
        for (place, account) in accounts.into_iter().enumerate() {
            let mut phone = Phone::of(pair.server(place), &prize);
            let entered = decided(async || phone.by_password(account, PASSWORD).await).await;
            assert_eq!(entered, "account");
            racers.push(Racer { phone, place });
        }
        let end = races.min(race + RACES_FOR_A_PRIZE);
        for race in race..end {
            let disturbance = DISTURBANCES[race % DISTURBANCES.len()];
            run(&mut pair, &mut racers, disturbance, race).await;
        }
        race = end;
    }
}

/// One race, after which the winner lets go of the prize.
async fn run(pair: &mut Pair, racers: &mut [Racer], disturbance: Disturbance, race: usize) {
    let wechat = json!({ "method": "wechat" });
    // Each phone asks once while the disturbance happens, and again until it is answered.
    let first = racers.iter().map(|racer| {
        let phone = racer.phone.moved_to(pair.server(racer.place));
        let fields = wechat.clone();
        spawn(async move { phone.try_ask(Method::POST, IDENTITIES, fields).await })
    });
    let first: Vec<_> = first.collect();
    sleep(Duration::from_micros(fastrand::u64(0..8000))).await;
    disturbance
        .happen(pair, race / DISTURBANCES.len() % 2)
        .await;
    let mut answers = Vec::new();
    for (racer, first) in racers.iter_mut().zip(first) {
        answers.push(match first.await.unwrap() {
            Some(status) if status != 503 => status,
            _ => {
                racer
                    .ask(pair, Method::POST, IDENTITIES, wechat.clone())
                    .await
            }
        });
    }
    let mut sorted = answers.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, [201, 409], "{disturbance:?} in race {race}");
    for (racer, answer) in racers.iter_mut().zip(answers) {
        let phone = racer.phone.moved_to(pair.server(racer.place));
        // Each has the WeChat user that it registered with.
        let linked = identities(&phone, "wechat").await;
        let expected = if answer == 201 { 2 } else { 1 };
        assert_eq!(linked.len(), expected, "{disturbance:?} in race {race}");
        if let [_, prize] = &*linked {
            let path = format!("{IDENTITIES}/{prize}");
            let gone = racer.ask(pair, Method::DELETE, &path, json!({})).await;
            // 404: the answer of an earlier attempt was lost.
            assert!(matches!(gone, 204 | 404), "{gone} in race {race}");
        }
    }
}

/// A race of two accounts for one name, whose first server is killed somewhere on the way. Nobody asks again.
#[tokio::test(flavor = "multi_thread")]
async fn a_race_whose_server_is_killed_leaves_one_owner_or_none() {
    let mut pair = Pair::start().await;
    for race in 0..rounds(RACES) {
        let servers = [pair.server(0), pair.server(1)];
        let mut phones = racers(servers, &format!("killed-{race}")).await;
        let prize = password_of(&format!("killed-prize-{race}"), PASSWORD);
        let link = |phone: &Phone| {
            let (phone, fields) = (phone.clone(), prize.clone());
            spawn(async move { phone.try_ask(Method::POST, IDENTITIES, fields).await })
        };
        let (first, second) = (link(&phones[0]), link(&phones[1]));
        // A hash takes some 50 ms on an idle machine, and the link follows it.
        sleep(Duration::from_millis(fastrand::u64(0..150))).await;
        pair.kill_and_restart(0);
        let answers = [first.await.unwrap(), second.await.unwrap()];
        assert!(
            answers
                .iter()
                .all(|answer| matches!(answer, None | Some(201 | 409 | 503))),
            "{answers:?}"
        );
        phones[0] = phones[0].moved_to(pair.server(0));
        let mut owners = Vec::new();
        for (phone, answer) in phones.iter().zip(answers) {
            let has = identities(phone, "name").await.len() == 2;
            // What was answered stands.
            assert!(has || answer != Some(201), "{answers:?}");
            assert!(!has || answer != Some(409), "{answers:?}");
            owners.extend(has.then(|| phone.guest()));
        }
        assert!(owners.len() <= 1, "{answers:?}");
        if let [owner] = owners.as_slice() {
            let name = format!("killed-friend-{race}");
            let mut friend = Phone::of(pair.server(1), &name);
            let entered = decided(async || friend.sign_in(prize.clone()).await).await;
            assert_eq!(entered, "account");
            assert_eq!(decided(async || friend.user().await).await, *owner);
        }
    }
}

/// Asks again while the answer is an outage, as a client does: on a busy machine, Redis may be too slow.
async fn decided(mut ask: impl AsyncFnMut() -> String) -> String {
    loop {
        let answer = ask().await;
        if !is_outage(&answer) {
            return answer;
        }
        sleep(Duration::from_millis(5)).await;
    }
}
