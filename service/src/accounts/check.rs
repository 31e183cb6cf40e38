//! Tries a hook out, for the author of a backend: asks what a server would ask, and what it must withstand.

use std::time::Duration;

use reqwest::StatusCode;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use tokio::time::Instant;
use wxsession_server::Identity;

use super::answer::Verdict;
use super::asked::{Asked, Presented};
use super::error::HookError;
use super::hook::AccountsHook;
use crate::finding::{Finding, with_causes};

/// A hook that takes longer has little left of its deadline when it is busy.
const SLOW: Duration = Duration::from_secs(1);

/// Somebody whom the hook should sign in.
pub struct KnownUser {
    /// What they type as their name.
    pub identifier: String,
    /// Their password.
    pub password: SecretString,
}

/// The answers that are right.
type Right = fn(&Result<Verdict, HookError>) -> bool;

/// A question with its right answers, and what to mend after any other.
struct Question {
    asked: &'static str,
    body: Zeroizing<Vec<u8>>,
    right: Right,
    remedy: &'static str,
}

impl AccountsHook {
    /// Asks the hook about users who do not exist, and about one who does if there is one to ask about. Ends early if
    /// nothing answers, or nothing that is a hook.
    pub async fn check(&self, known: Option<&KnownUser>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for question in known.map(sign_in_of).into_iter().chain(questions()) {
            let start = Instant::now();
            let answer = self.ask(question.body).await;
            let took = start.elapsed();
            let elsewhere = leads_elsewhere(&answer);
            let is_right = elsewhere.is_none() && (question.right)(&answer);
            let remedy = match (is_right, took > SLOW) {
                (false, _) => Some(elsewhere.unwrap_or(question.remedy)),
                (true, true) => {
                    Some("answer within a second: after three the sign-in fails with a 503")
                }
                (true, false) => None,
            };
            findings.push(Finding {
                asked: question.asked.into(),
                answered: format!("{} in {} ms", said(&answer), took.as_millis()),
                remedy: remedy.map(String::from),
            });
            if elsewhere.is_some() {
                break;
            }
        }
        findings
    }
}

/// What to mend if no hook is at the address.
fn leads_elsewhere(answer: &Result<Verdict, HookError>) -> Option<&'static str> {
    match answer {
        Err(HookError::Unreachable(_)) => Some(
            "start your backend, and see that --accounts-hook has the address and port at which it listens",
        ),
        Err(HookError::TokenRefused) => {
            Some("give the token that your backend wants with --accounts-hook-token-file")
        }
        Err(HookError::Status(StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED)) => Some(
            "let POST at the path of --accounts-hook lead to the hook; your backend has nothing there",
        ),
        _ => None,
    }
}

fn sign_in_of(known: &KnownUser) -> Question {
    let password = known.password.expose_secret();
    let right = json!({ "identifier": known.identifier, "password": password });
    Question {
        asked: "a user who exists, with the right password",
        body: body("password", &right, None),
        right: |answer| matches!(answer, Ok(Verdict::User(_))),
        remedy: "answer 200 {\"user\":\"…\"} with the id as text, once the password is verified; see that --user and \
                 the password are right, and that nothing in front of the hook asks for a session",
    }
}

fn questions() -> Vec<Question> {
    let wrong = json!({ "identifier": NOBODY, "password": "a wrong password" });
    let other_types = json!({ "identifier": { "a": [1] }, "password": [null, true, 7] });
    let long = json!({ "identifier": "n".repeat(4000), "password": "p".repeat(4000) });
    let hostile = json!({ "identifier": "' OR 1=1 --\u{0}\u{feff}", "password": "\u{0}é💥" });
    vec![
        Question {
            asked: "a program starts on the phone of a WeChat user whom nobody knows",
            body: body("silent", &json!({}), None),
            right: |answer| matches!(answer, Ok(Verdict::Guest | Verdict::Wrong)),
            remedy: "answer 200 {\"guest\":true}, or 401 if your program has no guests",
        },
        Question {
            asked: "a session of a user who does not exist is renewed",
            body: body("renew", &json!({}), Some(NOBODY)),
            right: |answer| matches!(answer, Ok(Verdict::Wrong | Verdict::Blocked)),
            remedy: "answer 401: look `presented.user` up, and answer 200 only if that user still exists",
        },
        Question {
            asked: "a name that does not exist, with a password",
            body: body("password", &wrong, None),
            right: is_wrong,
            remedy: "answer 401, for an unknown name as for a wrong password",
        },
        Question {
            asked: "a name and a password of other types",
            body: body("password", &other_types, None),
            right: is_refused,
            remedy: "answer 401 or 400: check that both are strings. A 5xx makes the server leave the hook alone",
        },
        Question {
            asked: "a name and a password of 4,000 characters",
            body: body("password", &long, None),
            right: is_refused,
            remedy: "answer 401 or 400: refuse what is too long before it is hashed",
        },
        Question {
            asked: "a name with quotes and null characters",
            body: body("password", &hostile, None),
            right: is_refused,
            remedy: "answer 401 or 400: pass the name to the database as a parameter",
        },
        Question {
            asked: "a password sign-in without a password",
            body: body("password", &json!({}), None),
            right: is_refused,
            remedy: "answer 401 or 400: check that both fields are there",
        },
        Question {
            asked: "a method that nobody knows",
            body: body("no-such-method", &wrong, None),
            right: is_refused,
            remedy: "answer 400; never let an unknown method fall through to another one",
        },
    ]
}

/// Neither a name nor an id that a database has.
const NOBODY: &str = "nobody-of-this-name";

fn body(method: &str, credentials: &Value, presented: Option<&str>) -> Zeroizing<Vec<u8>> {
    let nothing = Map::new();
    let asked = Asked {
        method,
        credentials: credentials.as_object().unwrap_or(&nothing),
        wechat: &Identity {
            appid: "wx0123456789abcdef".into(),
            openid: "an-openid-that-nobody-has".into(),
            unionid: None,
        },
        presented: presented.map(|user| Presented { user, guest: false }),
    };
    asked.json()
}

fn is_wrong(answer: &Result<Verdict, HookError>) -> bool {
    matches!(answer, Ok(Verdict::Wrong))
}

fn is_refused(answer: &Result<Verdict, HookError>) -> bool {
    matches!(answer, Ok(Verdict::Wrong | Verdict::NotUnderstood))
        || matches!(answer, Err(HookError::Status(status)) if status.is_client_error())
}

fn said(answer: &Result<Verdict, HookError>) -> String {
    match answer {
        Ok(Verdict::User(_)) => "a user".into(),
        Ok(Verdict::Guest) => "guest".into(),
        Ok(Verdict::More { .. }) => "more is needed".into(),
        Ok(Verdict::NotUnderstood) => "400".into(),
        Ok(Verdict::Wrong) => "401".into(),
        Ok(Verdict::Blocked) => "403".into(),
        Ok(Verdict::Taken) => "409".into(),
        Ok(Verdict::Limited(_)) => "429".into(),
        Err(HookError::Status(status)) => status.as_u16().to_string(),
        Err(error) => with_causes(error),
    }
}
