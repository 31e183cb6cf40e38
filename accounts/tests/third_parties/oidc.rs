//! id_tokens: the genuine one counts, and each forgery of it does not.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use wxsession_accounts::oidc::OidcError::{Unavailable, Wrong};
use wxsession_accounts::oidc::ThirdParty;
use wxsession_provider::{FakeProvider, Fault, Signing};

use crate::common::{CLIENT, outwait, pass, third_party};

const NONCE: &str = "n-0S6_WzA2Mj";

/// A genuine token's claims with these changes.
fn claims(provider: &FakeProvider, change: Value) -> Value {
    let mut claims = provider.claims("li.na", CLIENT, NONCE);
    claims
        .as_object_mut()
        .unwrap()
        .extend(change.as_object().unwrap().clone());
    claims
}

/// Whether a token by the provider's present key is good.
async fn signs_in(school: &ThirdParty, provider: &FakeProvider) -> bool {
    let token = provider.sign(Signing::Es256, &claims(provider, json!({})));
    school.subject(&token, NONCE).await.is_ok()
}

#[tokio::test]
async fn a_genuine_token_names_its_user() {
    let provider = FakeProvider::serve().await.unwrap();
    let school = third_party(&provider);
    for signing in [Signing::Rs256, Signing::Es256, Signing::Es384] {
        let token = provider.sign(signing, &claims(&provider, json!({})));
        let subject = school.subject(&token, NONCE).await.unwrap();
        assert_eq!(
            (&*subject.id, &*subject.issuer),
            ("li.na", provider.issuer())
        );
    }
    let several = provider.sign(
        Signing::Es256,
        &claims(&provider, json!({ "aud": [CLIENT] })),
    );
    assert!(school.subject(&several, NONCE).await.is_ok());
    assert_eq!(provider.calls().keys, 1);
}

#[tokio::test]
async fn a_token_with_a_wrong_claim_proves_nothing() {
    let provider = FakeProvider::serve().await.unwrap();
    let school = third_party(&provider);
    let now = claims(&provider, json!({}))["iat"].as_u64().unwrap();
    for change in [
        json!({ "aud": "another" }),
        json!({ "aud": [CLIENT, "another"] }),
        json!({ "aud": [] }),
        json!({ "aud": null }),
        json!({ "iss": "https://id.example.com" }),
        json!({ "iss": format!("{}/", provider.issuer()) }),
        json!({ "iss": [provider.issuer()] }),
        json!({ "iss": null }),
        json!({ "exp": now - 61 }),
        json!({ "exp": "9999999999" }),
        json!({ "exp": null }),
        json!({ "nbf": now + 120 }),
        json!({ "nbf": "soon" }),
        json!({ "nonce": "another" }),
        json!({ "nonce": "" }),
        json!({ "nonce": null }),
        json!({ "sub": "" }),
        json!({ "sub": "a".repeat(256) }),
        json!({ "sub": "li\u{0}na" }),
        json!({ "sub": "李娜" }),
        json!({ "sub": 7 }),
        json!({ "sub": null }),
    ] {
        let token = provider.sign(Signing::Es256, &claims(&provider, change.clone()));
        assert_eq!(school.subject(&token, NONCE).await, Err(Wrong), "{change}");
    }
    assert!(signs_in(&school, &provider).await);
}

#[tokio::test]
async fn a_token_that_the_provider_did_not_sign_proves_nothing() {
    let provider = FakeProvider::serve().await.unwrap();
    let school = third_party(&provider);
    for signing in [
        Signing::None,
        Signing::Hs256,
        Signing::WrongKey,
        Signing::UnknownKey,
        Signing::MixedUp,
        Signing::WrongCurve,
    ] {
        let token = provider.sign(signing, &claims(&provider, json!({})));
        assert_eq!(
            school.subject(&token, NONCE).await,
            Err(Wrong),
            "{signing:?}"
        );
    }
    let genuine = provider.sign(Signing::Rs256, &claims(&provider, json!({})));
    let (message, signature) = genuine.rsplit_once('.').unwrap();
    let (header, _) = message.split_once('.').unwrap();
    let another = provider.sign(
        Signing::Rs256,
        &claims(&provider, json!({ "sub": "admin" })),
    );
    let payload = another.split('.').nth(1).unwrap();
    for forged in [
        format!("{message}."),
        format!("{message}.{}", &signature[4..]),
        format!("{header}.{payload}.{signature}"),
        format!("{genuine}."),
        message.to_owned(),
        String::new(),
        "..".to_owned(),
        "a".repeat(20_000),
        format!("{}{genuine}", " ".repeat(20_000)),
    ] {
        assert_eq!(school.subject(&forged, NONCE).await, Err(Wrong));
    }
    assert!(signs_in(&school, &provider).await);
}

#[tokio::test]
async fn a_new_key_is_learnt_a_minute_after_the_last_fetch_and_made_up_keys_cost_one_fetch() {
    let provider = FakeProvider::serve().await.unwrap();
    let school = third_party(&provider);
    assert!(signs_in(&school, &provider).await);
    let unknown = provider.sign(Signing::UnknownKey, &claims(&provider, json!({})));
    for _ in 0..20 {
        assert_eq!(school.subject(&unknown, NONCE).await, Err(Wrong));
    }
    assert_eq!(provider.calls().keys, 1);
    provider.rotate();
    assert!(!signs_in(&school, &provider).await);
    pass(Duration::from_secs(60)).await;
    assert!(signs_in(&school, &provider).await);
    assert_eq!((provider.calls().keys, provider.calls().documents), (2, 2));
    pass(Duration::from_secs(61)).await;
    for _ in 0..20 {
        assert_eq!(school.subject(&unknown, NONCE).await, Err(Wrong));
    }
    assert_eq!(provider.calls().keys, 3);
}

#[tokio::test]
async fn a_withdrawn_key_is_forgotten_within_an_hour() {
    let provider = FakeProvider::serve().await.unwrap();
    let school = third_party(&provider);
    let before = provider.sign(Signing::Es256, &claims(&provider, json!({})));
    assert!(school.subject(&before, NONCE).await.is_ok());
    provider.rotate();
    pass(Duration::from_secs(3600)).await;
    assert_eq!(school.subject(&before, NONCE).await, Err(Wrong));
}

#[tokio::test]
async fn a_provider_that_gives_no_keys_is_unavailable_and_never_a_wrong_token() {
    let provider = FakeProvider::serve().await.unwrap();
    for of_document in [
        Fault::Html,
        Fault::Unavailable,
        Fault::Redirect,
        Fault::Endless,
        Fault::AnotherIssuer,
    ] {
        let school = third_party(&provider);
        provider.faults([of_document]);
        let token = provider.sign(Signing::Es256, &claims(&provider, json!({})));
        assert_eq!(
            school.subject(&token, NONCE).await,
            Err(Unavailable),
            "{of_document:?}"
        );
        // It is left alone for five seconds.
        let calls = provider.calls();
        assert_eq!(school.subject(&token, NONCE).await, Err(Unavailable));
        assert_eq!(provider.calls(), calls);
        pass(Duration::from_secs(5)).await;
        assert!(
            school.subject(&token, NONCE).await.is_ok(),
            "{of_document:?}"
        );
    }
}

#[tokio::test]
async fn keys_that_come_by_a_detour_too_long_or_with_a_failure_are_no_keys() {
    let provider = FakeProvider::serve().await.unwrap();
    for of_keys in [
        Fault::Html,
        Fault::Unavailable,
        Fault::Redirect,
        Fault::Endless,
    ] {
        let school = third_party(&provider);
        provider.faults([Fault::Nothing, of_keys]);
        let token = provider.sign(Signing::Es256, &claims(&provider, json!({})));
        let subject = school.subject(&token, NONCE).await;
        assert_eq!(subject, Err(Unavailable), "{of_keys:?}");
    }
}

#[tokio::test]
async fn a_crowd_of_first_users_costs_one_fetch() {
    let provider = FakeProvider::serve().await.unwrap();
    let school = Arc::new(third_party(&provider));
    let token = provider.sign(Signing::Es256, &claims(&provider, json!({})));
    let mut crowd = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (school, token) = (Arc::clone(&school), token.clone());
        crowd.spawn(async move { school.subject(&token, NONCE).await });
    }
    assert!(crowd.join_all().await.iter().all(Result::is_ok));
    assert_eq!(provider.calls().keys, 1);
}

#[tokio::test]
async fn a_token_of_more_than_twelve_kilobytes_is_not_read() {
    let provider = FakeProvider::serve().await.unwrap();
    let school = third_party(&provider);
    let long = json!({ "groups": "a".repeat(12 * 1024) });
    let long = provider.sign(Signing::Es256, &claims(&provider, long));
    assert_eq!(school.subject(&long, NONCE).await, Err(Wrong));
    assert_eq!(provider.calls().keys, 0);
}

#[tokio::test]
async fn a_provider_that_never_answers_is_unavailable_after_the_deadline() {
    let provider = FakeProvider::serve().await.unwrap();
    let school = third_party(&provider);
    provider.faults([Fault::Never]);
    let token = provider.sign(Signing::Es256, &claims(&provider, json!({})));
    let (subject, before) = (school.subject(&token, NONCE), provider.calls());
    let (subject, ()) = tokio::join!(subject, outwait(&provider, before));
    assert_eq!(subject, Err(Unavailable));
}

#[tokio::test]
async fn a_provider_that_is_away_keeps_no_known_user_out_for_a_day() {
    let provider = FakeProvider::serve().await.unwrap();
    let school = third_party(&provider);
    assert!(signs_in(&school, &provider).await);
    pass(Duration::from_secs(2 * 3600)).await;
    provider.faults([Fault::Unavailable]);
    assert!(signs_in(&school, &provider).await);
    pass(Duration::from_secs(24 * 3600)).await;
    provider.faults([Fault::Unavailable]);
    assert!(!signs_in(&school, &provider).await);
}

#[tokio::test]
async fn users_with_a_known_key_do_not_wait_for_a_fetch_of_another_key() {
    let provider = FakeProvider::serve().await.unwrap();
    let school = Arc::new(third_party(&provider));
    assert!(signs_in(&school, &provider).await);
    pass(Duration::from_secs(61)).await;
    provider.faults([Fault::Never]);
    let documents = provider.calls().documents;
    let unknown = provider.sign(Signing::UnknownKey, &claims(&provider, json!({})));
    let waiting = tokio::spawn({
        let school = Arc::clone(&school);
        async move { school.subject(&unknown, NONCE).await }
    });
    while provider.calls().documents == documents {
        tokio::task::yield_now().await;
    }
    assert!(signs_in(&school, &provider).await);
    assert!(!waiting.is_finished());
    waiting.abort();
}

#[tokio::test]
async fn nothing_of_a_token_is_shown() {
    let provider = FakeProvider::serve().await.unwrap();
    let school = third_party(&provider);
    let token = provider.sign(Signing::Es256, &claims(&provider, json!({})));
    let subject = school.subject(&token, NONCE).await.unwrap();
    let shown = format!("{subject:?} {school:?}");
    assert!(
        !shown.contains("li.na") && !shown.contains(CLIENT),
        "{shown}"
    );
}
