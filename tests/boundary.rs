//! Crossings between JavaScript and the core: numbers, strings and objects in both directions, and calls that call back
//! before they return.
#![cfg(target_arch = "wasm32")]

use js_sys::{Array, Function, Promise, Reflect};
use serde::Deserialize;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use wxsession::error::ErrorCode;
use wxsession::flow::Want;
use wxsession::numbers::{DELIVER, GO, WANTS};
use wxsession::policy::REFUSAL_STATUS;
use wxsession::wasm::{Core, JsHost};

const LOGIN: &str = "https://api.example.com/wx/onlogin";
/// Places in [`WANTS`].
const CALL: u8 = 0;
const TO_LOG_IN: u8 = 1;

/// A host that records each call of the core as an array: its name, then its arguments.
const RECORDER: &str = "
  const calls = []
  const host = { calls, time: 1000000, now() { return this.time } }
  for (const name of ['save', 'forget', 'askCode', 'prepare', 'post', 'sleep', 'settle', 'end', 'changed']) {
    host[name] = function (...given) {
      calls.push([name, ...given])
      if (this.also) this.also(name, given)
    }
  }
  return host
";

struct World {
    host: JsValue,
    core: Core,
}

/// The fields of the stored session.
#[derive(Clone)]
struct Given<'a> {
    version: f64,
    login_url: &'a str,
    id: &'a str,
    received: f64,
    lifetime: f64,
}

const NOTHING: Given<'_> = Given {
    version: f64::NAN,
    login_url: "",
    id: "",
    received: f64::NAN,
    lifetime: f64::NAN,
};

const KEPT: Given<'_> = Given {
    version: 1.0,
    login_url: LOGIN,
    id: "kept",
    received: 1_000_000.0,
    lifetime: 60_000.0,
};

fn start(given: Given<'_>) -> World {
    let host = Function::new_no_args(RECORDER)
        .call0(&JsValue::UNDEFINED)
        .expect("a host");
    let core = Core::new(
        host.clone().unchecked_into::<JsHost>(),
        LOGIN,
        5_000,
        6_000,
        10_000,
        given.version,
        given.login_url,
        given.id,
        given.received,
        given.lifetime,
    );
    World { host, core }
}

impl World {
    /// Takes the arguments of the only recorded call of this name.
    fn take<T: for<'de> Deserialize<'de>>(&self, name: &str) -> T {
        let found = self.take_all(name);
        assert_eq!(found.length(), 1, "calls of {name}");
        serde_wasm_bindgen::from_value(found.pop()).expect("arguments of that form")
    }

    fn take_all(&self, name: &str) -> Array {
        let calls: Array = Reflect::get(&self.host, &"calls".into())
            .expect("calls")
            .unchecked_into();
        let (found, rest) = (Array::new(), Array::new());
        for call in calls.iter() {
            let call: Array = call.unchecked_into();
            if call.get(0) == name {
                call.shift();
                found.push(&call);
            } else {
                rest.push(&call);
            }
        }
        Reflect::set(&calls, &"length".into(), &0.into()).expect("an array");
        for call in rest.iter() {
            calls.push(&call);
        }
        found
    }

    /// Lets `wx.login` give a code, with no login data. Returns what is to be posted.
    fn posted(&self, code: &str) -> (u32, String, Option<String>) {
        let (step,): (u32,) = self.take("askCode");
        self.core.coded(step, code);
        let prepared: (u32, String) = self.take("prepare");
        assert_eq!(prepared.1, code);
        self.core.prepared(prepared.0, true);
        self.take("post")
    }

    fn sign_in(&self, id: &str) {
        let (step, ..) = self.posted("the code");
        self.core.answered(step, 200, id, 60.0, "", f64::NAN);
    }

    fn id(&self) -> Option<String> {
        self.core.id().as_string()
    }
}

#[wasm_bindgen_test]
fn a_want_crosses_as_its_place() {
    assert_eq!(WANTS[usize::from(CALL)], Want::Call);
    assert_eq!(WANTS[usize::from(TO_LOG_IN)], Want::Login);
}

#[wasm_bindgen_test]
fn a_sign_in_crosses_as_plain_values() {
    let world = start(NOTHING);
    world.core.want(7, CALL);
    let (step, code, presented) = world.posted("the code");
    assert_eq!((code.as_str(), presented), ("the code", None));
    let sleeps: Vec<(u32, f64)> =
        serde_wasm_bindgen::from_value(world.take_all("sleep").into()).expect("steps and times");
    let expected = [(step - 2, 5_000.0), (step - 1, 6_000.0), (step, 10_000.0)];
    assert_eq!(sleeps, expected);

    world.core.answered(step, 200, "issued", 60.0, "", f64::NAN);
    let (kept,): ((u32, String, String, f64, f64),) = world.take("save");
    let expected = (1, LOGIN.into(), "issued".into(), 1_000_000.0, 60_000.0);
    assert_eq!(kept, expected);
    assert_eq!(world.take::<(u32, i32, u32)>("settle"), (7, GO, 0));
    assert_eq!(
        (world.id().as_deref(), world.core.generation()),
        (Some("issued"), 1)
    );
}

#[wasm_bindgen_test]
fn what_storage_gave_is_used_or_ignored_field_by_field() {
    assert_eq!(start(KEPT).id().as_deref(), Some("kept"));
    assert_eq!(start(KEPT).core.admit(1_000_000.0), 1);
    assert_eq!(
        start(KEPT).core.admit(1_060_000.0),
        0,
        "it is past its deadline"
    );
    assert_eq!(start(KEPT).core.admit(999_999.0), 0, "the clock jumped");
    for useless in [
        NOTHING,
        Given {
            version: 2.0,
            ..KEPT
        },
        Given {
            version: f64::NAN,
            ..KEPT
        },
        Given {
            login_url: "https://other.example/",
            ..KEPT
        },
        Given { id: "", ..KEPT },
    ] {
        assert_eq!(start(useless).id(), None);
    }
    let undated = Given {
        received: f64::NAN,
        lifetime: f64::NAN,
        ..KEPT
    };
    assert_eq!(
        start(undated).core.admit(1_000_000.0),
        1,
        "used until refused"
    );
}

#[wasm_bindgen_test]
fn the_id_that_is_replaced_is_presented() {
    let world = start(KEPT);
    world.core.refused(7, 1, 1, "session_expired");
    let (_, _, presented) = world.posted("the code");
    assert_eq!(presented.as_deref(), Some("kept"));
    assert_eq!(world.take_all("forget").length(), 1);
}

#[wasm_bindgen_test]
fn failures_cross_as_numbers_with_the_time_to_wait() {
    let world = start(NOTHING);
    world.core.want(7, TO_LOG_IN);
    let (step,): (u32,) = world.take("askCode");
    world.core.coded(step, "");
    let settled: (u32, i32, u32) = world.take("settle");
    assert_eq!(settled, (7, ErrorCode::LoginFailed as i32, 0));
    world.core.want(8, CALL);
    let settled: (u32, i32, u32) = world.take("settle");
    assert_eq!(settled, (8, ErrorCode::SignInPaused as i32, 1_000));
}

#[wasm_bindgen_test]
fn retry_after_comes_in_as_seconds_and_what_is_no_number_is_none() {
    for (seconds, milliseconds) in [(3.0, 3_000), (f64::NAN, 500), (-1.0, 500)] {
        let world = start(NOTHING);
        world.core.want(7, CALL);
        let (step, ..) = world.posted("the code");
        world.take_all("sleep");
        world
            .core
            .answered(step, 503, "", f64::NAN, "store_unavailable", seconds);
        let (_, wait): (u32, u32) = world.take("sleep");
        assert!((milliseconds..2 * milliseconds).contains(&wait), "{wait}");
    }
}

#[wasm_bindgen_test]
fn only_what_the_core_calls_a_refusal_is_held() {
    let world = start(KEPT);
    for status in [200, 403, 404, 500, 503] {
        assert_ne!(status, REFUSAL_STATUS);
    }
    assert_eq!(world.take_all("settle").length(), 0);
    world.core.refused(7, 1, 1, "session_replaced");
    assert_eq!(world.take::<(u32, i32, u32)>("settle"), (7, DELIVER, 0));
    world.core.want(8, CALL);
    let settled: (u32, i32, u32) = world.take("settle");
    assert_eq!(settled, (8, ErrorCode::SessionReplaced as i32, 0));
}

#[wasm_bindgen_test]
fn a_one_shot_call_is_refused_without_an_answer() {
    let world = start(KEPT);
    world.core.refused_one_shot(1, "");
    world.sign_in("issued");
    assert_eq!(world.core.generation(), 2);
    world.core.refused_one_shot(2, "");
    assert_eq!(world.core.generation(), 2, "the second refusal");
    world.core.refused_one_shot(2, "session_replaced");
    assert_eq!(world.core.generation(), 0);
    assert_eq!(world.take_all("settle").length(), 0);
}

#[wasm_bindgen_test]
fn phases_cross_as_numbers_before_what_follows_from_them() {
    let world = start(NOTHING);
    world.core.start();
    world.core.want(7, CALL);
    world.sign_in("issued");
    world.core.leave();
    let phases: Vec<(u8,)> =
        serde_wasm_bindgen::from_value(world.take_all("changed").into()).expect("phases");
    assert_eq!(phases, [(0,), (1,), (2,), (0,)]);
    assert_eq!(world.take::<(String,)>("end"), ("issued".to_owned(),));
}

#[wasm_bindgen_test]
fn any_string_crosses_whole() {
    let world = start(NOTHING);
    world.core.trust("https://例え.example/");
    assert!(
        !world.core.carries("https://例え.example/"),
        "two parsers could disagree about it"
    );
    assert!(world.core.carries("https://API.example.com/路径?查询=值"));
    world.core.want(7, CALL);
    let (_, code, _) = world.posted("码 \u{1F511} \u{0}");
    assert_eq!(code, "码 \u{1F511} \u{0}");
}

/// wx may call back before it returns, so that the core is called while it calls.
#[wasm_bindgen_test]
async fn a_host_that_calls_back_in_the_same_turn_is_served() {
    let world = start(NOTHING);
    let core = JsValue::from(world.core);
    let play = Function::new_with_args(
        "host, core",
        "host.also = (name, given) => {
           if (name === 'askCode') core.coded(given[0], 'the code')
           if (name === 'prepare') core.prepared(given[0], true)
           if (name === 'post') core.answered(given[0], 200, 'issued', 60, '', NaN)
           if (name === 'settle' && given[0] < 3) core.want(given[0] + 1, 0)
         }
         core.want(1, 0)
         return Promise.resolve(host.calls.filter(call => call[0] === 'settle').map(call => call.slice(1)))",
    );
    let promise: Promise = play
        .call2(&JsValue::UNDEFINED, &world.host, &core)
        .expect("no trap")
        .unchecked_into();
    let settled = JsFuture::from(promise).await.expect("the calls");
    let settled: Vec<(u32, i32, u32)> =
        serde_wasm_bindgen::from_value(settled).expect("what was settled");
    assert_eq!(settled, [(1, GO, 0), (2, GO, 0), (3, GO, 0)]);
}
