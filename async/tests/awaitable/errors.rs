//! What an error says, and what it never says.

use wasm_bindgen_test::wasm_bindgen_test;
use wxsession_async::{Cause, ErrorCode, Phase, Session};

use crate::world::{World, outcome, products};

#[wasm_bindgen_test]
async fn a_wx_login_that_never_answers_fails_in_time() {
    let world = World::new().with("wx.login = () => {}");
    let mut options = world.options();
    options.login_timeout = 10;
    let session = Session::new(options).expect("options that are right");
    assert_eq!(outcome(&products(&session).await), "login_timeout");
}

#[wasm_bindgen_test]
async fn a_timeout_has_no_cause_of_the_step_before() {
    let world = World::new().with("world.quicken(); wx.request = () => {}");
    let mut options = world.options();
    options.exchange_timeout = 1_000;
    let session = Session::new(options).expect("options that are right");
    let error = session.login().await.expect_err("no session");
    assert_eq!(
        (error.code, error.cause),
        (ErrorCode::ExchangeTimeout, Cause::default())
    );
}

#[wasm_bindgen_test]
async fn a_failure_of_the_exchange_is_known_for_what_it_is() {
    for (fails, code) in [
        (
            "options.fail({ errMsg: 'request:fail', errno: 600001 })",
            "network",
        ),
        (
            "options.fail({ errMsg: 'request:fail interrupted' })",
            "interrupted",
        ),
        (
            "options.fail({ errMsg: 'request:fail errcode:-200 cronet_error_code:-21 NETWORK_CHANGED' })",
            "interrupted",
        ),
        ("options.fail({ errno: 600003 })", "interrupted"),
        ("options.fail({ errno: 5 })", "exchange_timeout"),
        ("throw Error('no')", "network"),
        (
            "options.success({ statusCode: 503, data: { code: 'store_unavailable' } })",
            "server_unavailable",
        ),
        (
            "options.success({ statusCode: 403, data: { code: 'user_blocked' } })",
            "user_blocked",
        ),
        (
            "options.success({ statusCode: 401, header: { 'WWW-Authenticate': 'WxSession error=code_invalid' } })",
            "code_invalid",
        ),
    ] {
        let world = World::new().with(&format!(
            "world.quicken(); wx.request = (options) => {{ {fails} }}"
        ));
        let session = world.session();
        let error = session.login().await.expect_err("no session");
        assert_eq!(error.code.name(), code, "{fails}");
        let logins = if code == "code_invalid" { 2 } else { 1 };
        assert_eq!(world.read::<u32>("logins"), logins, "{fails}");
    }
}

#[wasm_bindgen_test]
async fn what_the_server_said_of_a_refused_sign_in_arrives_without_secrets() {
    for (answer, problem) in [
        (
            "{ statusCode: 403, data: { reason: '请登录', wait: 60, no: null, code: options.data.code, my_token: 12 } }",
            Some(r#"{"reason":"请登录","wait":60,"no":null,"code":"***","my_token":"***"}"#),
        ),
        (
            "{ statusCode: 403, data: `no ${options.data.code} é` }",
            Some("\"no *** é\""),
        ),
        (
            "{ statusCode: 200, data: { msg: '登录失败', jwt: 'a.b.c', list: ['abc'], note: 'try again' } }",
            Some(r#"{"msg":"登录失败","jwt":"***","list":["***"],"note":"try again"}"#),
        ),
        ("{ statusCode: 403, data: '' }", None),
    ] {
        let world = World::new().with(&format!(
            "world.quicken(); wx.request = (options) => options.success({answer})"
        ));
        let session = world.session();
        let error = session.login().await.expect_err("no session");
        assert_eq!(error.cause.problem.as_deref(), problem, "{answer}");
        let paused = products(&session).await.expect_err("a pause");
        assert_eq!(paused.code, ErrorCode::SignInPaused);
        assert_eq!(paused.cause.code, Some(error.code));
        assert_eq!(paused.cause.problem, error.cause.problem);
    }
}

#[wasm_bindgen_test]
async fn a_server_that_wants_the_user_to_sign_in_ends_the_session() {
    let world = World::new().with(
        "world.quicken(); wx.request = (options) => options.success(
        { statusCode: 401, data: { code: 'sign_in_needed', methods: ['password'] } })",
    );
    let session = world.session();
    for _ in 0..2 {
        let error = products(&session).await.expect_err("no session");
        assert_eq!(error.code, ErrorCode::SignInNeeded);
        assert!(
            error
                .cause
                .problem
                .is_some_and(|said| said.contains("methods"))
        );
        assert_eq!(session.phase(), Phase::Ended);
    }
    assert_eq!(world.read::<u32>("logins"), 1);
}

#[wasm_bindgen_test]
async fn retry_after_is_honoured() {
    let world = World::new().with(
        "wx.request = (options) => options.success(
        { statusCode: 403, header: { 'Retry-After': '3' }, data: '' })",
    );
    let error = world.session().login().await.expect_err("no session");
    assert_eq!(
        (error.code, error.retry_after),
        (ErrorCode::ExchangeRejected, 3_000)
    );
    assert_eq!(error.cause.status, Some(403));
}

#[wasm_bindgen_test]
async fn no_error_holds_a_code_or_a_session() {
    let world = World::new().with(
        "world.quicken(); world.request = wx.request
        wx.login = (options) => options.success({ code: 'co/de' })
        wx.request = (options) => options.fail({ errMsg: 'no ' + options.data.code + ' in ?code=co%2Fde' })",
    );
    let session = world.session();
    let error = session.login().await.expect_err("no session");
    assert_eq!(error.code, ErrorCode::Network);
    assert_eq!(error.cause.err_msg.as_deref(), Some("no *** in ?code=***"));

    world.bend("wx.request = world.request");
    session.login().await.expect("a session");
    world.bend("wx.request = (options) => options.fail('sent ' + options.header.sessionid)");
    let error = products(&session).await.expect_err("a failure");
    assert_eq!(error.cause.err_msg.as_deref(), Some("sent ***"));
    assert!(!format!("{error:?}{error}").contains("session-1"));

    world
        .bend("wx.request = (options) => { throw Error('presented ' + options.header.sessionid) }");
    let error = session.force_login().await.expect_err("a failure");
    assert_eq!(error.cause.err_msg.as_deref(), Some("presented ***"));
}
