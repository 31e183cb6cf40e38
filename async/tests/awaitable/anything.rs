//! Whatever wx does, the caller gets an answer or an error.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};

use wasm_bindgen::closure::Closure;
use wasm_bindgen_test::wasm_bindgen_test;
use wxsession::error::Stage;
use wxsession_async::{Request, Session};

use crate::world::{
    PRODUCTS, World, begin, call_at_once, later, outcome, outcomes, poll_and_drop, products,
};

#[wasm_bindgen_test]
async fn wx_may_call_back_before_it_returns() {
    let world = World::new().with("world.isHasty = true");
    let session = world.session();
    let calls = [begin(&session), begin(&session)];
    assert_eq!(outcomes(calls).await, ["200", "200"]);
    world.bend("world.live = []");
    assert_eq!(outcome(&products(&session).await), "200");
    assert_eq!(world.read::<u32>("logins"), 2);
}

#[wasm_bindgen_test]
async fn wx_may_call_the_program_in_the_middle_of_anything() {
    let world = World::new();
    let session = world.session();
    let other = session.clone();
    let program = Closure::<dyn FnMut()>::new(move || {
        other.phase();
        drop(begin(&other));
        call_at_once(&other);
    });
    world.set("program", program.as_ref());
    world.bend(
        "
        for (const name of Object.keys(wx)) {
          const method = wx[name]
          wx[name] = (...given) => {
            if (world.calls++ < 20) world.program()
            return method(...given)
          }
        }
        const { answer } = world
        world.calls = 0
        world.answer = (options) => {
          const given = answer(options)
          return { get header() { if (world.calls++ < 20) world.program(); return given.header },
            statusCode: given.statusCode, data: given.data }
        }",
    );
    assert_eq!(outcome(&products(&session).await), "200");
    later().await;
    assert_eq!(world.read::<u32>("logins"), 1);
    assert!(world.read::<u32>("calls") > 20);
}

thread_local! {
    static SESSION: RefCell<Option<Session>> = const { RefCell::new(None) };
}

/// The waker of an executor that polls inside `wake`.
struct PollingWaker;

impl Wake for PollingWaker {
    fn wake(self: Arc<Self>) {
        call_at_once(&SESSION.take().expect("a session, and to be woken once"));
    }
}

#[wasm_bindgen_test]
async fn whoever_is_woken_may_call_at_once() {
    for (login, ended, sent) in [
        ("", "200", &["session-1"; 2][..]),
        // After a failure the new call must ask the core, which answers before it returns.
        ("wx.login = ({ fail }) => fail(null)", "login_failed", &[]),
    ] {
        let world = World::new().with(login);
        let session = world.session();
        SESSION.set(Some(session.clone()));
        let mut call = Box::pin(products(&session));
        let waker = Waker::from(Arc::new(PollingWaker));
        let is_pending = call.as_mut().poll(&mut Context::from_waker(&waker));
        assert!(is_pending.is_pending());
        later().await;
        assert!(SESSION.take().is_none(), "it was woken");
        assert_eq!(outcome(&call.await), ended);
        assert_eq!(world.sent_to(PRODUCTS), sent);
    }
}

#[wasm_bindgen_test]
async fn what_is_called_twice_or_late_counts_once() {
    let world = World::new().with(
        "
        for (const name of ['login', 'request']) {
          const method = wx[name]
          wx[name] = (options) => method(Object.assign({}, options, { success(given) {
            options.success(given); options.success(given); options.fail({ errMsg: 'late' })
            setTimeout(options.success, 5, given)
          } }))
        }",
    );
    let session = world.session();
    let calls = [begin(&session), begin(&session)];
    assert_eq!(outcomes(calls).await, ["200", "200"]);
    later().await;
    assert_eq!(world.read::<u32>("issued"), 1);
}

/// Unexpected values, each a JavaScript expression.
const ANYTHING: [&str; 14] = [
    "undefined",
    "null",
    "NaN",
    "-1",
    "''",
    "'text'",
    "Symbol()",
    "[]",
    "() => {}",
    "Object.create(null)",
    "{ code: 1, statusCode: '200', header: 'x', data: 'y', errMsg: {}, errno: 'z' }",
    "{ get code() { throw 1 }, get statusCode() { throw 1 }, get header() { throw 1 }, get errMsg() { throw 1 } }",
    "new Proxy({}, { get() { throw 1 }, ownKeys() { throw 1 }, has() { throw 1 } })",
    "{ statusCode: 1e99, header: new Proxy({}, { ownKeys() { throw 1 } }), data: { sessionid: 'a b' } }",
];

#[wasm_bindgen_test]
async fn whatever_wx_gives_is_an_error_and_no_trap() {
    for thing in ANYTHING {
        for way in [
            format!("options.success({thing})"),
            format!("options.fail({thing})"),
            format!("throw {thing}"),
            format!("options.success(); return {thing}"),
        ] {
            for name in ["login", "request"] {
                let world = World::new().with(&format!(
                    "world.quicken(); wx.{name} = (options) => {{ {way} }}"
                ));
                let error = world.session().login().await.expect_err(&way);
                assert_eq!(error.code.stage(), Stage::SignIn, "{way}");
            }
        }
        let world = World::new().with(&format!(
            "wx.getStorageSync = () => ({thing}); world.live = []"
        ));
        assert_eq!(
            outcome(&products(&world.session()).await),
            "200",
            "stored {thing}"
        );
    }
}

#[wasm_bindgen_test]
async fn whatever_wx_gives_to_a_request_reaches_its_caller() {
    for thing in ANYTHING {
        let world = World::new();
        let session = world.session();
        session.login().await.expect("a session");
        world.bend(&format!(
            "wx.request = (options) => {{ options.fail({thing}) }}"
        ));
        assert_eq!(
            outcome(&products(&session).await),
            "request_failed",
            "{thing}"
        );
        world.bend(&format!("wx.request = (options) => {{ throw {thing} }}"));
        assert_eq!(
            outcome(&products(&session).await),
            "request_failed",
            "{thing}"
        );
        world.bend(&format!(
            "wx.request = (options) => {{ setTimeout(() => options.fail({thing}), 0)
            return {thing} }}"
        ));
        poll_and_drop(products(&session)).await;
        later().await;
        world.bend(&format!(
            "wx.request = (options) => {{ options.success({thing}) }}"
        ));
        if let Ok(answer) = products(&session).await {
            assert!([0, u16::MAX].contains(&answer.status()), "{thing}");
            let _ = (
                answer.header("x"),
                answer.body(),
                answer.value(),
                format!("{answer:?}"),
            );
        }
    }
}

#[wasm_bindgen_test]
async fn a_program_without_wx_gets_errors() {
    let world = World::new().with("delete globalThis.wx");
    let session = world.session();
    assert_eq!(outcome(&products(&session).await), "login_failed");
    session.logout().await;
    assert_eq!(outcome(&products(&session).await), "signed_out");
    let bare = session
        .request(&Request::get("https://elsewhere.example.com/"))
        .await;
    assert_eq!(outcome(&bare), "request_failed");
}

#[wasm_bindgen_test]
async fn storage_that_throws_costs_persistence_only() {
    let world = World::new().with(
        "for (const name of ['getStorageSync', 'setStorageSync', 'removeStorageSync']) {
        wx[name] = () => { throw Error('full') }
    }",
    );
    let session = world.session();
    assert_eq!(outcome(&products(&session).await), "200");
    session.logout().await;
    assert_eq!(outcome(&products(&session).await), "signed_out");
}

#[wasm_bindgen_test]
async fn what_storage_does_not_remove_is_emptied() {
    let world = World::new().with("wx.removeStorageSync = () => { throw Error('no') }");
    let session = world.session();
    session.login().await.expect("a session");
    // Without room for the ending, what is stored has to go.
    world.bend("wx.setStorageSync = (key, value) => { if (value) throw Error('full'); world.storage[key] = value }");
    session.logout().await;
    let storage: BTreeMap<String, String> = world.read("storage");
    assert_eq!(storage[&world.options().storage_key], "");
}
