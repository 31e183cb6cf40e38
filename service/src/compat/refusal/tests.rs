use axum::body::to_bytes;
use serde_json::{Value, json};
use wxsession_protocol::ProblemCode;

use super::{MARKER, of_call, of_login, of_nobody};
use crate::compat::failure::{Failure, is_of_session};
use crate::compat::{Compatibility, Protocol};

const ALL: [Protocol; 3] = [Protocol::WeappSession, Protocol::Wafer, Protocol::Wafer2];

async fn document(answer: axum::response::Response) -> Value {
    let body = to_bytes(answer.into_body(), 10_000).await.unwrap();
    serde_json::from_slice(&body).unwrap()
}

/// What each client does with an answer to a call, by its sources.
#[derive(Debug, PartialEq)]
enum Does {
    SignsInAgain,
    Fails,
    Answers,
}

fn weapp_session(document: &Value) -> Does {
    match (document.get(MARKER), document["reason"].as_str()) {
        (None, _) => Does::Answers,
        (_, Some("ERR_SESSION_EXPIRED" | "ERR_SESSION_KEY_EXCHANGE_FAILED")) => Does::SignsInAgain,
        _ => Does::Fails,
    }
}

fn wafer(document: &Value) -> Does {
    match (document[MARKER] == 1, document["error"].as_str()) {
        (false, _) => Does::Answers,
        (_, Some("ERR_INVALID_SESSION")) => Does::SignsInAgain,
        _ => Does::Fails,
    }
}

fn wafer2(document: &Value, status: u16) -> Does {
    match document["code"] == -1 || status == 401 {
        true => Does::SignsInAgain,
        false => Does::Answers,
    }
}

#[tokio::test]
async fn every_client_signs_in_again_for_an_ended_session_and_for_nothing_that_this_cannot_help() {
    for code in ProblemCode::ALL {
        let failure = Failure::new(code);
        let is_over = is_of_session(code);
        let answers = ALL.map(|protocol| of_call(protocol, &failure));
        let [status, ..] = answers.each_ref().map(|answer| answer.status().as_u16());
        assert_eq!(status, code.status());
        let [first, second, third] = answers;
        let expected = match is_over || code == ProblemCode::CodeInvalid {
            true => Does::SignsInAgain,
            false => Does::Fails,
        };
        assert_eq!(weapp_session(&document(first).await), expected, "{code:?}");
        let expected = if is_over {
            Does::SignsInAgain
        } else {
            Does::Fails
        };
        assert_eq!(wafer(&document(second).await), expected, "{code:?}");
        let third = document(third).await;
        assert_ne!(third["code"], 0);
        let expected = match status == 401 {
            true => Does::SignsInAgain,
            false => Does::Answers,
        };
        assert_eq!(wafer2(&third, status), expected, "{code:?}");
    }
}

#[tokio::test]
async fn a_call_of_nobody_makes_every_client_sign_in() {
    let failure = Failure::new(ProblemCode::SessionMissing);
    let all = Compatibility {
        weapp_session: true,
        wafer: Some("/login".into()),
        wafer2: Some("/weapp/login".into()),
    };
    let document = document(of_nobody(&all, &failure)).await;
    assert_eq!(weapp_session(&document), Does::SignsInAgain);
    assert_eq!(wafer(&document), Does::SignsInAgain);
    assert_eq!(wafer2(&document, 200), Does::SignsInAgain);
    assert_eq!(
        document,
        json!({
            MARKER: 1,
            "reason": "ERR_SESSION_EXPIRED",
            "error": "ERR_INVALID_SESSION",
            "message": "登录态已失效，请重新登录",
            "code": -1,
        })
    );
}

#[tokio::test]
async fn a_refused_login_names_no_session_and_says_why() {
    for code in ProblemCode::ALL {
        for protocol in [Protocol::Wafer, Protocol::Wafer2] {
            let document = document(of_login(protocol, &Failure::new(code))).await;
            assert_eq!(document["session"], Value::Null);
            assert_ne!(document["code"], 0);
            assert!(!document["message"].as_str().unwrap().is_empty());
        }
    }
}
