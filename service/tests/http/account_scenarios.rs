//! What users with an account of this server's go through, on any store. Each scenario has users of its own.

use reqwest::Method;
use serde_json::{Value, json};

use crate::common::Server;
use crate::phone::{Phone, password_of};

const PASSWORD: &str = "ktqwmvze";

/// Registers, signs out, and signs in on another WeChat user's phone, by way of another server.
pub(crate) async fn a_user_is_the_same_on_another_phone(server: &Server, other: &Server) {
    let mut ann = Phone::of(server, "one-ann");
    assert_eq!(ann.registers("one.li.na", PASSWORD).await, "account");
    let user = ann.user().await;
    assert_eq!(user, ann.guest());
    let signed_out = ann.ask(Method::POST, "/wx/logout", json!({})).await;
    assert_eq!(signed_out.0, 204);
    assert_eq!(ann.user().await, "session_expired");
    let mut ben = Phone::of(other, "one-ben");
    assert_eq!(ben.by_password("One.Li.Na", PASSWORD).await, "account");
    assert_eq!(ben.user().await, user);
    // Her own phone does not come back by the session that she has ended, but as the WeChat user that she is.
    assert_eq!(ann.silently().await, "account");
    assert_eq!(ann.user().await, user);
}

/// Answers that are wrong for different reasons are alike, letter by letter.
pub(crate) async fn wrong_names_and_wrong_passwords_are_answered_alike(
    server: &Server,
    count: u32,
) {
    let mut ann = Phone::of(server, "alike-ann");
    assert_eq!(ann.registers("alike.li.na", PASSWORD).await, "account");
    let mut answers = Vec::new();
    for number in 0..count {
        for (name, password) in [
            ("alike.nobody", PASSWORD),
            ("alike.li.na", "wrong-password"),
        ] {
            // A guest of their own each time, since ten wrong guesses are all that anybody has.
            let code = server.code(&format!("alike-{name}-{number}"));
            let mut fields = password_of(name, password);
            fields["code"] = code.into();
            let answer = server.post("/wx/onlogin").json(&fields).send();
            let answer = answer.await.unwrap();
            // Beyond five, strangers wait: for a name that nobody has as well.
            if answer.status() == 401 {
                answers.push(answer.json::<Value>().await.unwrap());
            } else {
                assert_eq!(answer.status(), 429);
            }
        }
    }
    assert!(answers.len() >= 2);
    assert!(answers.iter().all(|answer| *answer == answers[0]));
}

/// A guest who registers stays the same user, and their WeChat user cannot be linked to a second account.
pub(crate) async fn a_guest_who_registers_stays_the_same_user(server: &Server, other: &Server) {
    let mut guest = Phone::of(server, "five-ann");
    assert_eq!(guest.silently().await, "guest");
    let before = guest.clone();
    let user = guest.user().await;
    assert_eq!(guest.registers("five.li.na", PASSWORD).await, "account");
    assert_eq!(guest.user().await, user);
    assert_eq!(before.user().await, "session_expired");
    let mut second = Phone::of(other, "five-ann");
    assert_eq!(second.silently().await, "account");
    assert_eq!(second.user().await, user);
    let mut ben = Phone::of(other, "five-ben");
    assert_eq!(ben.registers("five.ben", PASSWORD).await, "account");
    let mut link = password_of("five.ben", PASSWORD);
    link["link"] = true.into();
    assert_eq!(second.sign_in(link).await, "identity_taken");
    assert_eq!(second.user().await, user);
    assert_eq!(second.by_password("five.ben", PASSWORD).await, "account");
    let linked = json!({ "method": "wechat" });
    let (status, body) = second
        .ask(Method::POST, "/wx/account/identities", linked)
        .await;
    assert_eq!((status, &body["code"]), (409, &json!("identity_taken")));
}

/// A new password ends every other session, takes its renewal away, and leaves the one that set it.
pub(crate) async fn a_new_password_ends_the_other_sessions(server: &Server, other: &Server) {
    let mut ann = Phone::of(server, "three-ann");
    assert_eq!(ann.registers("three.li.na", PASSWORD).await, "account");
    let mut ben = Phone::of(other, "three-ben");
    assert_eq!(ben.by_password("three.li.na", PASSWORD).await, "account");
    let password = json!({ "password": "another-word" });
    let changed = ann.ask(Method::PUT, "/wx/account/password", password).await;
    assert_eq!(changed.0, 204, "{}", changed.1);
    assert_eq!(ben.user().await, "session_revoked");
    assert_eq!(ben.silently().await, "sign_in_needed");
    assert_eq!(ann.user().await, ann.guest());
    let wrong = ben.by_password("three.li.na", PASSWORD).await;
    assert_eq!(wrong, "credentials_wrong");
    let right = ben.by_password("three.li.na", "another-word").await;
    assert_eq!(right, "account");
}

/// Strangers who guess do not keep the owner from signing in on a phone that the account knows.
pub(crate) async fn strangers_who_guess_do_not_keep_the_owner_out(server: &Server, count: u32) {
    let mut ann = Phone::of(server, "six-ann");
    assert_eq!(ann.registers("six.li.na", PASSWORD).await, "account");
    let mut limited = 0;
    for number in 0..count {
        let mut stranger = Phone::of(server, &format!("six-{number}"));
        let answer = stranger.sign_in_limited(password_of("six.li.na", "wrong-password"));
        match answer.await {
            401 => {}
            429 => limited += 1,
            other => panic!("{other}"),
        }
    }
    assert!(limited > 0, "of {count} guesses none was too many");
    assert_eq!(ann.by_password("six.li.na", PASSWORD).await, "account");
}

/// Deletes an account with a name, a number and two phones. Returns what nobody may find in the store.
pub(crate) async fn a_deleted_account_frees_its_identities(server: &Server) -> Vec<Vec<u8>> {
    let mut ann = Phone::of(server, "eight-ann");
    assert_eq!(ann.registers("eight.li.na", PASSWORD).await, "account");
    let number = password_of("+8613898765432", PASSWORD);
    let (status, body) = ann
        .ask(Method::POST, "/wx/account/identities", number)
        .await;
    assert_eq!(status, 201, "{body}");
    let mut ben = Phone::of(server, "eight-ben");
    assert_eq!(ben.by_password("eight.li.na", PASSWORD).await, "account");
    let (status, body) = ann.ask(Method::DELETE, "/wx/account", json!({})).await;
    assert_eq!(status, 204, "{body}");
    for phone in [&mut ann, &mut ben] {
        assert_eq!(phone.user().await, "session_revoked");
        assert_eq!(phone.silently().await, "sign_in_needed");
        assert_eq!(
            phone.by_password("eight.li.na", PASSWORD).await,
            "credentials_wrong"
        );
    }
    let texts = [
        "eight.li.na",
        "+8613898765432",
        "13898765432",
        &ann.openid(),
        &ben.openid(),
    ];
    let plain_hashes =
        texts.map(|text| <sha2::Sha256 as sha2::Digest>::digest(text)[..16].to_vec());
    let names = texts.map(|text| text.as_bytes().to_vec());
    names.into_iter().chain(plain_hashes).collect()
}

/// The name of a deleted account can be registered by somebody else.
pub(crate) async fn the_name_of_a_deleted_account_is_free(server: &Server) {
    let mut dan = Phone::of(server, "eight-dan");
    assert_eq!(dan.registers("eight.li.na", PASSWORD).await, "account");
    assert_eq!(dan.user().await, dan.guest());
}
