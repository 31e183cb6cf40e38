//! wafer 1, whose clients sign in at a login URL and call by an id and a key.

use aes::Aes128;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cbc::Encryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeEncrypt, KeyIvInit};
use serde_json::{Value, json};
use wxsession_simulator::{App, FakeWeChat, User};

use super::world::{MARKER, Unusual, World, borrowed, profile, refusal, user_of};

const LOGIN: &str = "/login";

async fn signed_in(world: &World, headers: &[(&str, &str)]) -> [(&'static str, String); 2] {
    let answer = world.login(LOGIN, headers).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body[MARKER], 1);
    let part = |name: &str| body["session"][name].as_str().unwrap().to_owned();
    [("X-WX-Id", part("id")), ("X-WX-Skey", part("skey"))]
}

async fn error(answer: reqwest::Response) -> (u16, Value) {
    let (status, document) = refusal(answer).await;
    assert_eq!(document[MARKER], 1);
    assert!(!document["message"].as_str().unwrap().is_empty());
    (status, document["error"].clone())
}

#[tokio::test]
async fn a_login_gives_a_session_that_names_the_user() {
    let world = World::start().await;
    let session = signed_in(&world, &borrowed(&world.phone("ann").encrypted())).await;
    let (openid, told) = user_of(&world.verify(&borrowed(&session)).await);
    let mut expected = profile("ann");
    expected.insert("openId".into(), openid.clone().into());
    assert_eq!(
        (openid, told),
        (world.server.openid("ann"), expected.into())
    );
    let another = signed_in(&world, &borrowed(&world.phone("ann").encrypted())).await;
    assert_ne!(session, another);
    assert_eq!(world.verify(&borrowed(&session)).await.status(), 200);
}

#[tokio::test]
async fn id_and_key_belong_together() {
    let world = World::start().await;
    let [ann, ben] = [
        signed_in(&world, &borrowed(&world.phone("ann").encrypted())).await,
        signed_in(&world, &borrowed(&world.phone("ben").encrypted())).await,
    ];
    let (id, key) = (ann[0].1.as_str(), ann[1].1.as_str());
    for (id, key) in [
        (ben[0].1.as_str(), key),
        (id, ben[1].1.as_str()),
        (&id[1..], key),
        ("made up", key),
        (id, "made up"),
        (key, key),
    ] {
        let answer = world.verify(&[("X-WX-Id", id), ("X-WX-Skey", key)]).await;
        assert_eq!(error(answer).await, (401, json!("ERR_INVALID_SESSION")));
    }
    let twice = [("X-WX-Id", id), ("X-WX-Skey", key), ("X-WX-Skey", key)];
    assert_eq!(world.verify(&twice).await.status(), 401);
}

#[tokio::test]
async fn a_login_that_fails_says_why_and_starts_nothing() {
    let world = World::start().await;
    let failed = json!("ERR_LOGIN_FAILED");
    for missing in ["X-WX-Code", "X-WX-Encrypted-Data", "X-WX-IV"] {
        let mut headers = world.phone("ann").encrypted();
        headers.retain(|(name, _)| *name != missing);
        let answer = world.login(LOGIN, &borrowed(&headers)).await;
        let (status, document) = refusal(answer).await;
        assert_eq!((status, &document["error"]), (400, &failed));
        assert!(document["message"].as_str().unwrap().contains(missing));
    }
    assert_eq!(world.exchanges(), 0);
    let [good, other] = [world.phone("ann"), world.phone("ben")];
    let made_up = [("X-WX-Code", "made up")];
    assert_eq!(
        error(world.login(LOGIN, &made_up).await).await,
        (401, failed.clone())
    );
    let data = [
        ("X-WX-Code", good.code.as_str()),
        ("X-WX-Encrypted-Data", &other.data.encrypted_data),
        ("X-WX-IV", &other.data.iv),
    ];
    assert_eq!(
        error(world.login(LOGIN, &data).await).await,
        (400, failed.clone())
    );
    assert_eq!(world.live("ann").await, 0);
    world.server.wechat.user(
        "ann",
        User {
            blocked: true,
            ..User::default()
        },
    );
    let blocked = world.phone("ann").encrypted();
    assert_eq!(
        error(world.login(LOGIN, &borrowed(&blocked)).await).await,
        (403, failed)
    );
    let head = world
        .server
        .http
        .head(format!("{}{LOGIN}", world.server.url));
    assert_eq!(head.send().await.unwrap().status(), 405);
}

#[tokio::test]
async fn data_of_another_mini_program_is_not_believed() {
    let app = |name: &str| App::new(name, "secret");
    let apps = vec![app("wxaaaaaaaaaaaaaaaa"), app("wxbbbbbbbbbbbbbbbb")];
    let wechat = FakeWeChat::new(apps.clone());
    let world = World::with(Unusual {
        apps,
        wechat: Some(wechat),
        ..Unusual::default()
    })
    .await;
    let referrer = |app: &str| format!("https://servicewechat.com/{app}/12/page-frame.html");
    let phone = world.phone_in("wxbbbbbbbbbbbbbbbb", "ann");
    let mut headers = phone.encrypted();
    // Nobody says which mini program it is.
    assert_eq!(
        error(world.login(LOGIN, &borrowed(&headers)).await).await.0,
        400
    );
    for wrong in [
        "https://servicewechat.com.evil/wxbbbbbbbbbbbbbbbb/1/",
        "wxbbbbbbbbbbbbbbbb",
        "https://servicewechat.com/wxcccccccccccccccc/1/",
    ] {
        headers.push(("Referer", wrong.into()));
        assert_eq!(
            error(world.login(LOGIN, &borrowed(&headers)).await).await.0,
            400
        );
        headers.pop();
    }
    assert_eq!(world.exchanges(), 0);
    headers.push(("Referer", referrer("wxbbbbbbbbbbbbbbbb")));
    let session = signed_in(&world, &borrowed(&headers)).await;
    let answer = world.verify(&borrowed(&session)).await;
    assert_eq!(answer.headers()["x-wx-appid"], "wxbbbbbbbbbbbbbbbb");

    // Under the same key, but with another watermark.
    let other = world.phone_in("wxaaaaaaaaaaaaaaaa", "ann");
    let mixed = [
        ("X-WX-Code", other.code),
        ("X-WX-Encrypted-Data", phone.data.encrypted_data),
        ("X-WX-IV", phone.data.iv),
        ("Referer", referrer("wxaaaaaaaaaaaaaaaa")),
    ];
    let answer = world.login(LOGIN, &borrowed(&mixed)).await;
    assert_eq!(error(answer).await, (400, json!("ERR_LOGIN_FAILED")));
}

#[tokio::test]
async fn a_client_from_before_the_iv_signs_in_by_its_code() {
    let world = World::start().await;
    // Today's WeChat gives such a client no `encryptData`, and JavaScript makes a word of that.
    for data in [None, Some(""), Some("undefined")] {
        let phone = world.phone("ann");
        let mut headers = vec![("X-WX-Code", phone.code.as_str())];
        headers.extend(data.map(|data| ("X-WX-Encrypt-Data", data)));
        let session = signed_in(&world, &headers).await;
        let (openid, told) = user_of(&world.verify(&borrowed(&session)).await);
        assert_eq!((openid, told), (world.server.openid("ann"), Value::Null));
    }
    let phone = world.phone("ann");
    let headers = [
        ("X-WX-Code", phone.code.as_str()),
        ("X-WX-Encrypt-Data", "bm9uc2Vuc2U="),
    ];
    assert_eq!(error(world.login(LOGIN, &headers).await).await.0, 400);
}

/// Encrypts as WeChat did until 2016, with the key for the initialisation vector too.
fn as_in_2016(world: &World, told: &Value) -> String {
    let wechat = &world.server.wechat;
    let key = wechat.session_key(&App::simulated().appid, "ann").unwrap();
    let key = STANDARD.decode(key).unwrap();
    let encryptor = Encryptor::<Aes128>::new_from_slices(&key, &key).unwrap();
    STANDARD.encode(encryptor.encrypt_padded_vec::<Pkcs7>(told.to_string().as_bytes()))
}

#[tokio::test]
async fn what_wechat_encrypted_before_the_iv_is_opened_with_the_key_alone() {
    let world = World::start().await;
    for (appid, status) in [
        (App::simulated().appid, 200),
        ("wxffffffffffffffff".into(), 400),
    ] {
        let phone = world.phone("ann");
        let told = json!({ "nickName": "Ann", "watermark": { "appid": appid, "timestamp": 1 } });
        let data = as_in_2016(&world, &told);
        let headers = [
            ("X-WX-Code", phone.code.as_str()),
            ("X-WX-Encrypt-Data", &data),
        ];
        assert_eq!(world.login(LOGIN, &headers).await.status(), status);
    }
    let phone = world.phone("ann");
    let told = json!({ "nickName": "Ann", "watermark": { "appid": App::simulated().appid, "timestamp": 1 } });
    let data = as_in_2016(&world, &told);
    let headers = [
        ("X-WX-Code", phone.code.as_str()),
        ("X-WX-Encrypt-Data", &data),
    ];
    let session = signed_in(&world, &headers).await;
    let seen = user_of(&world.verify(&borrowed(&session)).await);
    assert_eq!(seen.1["nickName"], "Ann");
}
