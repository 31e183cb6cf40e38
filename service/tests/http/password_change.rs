//! Passwords that change while sign-ins by the old one are under way and the program is killed.

use reqwest::Method;
use serde_json::json;
use tokio::sync::mpsc::{self, UnboundedSender};

use crate::common::{Server, simulator};
use crate::phone::Phone;
use crate::program::{Running, program};

/// How often, where the environment names no other number.
const ROUNDS: usize = 6;
/// The phones on which somebody signs in by the old password, on and on.
const PHONES: usize = 3;
const OLD: &str = "ktqwmvze";
const NEW: &str = "another-word";

/// Signs in by the old password until that is wrong or the program is gone, and tells of every session.
async fn signs_in_on_and_on(mut phone: Phone, name: String, signed_in: UnboundedSender<Phone>) {
    loop {
        let fields = crate::phone::password_of(&name, OLD);
        match phone.try_sign_in(fields).await {
            Some(200) => signed_in.send(phone.clone()).unwrap(),
            // Too many passwords wait, or the account has just changed.
            Some(503) => {}
            Some(401 | 429) | None => return,
            Some(other) => panic!("{other}"),
        }
    }
}

fn start(folder: &std::path::Path, wechat: &wxsession_simulator::FakeWeChat, api: &str) -> Running {
    let mut command = program();
    command.args(["--accounts", "built-in", "--sign-in-rate", "0"]);
    Running::launch(command, folder, wechat, api)
}

/// Sets the new password. Returns whether that was answered.
async fn changes(owner: &Phone) -> bool {
    loop {
        let password = json!({ "password": NEW });
        match owner
            .try_ask(Method::PUT, "/wx/account/password", password)
            .await
        {
            Some(204) => return true,
            Some(503) => {}
            None => return false,
            Some(other) => panic!("{other}"),
        }
    }
}

/// One round with an account of its own.
async fn round(
    number: usize,
    folder: &std::path::Path,
    wechat: &wxsession_simulator::FakeWeChat,
    api: &str,
) {
    let mut running = start(folder, wechat, api);
    let name = format!("li.na.{number}");
    let mut owner = Phone::of(&running.server, &format!("owner-{number}"));
    assert_eq!(owner.registers(&name, OLD).await, "account");
    let (signed_in, mut sessions) = mpsc::unbounded_channel();
    for phone in 0..PHONES {
        let phone = Phone::of(&running.server, &format!("phone-{number}-{phone}"));
        tokio::spawn(signs_in_on_and_on(phone, name.clone(), signed_in.clone()));
    }
    drop(signed_in);
    let mut phones = Vec::new();
    while phones.len() < PHONES + number % 3 {
        phones.push(sessions.recv().await.unwrap());
    }
    let changing = tokio::spawn({
        let owner = owner.clone();
        async move { changes(&owner).await }
    });
    // The program is killed once every sign-in that was under way has been answered, or right after the change was, or
    // before that.
    let was_answered = match number % 3 {
        0 => {
            assert!(changing.await.unwrap());
            while let Some(phone) = sessions.recv().await {
                phones.push(phone);
            }
            running.process.as_mut().unwrap().kill().unwrap();
            true
        }
        1 => {
            assert!(changing.await.unwrap());
            running.process.as_mut().unwrap().kill().unwrap();
            true
        }
        _ => {
            phones.extend(sessions.recv().await);
            running.process.as_mut().unwrap().kill().unwrap();
            changing.await.unwrap()
        }
    };
    while let Some(phone) = sessions.recv().await {
        phones.push(phone);
    }
    drop(running);
    let running = start(folder, wechat, api);
    judge(&running.server, &name, owner, phones, was_answered).await;
}

/// If the new password holds, no session of the old one does, and none comes back.
async fn judge(server: &Server, name: &str, owner: Phone, phones: Vec<Phone>, was_answered: bool) {
    let mut owner = owner.moved_to(server);
    let holds = owner.clone().by_password(name, NEW).await == "account";
    assert!(
        holds || !was_answered,
        "the new password was answered and is lost"
    );
    if !holds {
        assert_eq!(owner.by_password(name, OLD).await, "account");
        return;
    }
    assert_eq!(owner.silently().await, "account");
    for phone in phones {
        let mut phone = phone.moved_to(server);
        let standing = phone.user().await;
        assert!(
            matches!(standing.as_str(), "session_revoked" | "session_expired"),
            "{standing}"
        );
        assert_eq!(phone.silently().await, "sign_in_needed");
    }
    let mut stranger = Phone::of(server, &format!("stranger-{name}"));
    assert_eq!(stranger.by_password(name, OLD).await, "credentials_wrong");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_session_of_an_old_password_outlives_the_new_one_however_often_the_program_is_killed() {
    let (wechat, api) = simulator().await;
    let folder = tempfile::tempdir().unwrap();
    let rounds = std::env::var("WXSESSION_TEST_ROUNDS");
    let rounds = rounds.map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    for number in 0..rounds {
        round(number, folder.path(), &wechat, &api).await;
    }
}
