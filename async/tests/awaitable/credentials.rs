//! Logins with credentials.

use serde_json::{Value, json};
use wasm_bindgen_futures::future_to_promise;
use wasm_bindgen_test::wasm_bindgen_test;
use wxsession_async::{Credentials, Error, ErrorCode, Phase, Session};

use crate::world::{
    LOGIN, World, begin, later, outcome, outcomes, poll_and_drop, poll_once, products,
};

/// What a server answers to wrong credentials; it accepts all others.
const CHECKS: &str = "
    const { answer } = world
    world.answer = (options) => {
      const { password } = options.data || {}
      return password === 'wrong'
        ? { statusCode: 401, header: {}, data: { code: 'credentials_wrong', said: options.data } }
        : answer(options)
    }";

fn right() -> Credentials {
    Credentials::password("li.na", "right")
}

fn wrong() -> Credentials {
    Credentials::password("li.na", "wrong")
}

fn bodies(world: &World) -> Vec<Value> {
    world.read("bodies")
}

/// A session whose user has signed in silently.
async fn signed_in(world: &World) -> Session {
    let session = world.session();
    session.login().await.expect("a session");
    session
}

async fn refused(session: &Session) -> Error {
    session.login_with(wrong()).await.expect_err("no session")
}

#[wasm_bindgen_test]
async fn credentials_go_with_their_own_sign_in_and_with_no_renewal() {
    let world = World::new();
    let session = signed_in(&world).await;
    let credentials = right().register().link();
    session.login_with(credentials).await.expect("a session");
    assert_eq!(session.phase(), Phase::SignedIn);
    world.bend("world.live = []");
    assert_eq!(outcome(&products(&session).await), "200");
    let fields = json!({
        "method": "password", "identifier": "li.na", "password": "right",
        "register": true, "link": true, "code": "code-2",
    });
    let silent = |code| json!({ "code": code });
    assert_eq!(bodies(&world), [silent("code-1"), fields, silent("code-3")]);
    assert_eq!(world.sent_to(LOGIN), ["", "session-1", "session-2"]);
    let kept = world.read::<Value>("storage").to_string();
    assert!(!kept.contains("right") && !kept.contains("li.na"), "{kept}");
}

#[wasm_bindgen_test]
async fn every_method_has_the_fields_of_the_protocol() {
    let methods = [
        (Credentials::wechat(), json!({ "method": "wechat" })),
        (
            Credentials::code("+8613800138000", "493021"),
            json!({ "method": "code", "identifier": "+8613800138000", "otp": "493021" }),
        ),
        (
            Credentials::phone("p"),
            json!({ "method": "phone", "phone_code": "p" }),
        ),
        (
            Credentials::oidc("school", "eyJ", "n"),
            json!({ "method": "oidc", "issuer": "school", "id_token": "eyJ", "nonce": "n" }),
        ),
        (
            Credentials::new("campus")
                .field("pin", "7")
                .field("code", "not this"),
            json!({ "method": "campus", "pin": "7" }),
        ),
    ];
    for (credentials, mut fields) in methods {
        let world = World::new();
        let session = world.session();
        session.login_with(credentials).await.expect("a session");
        fields["code"] = "code-1".into();
        assert_eq!(bodies(&world), [fields]);
    }
}

#[wasm_bindgen_test]
async fn a_refused_attempt_reaches_its_caller_alone_and_leaves_what_stood() {
    let world = World::new().with(CHECKS);
    let session = signed_in(&world).await;
    let attempt = session.clone();
    let attempt = future_to_promise(async move {
        let error = refused(&attempt).await;
        Ok(error.cause.named.unwrap_or_default().into())
    });
    let call = begin(&session);
    assert_eq!(
        outcomes([attempt, call]).await,
        ["credentials_wrong", "200"]
    );
    assert_eq!(session.phase(), Phase::SignedIn);
    assert_eq!(bodies(&world).len(), 2, "it is judged once");

    let world = World::new().with(CHECKS);
    let session = world.session();
    let error = refused(&session).await;
    assert_eq!(error.code, ErrorCode::ExchangeRejected);
    assert_eq!(error.cause.status, Some(401));
    assert_eq!(outcome(&products(&session).await), "200", "no pause");
}

#[wasm_bindgen_test]
async fn a_refused_attempt_is_not_the_cause_of_a_pause() {
    let world = World::new().with(CHECKS);
    let session = world.session();
    world
        .bend("world.login = wx.login; wx.login = ({ fail }) => fail({ errMsg: 'login:fail no' })");
    session.login().await.expect_err("no session");
    world.bend("wx.login = world.login");
    refused(&session).await;
    let paused = products(&session).await.expect_err("a pause");
    assert_eq!(paused.code, ErrorCode::SignInPaused);
    assert_eq!(paused.cause.code, Some(ErrorCode::LoginFailed));
    assert_eq!(paused.cause.err_msg.as_deref(), Some("login:fail no"));
    assert_eq!(paused.cause.named, None);
}

#[wasm_bindgen_test]
async fn an_attempt_waits_until_the_sign_in_in_progress_is_over() {
    let world = World::new().with(CHECKS).with(
        "const { login } = wx
        wx.login = (options) => {
          wx.login = login
          world.release = () => login(options)
        }",
    );
    let session = world.session();
    let call = begin(&session);
    later().await;
    let mut attempts = [right(), wrong()].map(|given| Box::pin(session.login_with(given)));
    for attempt in &mut attempts {
        poll_once(attempt).await;
    }
    world.bend("world.release()");
    let [first, second] = attempts;
    first.await.expect("a session");
    second.await.expect_err("no session");
    assert_eq!(outcomes([call]).await, ["200"]);
    let bodies = bodies(&world);
    let passwords: Vec<_> = bodies.iter().map(|body| &body["password"]).collect();
    assert_eq!(passwords, [&Value::Null, &"right".into(), &"wrong".into()]);
}

#[wasm_bindgen_test]
async fn a_post_without_an_answer_goes_again_with_the_same_credentials() {
    let world = World::new().with(
        "world.quicken()
        const { request } = wx
        wx.request = (options) => {
          request({ ...options, success() {}, fail() {} })
          wx.request = request
          options.fail({ errMsg: 'request:fail' })
        }",
    );
    let session = world.session();
    session.login_with(right()).await.expect("a session");
    let bodies = bodies(&world);
    assert_eq!(bodies.len(), 2);
    assert_eq!(bodies[0], bodies[1]);
}

#[wasm_bindgen_test]
async fn nothing_repeats_a_credential() {
    let failing = [
        "options.fail({ errMsg: 'no ' + JSON.stringify(options.data) })",
        "options.success({ statusCode: 403, data: { said: options.data, of: 'li.na' } })",
        "options.success({ statusCode: 401, data: { code: options.data.password } })",
        "options.success({ statusCode: 401, data: { code: options.data.code } })",
        "options.success({ statusCode: 200, data: { sessionid: '', said: 'no ' + options.data.password } })",
        "throw Error('no ' + options.data.password)",
    ];
    for fails in failing {
        let world = World::new().with(&format!(
            "world.quicken()
            wx.login = (options) => options.success({{ code: 'logincode' }})
            wx.request = (options) => {{ {fails} }}"
        ));
        let session = world.session();
        let credentials = Credentials::password("li.na", "secretword");
        let shown = format!("{credentials:?}");
        let error = session
            .login_with(credentials)
            .await
            .expect_err("no session");
        let shown = format!("{shown}{error:?}{error}");
        for secret in ["secretword", "li.na", "logincode"] {
            assert!(!shown.contains(secret), "{fails}: {shown}");
        }
        assert!(shown.contains("password"), "the method is no secret");
    }
}

#[wasm_bindgen_test]
async fn the_address_where_users_of_a_third_party_agree_arrives_whole() {
    let world = World::new().with(
        "world.answer = () => ({ statusCode: 403, header: {}, data: {
          code: 'more_needed', state: 'opaque',
          ask: { kind: 'device', verification_uri: 'https://school.example.com/device' },
        } })",
    );
    let credentials = Credentials::new("oidc").field("issuer", "school");
    let error = world.session().login_with(credentials).await;
    let said = error.expect_err("no session").cause.problem;
    let said = said.expect("the server's document");
    assert!(said.contains("https://school.example.com/device"), "{said}");
}

#[wasm_bindgen_test]
async fn a_state_and_a_reason_arrive_as_they_are_whatever_the_credentials_have_in_common_with_them()
{
    let said = async |reason: &str| {
        let document = json!({
            "code": "password_weak", "title": "short is weak", "state": "short/li+li=", "reason": reason, "note": "short",
        });
        let world = World::new().with(&format!(
            "world.answer = () => ({{ statusCode: 422, header: {{}}, data: {document} }})"
        ));
        let credentials = Credentials::password("li", "short");
        let error = world.session().login_with(credentials).await;
        let said = error.expect_err("no session").cause.problem;
        serde_json::from_str::<Value>(&said.expect("a document")).expect("JSON")
    };
    let told = said("too_short").await;
    let expected = json!({
        "code": "password_weak", "title": "*** is weak", "state": "short/li+li=", "reason": "too_short", "note": "***",
    });
    assert_eq!(told, expected);
    // In a sentence the password is left out.
    assert_eq!(said("密码short太短").await["reason"], "密码***太短");
    assert_eq!(said("short is too short").await["reason"], "*** is too ***");
}

#[wasm_bindgen_test]
async fn a_problem_of_ours_is_named_even_if_a_credential_is_part_of_its_name() {
    let world = World::new().with(CHECKS);
    let error = world
        .session()
        .login_with(Credentials::password("cred", "wrong"))
        .await
        .expect_err("no session");
    assert_eq!(error.cause.named.as_deref(), Some("credentials_wrong"));
}

#[wasm_bindgen_test]
async fn a_dropped_attempt_that_has_not_begun_is_withdrawn() {
    let world = World::new();
    let session = world.session();
    poll_and_drop(session.login()).await;
    poll_and_drop(session.login_with(right())).await;
    later().await;
    assert_eq!(bodies(&world), [json!({ "code": "code-1" })]);
}

#[wasm_bindgen_test]
async fn a_dropped_attempt_that_has_begun_goes_on_with_its_credentials() {
    let world = World::new();
    let session = world.session();
    poll_and_drop(session.login_with(right())).await;
    later().await;
    assert_eq!(session.phase(), Phase::SignedIn);
    assert_eq!(bodies(&world)[0]["password"], "right");
}

#[wasm_bindgen_test]
async fn a_sign_out_ends_an_attempt() {
    let world = World::new();
    let session = world.session();
    let mut attempt = Box::pin(session.login_with(right()));
    poll_once(&mut attempt).await;
    session.logout().await;
    let error = attempt.await.expect_err("signed out");
    assert_eq!(error.code, ErrorCode::SignedOut);
    later().await;
    assert_eq!(bodies(&world), [Value::Null; 0]);
}
