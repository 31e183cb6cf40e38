//! A mini program for tests: a fake `wx` and the app's server behind it.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use js_sys::{Function, Promise, Reflect};
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use wxsession_async::{Answer, Error, Options, Request, Session};

pub(crate) const LOGIN: &str = "https://api.example.com/wx/onlogin";
pub(crate) const LOGOUT: &str = "https://api.example.com/wx/logout";
pub(crate) const PRODUCTS: &str = "https://api.example.com/wx/products/list";

/// The fake. A new one replaces the last.
pub(crate) struct World {
    inside: JsValue,
    /// Each world has its own key, so that a failed test does not make the next one fail.
    storage_key: String,
}

thread_local! {
    static WORLDS: Cell<u32> = const { Cell::new(0) };
}

impl World {
    pub(crate) fn new() -> Self {
        let world = Function::new_no_args(include_str!("world.js"));
        let number = WORLDS.get() + 1;
        WORLDS.set(number);
        Self {
            inside: world.call0(&JsValue::UNDEFINED).expect("a world"),
            storage_key: format!("session-{number}"),
        }
    }

    /// The defaults, with this world's storage key.
    pub(crate) fn options(&self) -> Options {
        let storage_key = self.storage_key.clone();
        Options {
            storage_key,
            ..Options::new(LOGIN)
        }
    }

    /// A session with these options.
    pub(crate) fn session(&self) -> Session {
        Session::new(self.options()).expect("options that are right")
    }

    /// Runs JavaScript that changes `world` or `wx`.
    pub(crate) fn with(self, script: &str) -> Self {
        self.bend(script);
        self
    }

    pub(crate) fn bend(&self, script: &str) {
        let script = Function::new_with_args("world", script);
        script
            .call1(&JsValue::UNDEFINED, &self.inside)
            .expect("a script that runs");
    }

    /// Makes wx hold the next request until `world.release()`.
    pub(crate) fn hold_next_request(&self) {
        self.bend(
            "const { request } = wx
            wx.request = (options) => {
              wx.request = request
              world.release = () => request(options)
            }",
        );
    }

    pub(crate) fn set(&self, name: &str, value: &JsValue) {
        Reflect::set(&self.inside, &name.into(), value).expect("an object");
    }

    /// A property of the world, as it is.
    #[cfg(feature = "signed")]
    pub(crate) fn value(&self, name: &str) -> JsValue {
        Reflect::get(&self.inside, &name.into()).expect("an object")
    }

    /// A property of the world.
    pub(crate) fn read<T: DeserializeOwned>(&self, name: &str) -> T {
        let value = Reflect::get(&self.inside, &name.into()).expect("an object");
        serde_wasm_bindgen::from_value(value).expect("a value of that form")
    }

    /// The URL of each request, with the session that it carried.
    pub(crate) fn sent(&self) -> Vec<(String, String)> {
        self.read("sent")
    }

    /// The sessions that were sent to this URL.
    pub(crate) fn sent_to(&self, url: &str) -> Vec<String> {
        let sent = self.sent().into_iter().filter(|(to, _)| to == url);
        sent.map(|(_, session)| session).collect()
    }
}

pub(crate) async fn products(session: &Session) -> Result<Answer, Error> {
    session.request(&Request::get(PRODUCTS)).await
}

/// Starts a call that runs by itself. The promise resolves to its [`outcome`].
pub(crate) fn begin(session: &Session) -> Promise {
    let session = session.clone();
    future_to_promise(async move { Ok(outcome(&products(&session).await).into()) })
}

/// The status, or the name of the error code.
pub(crate) fn outcome(result: &Result<Answer, Error>) -> String {
    match result {
        Ok(answer) => answer.status().to_string(),
        Err(error) => error.code.name().to_owned(),
    }
}

/// Awaits calls from [`begin`].
pub(crate) async fn outcomes<const N: usize>(calls: [Promise; N]) -> Vec<String> {
    let mut outcomes = Vec::new();
    for call in calls {
        let outcome = JsFuture::from(call).await.expect("an outcome");
        outcomes.push(outcome.as_string().expect("a text"));
    }
    outcomes
}

/// Polls a future once; it must be pending.
pub(crate) async fn poll_once<F: Future>(future: &mut Pin<Box<F>>) {
    poll_fn(|context| {
        assert!(future.as_mut().poll(context).is_pending());
        Poll::Ready(())
    })
    .await;
}

/// Polls a future once and drops it.
pub(crate) async fn poll_and_drop<F: Future>(future: F) {
    poll_once(&mut Box::pin(future)).await;
}

/// Makes a call, polls it once and drops it, all before returning.
pub(crate) fn call_at_once(session: &Session) {
    let mut call = Box::pin(products(session));
    let mut context = Context::from_waker(Waker::noop());
    let _ = call.as_mut().poll(&mut context);
}

/// Waits until everything that is under way has ended. It takes far fewer turns than this waits for, however long one turn
/// takes on a busy machine.
pub(crate) async fn later() {
    let wait = Function::new_no_args(
        "return new Promise(resolve => {
          let turns = 40
          const turn = () => (turns-- > 0 ? globalThis.realTimers.start.call(globalThis, turn, 0) : resolve())
          turn()
        })",
    );
    let wait: Promise = wait
        .call0(&JsValue::UNDEFINED)
        .expect("a promise")
        .unchecked_into();
    JsFuture::from(wait).await.expect("no failure");
}
