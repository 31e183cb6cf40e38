//! Who follows whom on a phone: what the accounts are asked at a sign-in, and who may be signed in by their answer.
//!
//! | presented | the accounts say of W, who holds the phone | signed in |
//! |---|---|---|
//! | nothing, or a guest's session | a guest | W as a guest |
//! | nothing, or a guest's session | A | A |
//! | A's session, be it forgotten | A: W made the session, or is linked to A | A |
//! | A's session | anybody else | nobody: `sign_in_needed` |
//! | anything, with a method | whoever the credentials name | that user |
//!
//! *What an attacker can try:*
//! - to come back with a stolen id: only the WeChat user who made the session renews it
//!   (`a_stolen_id_is_renewed_by_nobody_else`);
//! - to become somebody else without a tap: where an account's session is presented, nobody but its user follows it
//!   (`every_row_of_the_table`).

use wxsession_protocol::ProblemCode;

use crate::accounts::{Entry, Method, Outcome, Presented};
use crate::identity::UserKey;
use crate::problem::HttpProblem;
use crate::sessions::Owner;

/// Whose session starts.
#[derive(Clone, Debug)]
pub(super) enum Successor {
    Guest,
    Member(Entry),
}

/// How the accounts are asked. A method that the client names decides.
pub(super) fn method(named: Option<&str>, before: Option<&Owner>) -> Method {
    match (named, before) {
        (Some("wechat"), _) => Method::WeChat,
        (Some(name), _) => Method::Named(name.to_owned()),
        (
            None,
            Some(Owner::Account {
                user,
                renewable: true,
            }),
        ) => Method::Renew(user.clone()),
        (None, _) => Method::Silent,
    }
}

/// What the accounts are told of the session that is presented.
pub(super) fn presented(before: Option<&Owner>) -> Option<Presented> {
    let (user, guest) = match before? {
        Owner::Guest(user) => (user, true),
        Owner::Account { user, .. } => (user, false),
        Owner::Forgotten(_) => return None,
    };
    Some(Presented {
        user: user.clone(),
        guest,
    })
}

/// Who follows, given what the accounts say.
pub(super) fn successor(
    method: &Method,
    before: Option<&Owner>,
    outcome: Outcome,
) -> Result<Successor, HttpProblem> {
    let problem = match outcome {
        Outcome::User(entry) if follows(method, before, Some(&entry.user)) => {
            return Ok(Successor::Member(entry));
        }
        Outcome::Guest if follows(method, before, None) => return Ok(Successor::Guest),
        Outcome::User(_) | Outcome::Guest => ProblemCode::SignInNeeded,
        Outcome::More { ask, state } => {
            return Err(HttpProblem::new(ProblemCode::MoreNeeded)
                .with("ask", ask)
                .with("state", state));
        }
        // Nothing was shown that could be wrong: this user cannot be had without a tap.
        Outcome::Wrong if method.is_silent() => ProblemCode::SignInNeeded,
        Outcome::Wrong => ProblemCode::CredentialsWrong,
        Outcome::Blocked => ProblemCode::UserBlocked,
        Outcome::Taken => ProblemCode::IdentityTaken,
    };
    Err(HttpProblem::new(problem))
}

/// Whether this user, or the guest if there is none, may follow who was signed in on the phone.
fn follows(method: &Method, before: Option<&Owner>, user: Option<&str>) -> bool {
    match before {
        _ if !method.is_silent() => true,
        None | Some(Owner::Guest(_)) => true,
        Some(Owner::Account { user: before, .. }) => user == Some(before),
        Some(Owner::Forgotten(before)) => {
            user.is_some_and(|user| UserKey::of_account(user) == *before)
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;
    use wxsession_protocol::ProblemCode;

    use super::{Successor, method, presented, successor};
    use crate::accounts::{Entry, Method, Outcome};
    use crate::identity::UserKey;
    use crate::sessions::Owner;

    fn account(renewable: bool) -> Owner {
        let user = "ann".to_owned();
        Owner::Account { user, renewable }
    }

    fn name(successor: Result<Successor, crate::HttpProblem>) -> Result<String, ProblemCode> {
        match successor {
            Ok(Successor::Guest) => Ok("guest".into()),
            Ok(Successor::Member(entry)) => Ok(entry.user),
            Err(problem) => Err(problem.code()),
        }
    }

    #[test]
    fn every_row_of_the_table() {
        let befores = [
            None,
            Some(Owner::Guest("guest".into())),
            Some(account(true)),
            Some(account(false)),
            Some(Owner::Forgotten(UserKey::of_account("ann"))),
            Some(Owner::Forgotten(UserKey::of_account("carl"))),
        ];
        let needed = Err(ProblemCode::SignInNeeded);
        for named in [None, Some("wechat"), Some("password")] {
            for before in &befores {
                let before = before.as_ref();
                let method = method(named, before);
                let asked = |outcome| name(successor(&method, before, outcome));
                let is_free = matches!(before, None | Some(Owner::Guest(_))) || named.is_some();
                let is_hers = before != befores[5].as_ref();
                let one = |name: &str, may| {
                    if may {
                        Ok(name.to_owned())
                    } else {
                        needed.clone()
                    }
                };
                let wrong = if named.is_none() {
                    ProblemCode::SignInNeeded
                } else {
                    ProblemCode::CredentialsWrong
                };
                let user = |name: &str| Outcome::User(Entry::to(name));
                assert_eq!(asked(user("ann")), one("ann", is_free || is_hers));
                assert_eq!(
                    asked(user("bob")),
                    one("bob", is_free),
                    "{named:?} {before:?}"
                );
                assert_eq!(asked(Outcome::Guest), one("guest", is_free), "{before:?}");
                assert_eq!(asked(Outcome::Wrong), Err(wrong));
                assert_eq!(asked(Outcome::Blocked), Err(ProblemCode::UserBlocked));
                assert_eq!(asked(Outcome::Taken), Err(ProblemCode::IdentityTaken));
            }
        }
    }

    #[test]
    fn a_session_is_renewed_only_where_it_may_be_and_no_method_is_named() {
        let renew = Method::Renew("ann".into());
        let forgotten = Some(Owner::Forgotten(UserKey::of_account("ann")));
        for (named, before, asked) in [
            (None, Some(account(true)), renew),
            (None, Some(account(false)), Method::Silent),
            (None, forgotten, Method::Silent),
            (None, None, Method::Silent),
            (Some("wechat"), Some(account(true)), Method::WeChat),
            (
                Some("silent"),
                Some(account(true)),
                Method::Named("silent".into()),
            ),
        ] {
            assert_eq!(method(named, before.as_ref()), asked);
        }
    }

    #[test]
    fn accounts_are_told_who_was_there() {
        let told = |before: Owner| presented(Some(&before)).map(|told| (told.user, told.guest));
        assert_eq!(told(account(false)), Some(("ann".into(), false)));
        assert_eq!(told(Owner::Guest("g".into())), Some(("g".into(), true)));
        assert_eq!(told(Owner::Forgotten(UserKey::of_account("ann"))), None);
    }

    #[tokio::test]
    async fn one_more_step_is_told_with_its_state() {
        let ask = serde_json::json!({ "kind": "otp" });
        let outcome = Outcome::More {
            ask: ask.as_object().unwrap().clone(),
            state: "opaque".into(),
        };
        let problem = successor(&Method::Named("code".into()), None, outcome).unwrap_err();
        let response = problem.into_response();
        assert_eq!(response.status(), 403);
        let body = axum::body::to_bytes(response.into_body(), 1000)
            .await
            .unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((&body["ask"], &body["state"]), (&ask, &"opaque".into()));
        assert_eq!(body["code"], "more_needed");
    }
}
