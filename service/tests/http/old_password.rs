//! A password that changes while others sign in by the old one, and what may be left of them. Shared by the tests on any
//! store.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::spawn;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::common::Server;
use crate::phone::{Phone, is_outage, password_of};

/// The phones on which somebody signs in by the old password, on and on.
pub(crate) const PHONES: usize = 3;
const OLD: &str = "ktqwmvze";
const NEW: &str = "another-word";

/// An account of its own, whose password is known to others.
pub(crate) struct Stolen {
    name: String,
    owner: Phone,
    /// Each session that the others got.
    signed_in: UnboundedReceiver<Phone>,
    phones: Vec<Phone>,
}

impl Stolen {
    /// Registers the account at the first of these servers, and lets others sign in at all of them.
    pub(crate) async fn register(number: usize, servers: &[&Server]) -> Self {
        let name = format!("li.na.{number}");
        let mut owner = Phone::of(servers[0], &format!("owner-{number}"));
        assert_eq!(owner.registers(&name, OLD).await, "account");
        let (tells, signed_in) = unbounded_channel();
        for (phone, server) in (0..PHONES).zip(servers.iter().cycle()) {
            let phone = Phone::of(server, &format!("phone-{number}-{phone}"));
            spawn(signs_in_on_and_on(phone, name.clone(), tells.clone()));
        }
        Self {
            name,
            owner,
            signed_in,
            phones: Vec::new(),
        }
    }

    /// Waits until others have signed in so many times, or nobody does so any longer.
    pub(crate) async fn until_signed_in(&mut self, times: usize) {
        while self.phones.len() < times
            && let Some(phone) = self.signed_in.recv().await
        {
            self.phones.push(phone);
        }
    }

    /// Waits until nobody signs in by the old password any longer.
    pub(crate) async fn until_over(&mut self) {
        self.until_signed_in(usize::MAX).await;
    }

    /// Sets the new password at this server. Returns whether that was answered.
    pub(crate) fn change(&self, server: &Server) -> JoinHandle<bool> {
        let owner = self.owner.moved_to(server);
        spawn(async move {
            loop {
                let password = json!({ "password": NEW });
                let path = "/wx/account/password";
                match owner.try_ask(Method::PUT, path, password).await {
                    Some(204) => return true,
                    Some(503) => {}
                    None => return false,
                    Some(other) => panic!("{other}"),
                }
            }
        })
    }

    /// If the new password holds, no session of the old one does, and none comes back.
    pub(crate) async fn judge(mut self, server: &Server, was_answered: bool) {
        self.until_over().await;
        let name = &self.name;
        let mut owner = self.owner.moved_to(server);
        let told = answered(&mut owner.clone(), password_of(name, NEW)).await;
        if told != "account" {
            assert!(
                !was_answered,
                "{name}: the new password was answered, and then {told}"
            );
            assert_eq!(told, "credentials_wrong");
            let told = answered(&mut owner, password_of(name, OLD)).await;
            assert_eq!(told, "account");
            return;
        }
        assert_eq!(answered(&mut owner, json!({})).await, "account");
        for phone in self.phones {
            let mut phone = phone.moved_to(server);
            let standing = standing(&phone).await;
            assert!(
                matches!(standing.as_str(), "session_revoked" | "session_expired"),
                "{standing}"
            );
            assert_eq!(answered(&mut phone, json!({})).await, "sign_in_needed");
        }
        let mut stranger = Phone::of(server, &format!("stranger-{name}"));
        let told = answered(&mut stranger, password_of(name, OLD)).await;
        assert_eq!(told, "credentials_wrong");
    }
}

/// Signs in by the old password until that is wrong or the program is gone, and tells of every session.
async fn signs_in_on_and_on(mut phone: Phone, name: String, tells: UnboundedSender<Phone>) {
    loop {
        let fields = password_of(&name, OLD);
        match phone.try_sign_in(fields).await {
            Some(200) => tells.send(phone.clone()).unwrap(),
            // Too many passwords wait, the account has just changed, or the store is away.
            Some(503) => {}
            Some(401 | 429) | None => return,
            Some(other) => panic!("{other}"),
        }
    }
}

/// Signs in with these fields, again if it is an outage that answers: Redis has 100 ms, and the machine may be busy. An
/// attempt that such an outage cuts off counts as a wrong guess, and wrong guesses are waited for.
async fn answered(phone: &mut Phone, fields: Value) -> String {
    loop {
        let told = phone.sign_in(fields.clone()).await;
        if !is_outage(&told) && told != "rate_limited" {
            return told;
        }
        sleep(Duration::from_millis(20)).await;
    }
}

async fn standing(phone: &Phone) -> String {
    loop {
        let told = phone.user().await;
        if !is_outage(&told) {
            return told;
        }
    }
}

/// How many rounds a test has: so many, unless the environment says otherwise.
pub(crate) fn rounds(usual: usize) -> usize {
    let rounds = std::env::var("WXSESSION_TEST_ROUNDS");
    rounds.map_or(usual, |rounds| rounds.parse().unwrap())
}
