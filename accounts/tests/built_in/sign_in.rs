//! Who is signed in, by which method.

use std::time::Duration;

use serde_json::json;
use wxsession_accounts::Settings;
use wxsession_accounts::pointer::Pointer;
use wxsession_provider::{FakeProvider, Signing};
use wxsession_server::accounts::{Accounts, Attempt, Credentials, Method, Outcome};
use wxsession_server::session_key::SessionKey;
use wxsession_server::sessions::{SessionsError, Shown};
use wxsession_server::store::Store;
use wxsession_server::token::Version;

use crate::rig::{APPID, DAY, HOUR, PASSWORD, Server, by_password, identity_of};

#[tokio::test]
async fn a_guest_who_registers_keeps_the_user_id_on_every_phone() {
    let server = Server::start().await;
    let guest = server.start_of("ann", None).await;
    assert_eq!(guest.body["guest"], true);
    let guest = guest.session();
    let user = server.user(&guest).await;
    assert_eq!(user, identity_of("ann").key().guest());
    let mut fields = by_password("li.na", PASSWORD);
    fields["register"] = true.into();
    let registered = server.sign_in("ann", Some(&guest), fields).await;
    assert_eq!(registered.body["guest"], false);
    assert_eq!(server.user(&registered.session()).await, user);
    // Her other phone follows without a tap, and so does a friend's with her password.
    let silent = server.start_of("ann", None).await;
    assert_eq!(
        (&silent.body["guest"], server.user(&silent.session()).await),
        (&json!(false), user.clone())
    );
    let friend = server
        .sign_in("ben", None, by_password("Li.Na", PASSWORD))
        .await;
    assert_eq!(server.user(&friend.session()).await, user);
    // The friend's WeChat user is no identity of hers.
    let friend = server.start_of("ben", None).await;
    assert_eq!(friend.body["guest"], true);
}

#[tokio::test]
async fn an_old_guest_session_has_expired_and_the_pointer_stays() {
    let server = Server::start().await;
    let guest = server.start_of("ann", None).await.session();
    server.registered("ann", "li.na").await;
    let key = identity_of("ann").key();
    let pointer = server.store.get(key).await.unwrap().unwrap();
    assert!(Pointer::decode(&pointer).is_some());
    let expired = (401, "session_expired".to_owned());
    assert_eq!(server.standing(&guest).await, expired);
    for path in [
        "/wx/logout",
        "/wx/logout?all=true",
        "/wx/logout?others=true",
    ] {
        let answer = server.post(path, &guest, json!({})).await;
        assert!(matches!(answer.status, 204 | 401), "{path} {}", answer.body);
    }
    let openid = identity_of("ann").openid;
    let ended = server.sessions.end_user(crate::rig::APPID, &openid).await;
    assert!(ended.is_ok(), "{ended:?}");
    // A sign-in that presents it is one of the account.
    let silent = server.start_of("ann", Some(&guest)).await;
    assert_eq!(silent.body["guest"], false);
    assert_eq!(server.standing(&guest).await, expired);
    assert_eq!(server.store.get(key).await.unwrap(), Some(pointer));
}

#[tokio::test]
async fn no_session_of_an_old_password_starts_after_the_change() {
    let server = Server::start().await;
    let session = server.registered("ann", "li.na").await;
    let attempt = |method| Attempt {
        method,
        credentials: Credentials::new(by_password("li.na", PASSWORD).as_object().unwrap().clone()),
        wechat: identity_of("ann"),
        presented: None,
    };
    let entered = async |entry| {
        let key = SessionKey::parse("AAAAAAAAAAAAAAAAAAAAAA==").unwrap();
        let (identity, began) = (identity_of("ann"), server.sessions.now());
        let issued = server.sessions.enter(
            &entry,
            Shown::Now,
            began,
            (&identity, &key),
            None,
            Version::Bearer,
        );
        issued.await.map(|_| ())
    };
    let entry = async |method| {
        let outcome = server.accounts.authenticate(&attempt(method)).await;
        match outcome {
            Ok(Outcome::User(entry)) => entry,
            other => panic!("{other:?}"),
        }
    };
    let by_password = entry(Method::Named("password".into())).await;
    let by_wechat = entry(Method::Silent).await;
    assert!(entered(by_password.clone()).await.is_ok());
    let changed = server
        .put(
            "/wx/account/password",
            &session,
            json!({ "password": "another-word" }),
        )
        .await;
    assert_eq!(changed.status, 204, "{}", changed.body);
    assert!(matches!(
        entered(by_password).await,
        Err(SessionsError::Closed)
    ));
    assert!(entered(by_wechat).await.is_ok());
}

#[tokio::test]
async fn a_session_is_renewed_silently_on_its_own_phone_alone_and_for_thirty_days() {
    let server = Server::start().await;
    server.registered("ann", "li.na").await;
    let user = identity_of("ann").key().guest();
    // On a phone whose WeChat user is not linked.
    let signed_in = server
        .sign_in("ben", None, by_password("li.na", PASSWORD))
        .await;
    let first = signed_in.session();
    server.store.pass(3 * HOUR);
    assert_eq!(server.standing(&first).await.1, "session_expired");
    let stolen = server.start_of("mallory", Some(&first)).await;
    assert_eq!(stolen.refusal(), (401, "sign_in_needed"));
    let renewed = server.start_of("ben", Some(&first)).await;
    assert_eq!(renewed.body["guest"], false);
    let renewed = renewed.session();
    assert_eq!(server.user(&renewed).await, user);
    // A sign-in whose answer was lost is repeated with the old id.
    let again = server.start_of("ben", Some(&first)).await.session();
    assert_eq!(server.user(&again).await, user);
    server.store.pass(31 * DAY);
    let late = server.start_of("ben", Some(&again)).await;
    assert_eq!(late.refusal(), (401, "sign_in_needed"));
}

#[tokio::test]
async fn what_ends_a_session_on_purpose_takes_its_renewal_away() {
    let server = Server::start().await;
    server.registered("ann", "li.na").await;
    let sign_in = || server.sign_in("ben", None, by_password("li.na", PASSWORD));
    let signed_out = sign_in().await.session();
    server.post("/wx/logout", &signed_out, json!({})).await;
    let changed = sign_in().await.session();
    let here = sign_in().await.session();
    let answer = server
        .put(
            "/wx/account/password",
            &here,
            json!({ "password": "another-word" }),
        )
        .await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    assert_eq!(server.standing(&changed).await.1, "session_revoked");
    assert_eq!(server.standing(&here).await.0, 200);
    for ended in [&signed_out, &changed] {
        let answer = server.start_of("ben", Some(ended)).await;
        assert_eq!(answer.refusal(), (401, "sign_in_needed"));
    }
    let old = server
        .sign_in("ben", None, by_password("li.na", PASSWORD))
        .await;
    assert_eq!(old.refusal(), (401, "credentials_wrong"));
}

#[tokio::test]
async fn what_is_wrong_is_answered_alike() {
    let server = Server::start().await;
    server.registered("ann", "li.na").await;
    let by_number =
        json!({ "method": "phone", "phone_code": "number.13800138000", "register": true });
    server.sign_in("dan", None, by_number).await.session();
    let mut answers = Vec::new();
    for (identifier, password) in [
        ("li.na", "wrong-password"),
        ("nobody", PASSWORD),
        // It has no password.
        ("13800138000", PASSWORD),
    ] {
        let hashes = server.hasher.hashes();
        let fields = by_password(identifier, password);
        let answer = server.sign_in("ben", None, fields).await;
        assert_eq!(server.hasher.hashes(), hashes + 1, "{identifier}");
        answers.push((answer.status, answer.body));
    }
    assert_eq!(answers[0].0, 401);
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:?}"
    );
}

#[tokio::test]
async fn guesses_are_limited_and_told_how_long_to_wait() {
    let server = Server::start().await;
    server.registered("ann", "li.na").await;
    for guess in 0..10 {
        let fields = by_password(&format!("nobody{guess}"), PASSWORD);
        let wrong = server.sign_in("ben", None, fields).await;
        assert_eq!(wrong.refusal(), (401, "credentials_wrong"));
    }
    let hashes = server.hasher.hashes();
    let limited = server
        .sign_in("ben", None, by_password("li.na", PASSWORD))
        .await;
    assert_eq!(limited.refusal(), (429, "rate_limited"));
    assert!(matches!(limited.retry_after, Some(1..=3600)));
    assert_eq!(server.hasher.hashes(), hashes);
    server.store.pass(HOUR);
    let right = server
        .sign_in("ben", None, by_password("li.na", PASSWORD))
        .await;
    right.session();
}

#[tokio::test]
async fn a_linked_phone_starts_silently_and_belongs_to_one_account() {
    let server = Server::start().await;
    server.registered("ann", "li.na").await;
    server.registered("dan", "dan.dan").await;
    let link = |name: &str| {
        let mut fields = by_password(name, PASSWORD);
        fields["link"] = true.into();
        fields
    };
    let linked = server.sign_in("ben", None, link("li.na")).await;
    let ann = server.user(&linked.session()).await;
    let silent = server.start_of("ben", None).await.session();
    assert_eq!(server.user(&silent).await, ann);
    let taken = server.sign_in("ben", None, link("dan.dan")).await;
    assert_eq!(taken.refusal(), (409, "identity_taken"));
    let silent = server.start_of("ben", None).await.session();
    assert_eq!(server.user(&silent).await, ann);
}

#[tokio::test]
async fn a_number_that_wechat_vouches_for_signs_in_who_proved_it() {
    let server = Server::start().await;
    let fields = json!({ "method": "phone", "phone_code": "number.13800138000" });
    let wrong = server.sign_in("ann", None, fields.clone()).await;
    assert_eq!(wrong.refusal(), (401, "credentials_wrong"));
    let mut register = fields.clone();
    register["register"] = true.into();
    let ann = server.sign_in("ann", None, register).await.session();
    let ben = server.sign_in("ben", None, fields).await.session();
    assert_eq!(server.user(&ann).await, server.user(&ben).await);
    let used = json!({ "method": "phone", "phone_code": "used" });
    let used = server.sign_in("ann", None, used).await;
    assert_eq!(used.refusal(), (401, "credentials_wrong"));
}

/// A server that knows this provider as `school`.
async fn with_school(school: &FakeProvider) -> Server {
    let setting = format!("school={},wxsession", school.issuer());
    let setting: wxsession_accounts::provider::ProviderSetting = setting.parse().unwrap();
    let web = wxsession_accounts::web::Web::new(wxsession_server::wechat::tls_client()).unwrap();
    let web = web.with_deadline(std::time::Duration::from_secs(60));
    let school = wxsession_accounts::oidc::ThirdParty::new(setting.with_secret(None), web);
    Server::with(Settings {
        third_parties: vec![school.into()],
        ..Settings::default()
    })
    .await
}

#[tokio::test]
async fn a_user_of_a_third_party_signs_in_by_a_token_with_our_nonce() {
    let school = FakeProvider::serve().await.unwrap();
    let server = with_school(&school).await;
    let guest = server.start_of("ann", None).await.session();
    let challenge = json!({ "purpose": "oidc" });
    let challenge = server.post("/wx/challenges", &guest, challenge).await;
    assert_eq!(
        (challenge.status, &challenge.body["expires_in"]),
        (202, &json!(300))
    );
    // A phone without a session shows a login code.
    let by_code = json!({ "purpose": "oidc", "code": server.code("ann"), "appid": APPID });
    let by_code = server.post("/wx/challenges", "", by_code).await;
    assert_eq!(by_code.status, 202, "{}", by_code.body);
    for (fields, refusal) in [
        (json!({ "purpose": "oidc" }), (401, "session_missing")),
        (
            json!({ "purpose": "oidc", "code": "" }),
            (400, "bad_request"),
        ),
        (
            json!({ "purpose": "oidc", "code": "ann.x", "appid": "wx-of-another" }),
            (400, "bad_request"),
        ),
    ] {
        let refused = server.post("/wx/challenges", "", fields.clone()).await;
        assert_eq!(refused.refusal(), refusal, "{fields}");
    }
    let nonce = by_code.body["nonce"].as_str().unwrap();
    let id_token = school.sign(Signing::Es256, &school.claims("li.na", "wxsession", nonce));
    let fields = json!({
        "method": "oidc", "issuer": "school", "id_token": id_token, "nonce": nonce, "register": true,
    });
    let of_another = server.sign_in("ben", None, fields.clone()).await;
    assert_eq!(of_another.refusal(), (401, "credentials_wrong"));
    let session = server.sign_in("ann", Some(&guest), fields).await.session();
    let shown = server.get("/wx/account", &session).await.body;
    let kinds: Vec<_> = shown["identities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|identity| (identity["kind"].clone(), identity["shown"].clone()))
        .collect();
    assert_eq!(
        json!(kinds),
        json!([["oidc", "school"], ["wechat", "WeChat"]])
    );
}

#[tokio::test]
async fn a_device_flow_goes_on_by_its_state_until_the_user_agrees() {
    let school = FakeProvider::serve().await.unwrap();
    let server = with_school(&school).await;
    let mut fields = json!({ "method": "oidc", "issuer": "school", "register": true });
    let begun = server.sign_in("ann", None, fields.clone()).await;
    assert_eq!(begun.refusal(), (403, "more_needed"));
    assert_eq!(begun.body["ask"]["kind"], "device");
    let user_code = begun.body["ask"]["user_code"].as_str().unwrap();
    let interval = begun.body["ask"]["interval"].as_u64().unwrap();
    school.decide(
        user_code,
        wxsession_provider::Decision::Agree("li.na".into()),
    );
    fields["state"] = begun.body["state"].clone();
    server.store.pass(Duration::from_secs(interval));
    let of_another = server.sign_in("ben", None, fields.clone()).await;
    assert_eq!(of_another.refusal(), (401, "challenge_over"));
    server.sign_in("ann", None, fields).await.session();
}
