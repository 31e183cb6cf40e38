//! The module as the script calls it: numbers in both directions, through the exports.
#![cfg(target_arch = "wasm32")]

use js_sys::{Array, Function, Reflect};
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;
use wxsession::error::ErrorCode;
use wxsession::flow::Want;
use wxsession::numbers::{DELIVER, ERRANDS, GO, INTERRUPTED, UNREACHABLE, WANTS};
use wxsession::policy::REFUSAL_STATUS;
// Links the exports too, most of which are called by their names only.
use wxsession::wasm;

const NOW: f64 = 1_000_000.0;
/// What the script passes for a problem that it does not know.
const NO_PROBLEM: f64 = -1.0;

/// Calls an export with these arguments, as JavaScript does.
fn call<T: DeserializeOwned>(name: &str, arguments: &[JsValue]) -> T {
    let export = Reflect::get(&wasm_bindgen::exports(), &name.into()).expect("the exports");
    let export: Function = export.dyn_into().expect("an exported function");
    let arguments: Array = arguments.iter().collect();
    let returned = Reflect::apply(&export, &JsValue::UNDEFINED, &arguments).expect("no trap");
    serde_wasm_bindgen::from_value(returned).expect("a value of that type")
}

/// An errand, as its name and its arguments.
type Errand = (&'static str, [i32; 3]);

/// A core. All tests share one instance of the module, so each begins with a fresh one.
struct World;

impl World {
    fn start(kept: f64, lifetime: f64) -> Self {
        wasm::renew();
        at(NOW);
        let times = [5_000.0, 6_000.0, 10_000.0];
        let [ended, presents, leaves] = [0.0, 1.0, 0.0];
        let kept = [kept, NOW, lifetime, ended, presents, leaves];
        Self.tell("start", &[&times[..], &kept].concat());
        Self
    }

    fn ask<T: DeserializeOwned>(&self, name: &str, arguments: &[f64]) -> T {
        let arguments: Vec<_> = arguments.iter().copied().map(JsValue::from).collect();
        call(name, &arguments)
    }

    fn tell(&self, name: &str, arguments: &[f64]) {
        self.ask::<()>(name, arguments);
    }

    fn next(&self) -> Option<Errand> {
        let errand: i32 = self.ask("next", &[]);
        let name = ERRANDS.get(usize::try_from(errand).ok()?)?;
        Some((
            name,
            [0, 1, 2].map(|place| call("argument", &[place.into()])),
        ))
    }

    fn errands(&self) -> Vec<Errand> {
        std::iter::from_fn(|| self.next()).collect()
    }

    /// `wx.login` gives the code with this number, and the app has nothing to send along. Returns the arguments of the post.
    fn posted(&self, code: f64) -> [i32; 3] {
        let [step, ..] = self.last("AskCode");
        self.tell("coded", &[step.into(), code]);
        let [step, prepared, _] = self.last("Prepare");
        assert_eq!(f64::from(prepared), code);
        self.tell("prepared", &[step.into(), 1.0]);
        self.last("Post")
    }

    fn last(&self, name: &str) -> [i32; 3] {
        let errands = self.errands();
        let found = errands.iter().rfind(|errand| errand.0 == name);
        found.expect("that is to be done").1
    }

    fn sign_in(&self, id: f64) {
        let [step, ..] = self.posted(1.0);
        let arguments = [step.into(), 200.0, id, 60_000.0, NO_PROBLEM, f64::NAN];
        self.tell("answered", &arguments);
    }

    /// What a call may go with at once, the generation of the session that stands, and its number.
    fn standing(&self) -> [u32; 3] {
        ["admit", "generation", "id"].map(|name| self.ask(name, &[]))
    }
}

/// The number of a want, which is its place.
fn number(want: Want) -> f64 {
    let place = WANTS.iter().position(|other| *other == want);
    place.expect("every want has a place") as f64
}

fn at(now: f64) {
    call::<()>("at", &[now.into(), 0.0.into()]);
}

#[wasm_bindgen_test]
fn a_sign_in_crosses_as_plain_values() {
    let world = World::start(0.0, 0.0);
    assert_eq!(world.errands(), [("Changed", [0, 0, 0])]);
    assert_eq!(world.standing(), [0, 0, 0]);
    world.tell("want", &[7.0, number(Want::Call)]);
    let errands = world.errands();
    assert_eq!(
        errands,
        [
            ("Changed", [1, 0, 0]),
            ("Sleep", [1, 5_000, 0]),
            ("AskCode", [1, 0, 0])
        ]
    );
    world.tell("coded", &[1.0, 9.0]);
    let errands = world.errands();
    assert_eq!(errands, [("Sleep", [2, 6_000, 0]), ("Prepare", [2, 9, 0])]);
    world.tell("prepared", &[2.0, 1.0]);
    let errands = world.errands();
    assert_eq!(errands, [("Sleep", [3, 10_000, 0]), ("Post", [3, 9, 0])]);
    world.tell(
        "answered",
        &[3.0, 200.0, 5.0, 60_000.0, NO_PROBLEM, f64::NAN],
    );
    assert_eq!(
        world.errands(),
        [
            ("Keep", [5, 0, 0]),
            ("Changed", [2, 0, 0]),
            ("Settle", [7, GO, 0])
        ]
    );
    assert_eq!(world.standing(), [1, 1, 5]);
}

#[wasm_bindgen_test]
fn the_attempt_whose_credentials_go_along_is_told_with_every_code() {
    let world = World::start(0.0, 0.0);
    world.tell("want", &[7.0, number(Want::Attempt)]);
    world.tell("want", &[8.0, number(Want::Call)]);
    assert_eq!(world.last("AskCode"), [1, 7, 0]);
    world.tell("coded", &[1.0, 0.0]);
    let failed = ErrorCode::LoginFailed as i32;
    let settled: Vec<_> = world
        .errands()
        .into_iter()
        .filter(|errand| errand.0 == "Settle")
        .collect();
    assert_eq!(
        settled,
        [("Settle", [7, failed, 0]), ("Settle", [8, DELIVER, 0])]
    );
    world.tell("want", &[8.0, number(Want::Call)]);
    assert_eq!(world.last("AskCode")[1..], [0, 0], "a silent one has none");
}

#[wasm_bindgen_test]
fn a_kept_session_goes_at_once_until_its_deadline() {
    let world = World::start(3.0, 60_000.0);
    assert_eq!(world.errands(), [("Changed", [2, 0, 0])]);
    assert_eq!(world.standing(), [1, 1, 3]);
    for (time, why) in [
        (NOW + 60_000.0, "past its deadline"),
        (NOW - 1.0, "the clock jumped"),
        (f64::NAN, "a time that is no number is before all others"),
    ] {
        at(time);
        assert_eq!(world.ask::<u32>("admit", &[]), 0, "{why}");
    }
    let world = World::start(3.0, f64::NAN);
    at(NOW + 1e12);
    assert_eq!(world.ask::<u32>("admit", &[]), 1, "used until refused");
}

#[wasm_bindgen_test]
fn the_id_that_is_replaced_is_presented() {
    let world = World::start(3.0, 60_000.0);
    world.tell("refused", &[7.0, 1.0, 1.0, NO_PROBLEM]);
    assert_eq!(world.posted(1.0)[1..], [1, 3]);
}

#[wasm_bindgen_test]
fn failures_cross_as_numbers_with_the_time_to_wait() {
    let world = World::start(0.0, 0.0);
    world.tell("want", &[7.0, number(Want::Login)]);
    let [step, ..] = world.last("AskCode");
    world.tell("coded", &[step.into(), 0.0]);
    let failed = ErrorCode::LoginFailed as i32;
    assert_eq!(world.last("Settle"), [7, failed, 0]);
    world.tell("want", &[8.0, number(Want::Call)]);
    let paused = ErrorCode::SignInPaused as i32;
    assert_eq!(world.last("Settle"), [8, paused, 1_000]);
}

#[wasm_bindgen_test]
fn a_retry_after_that_is_no_number_is_none() {
    for (retry_after, wait) in [(3_000.0, 3_000), (f64::NAN, 500), (-1.0, 500)] {
        let world = World::start(0.0, 0.0);
        world.tell("want", &[7.0, number(Want::Call)]);
        let [step, ..] = world.posted(1.0);
        let arguments = [step.into(), 503.0, 0.0, 0.0, NO_PROBLEM, retry_after];
        world.tell("answered", &arguments);
        assert_eq!(world.last("Sleep")[1], wait);
    }
}

#[wasm_bindgen_test]
fn an_exchange_that_was_not_answered_crosses_in_place_of_a_status() {
    for (status, code) in [
        (UNREACHABLE, ErrorCode::Network),
        (INTERRUPTED, ErrorCode::Interrupted),
    ] {
        let world = World::start(0.0, 0.0);
        world.tell("want", &[7.0, number(Want::Call)]);
        let [mut step, ..] = world.posted(1.0);
        for _ in 0..2 {
            world.tell(
                "answered",
                &[step.into(), status.into(), 0.0, 0.0, 0.0, 0.0],
            );
            let [waiting, ..] = world.last("Sleep");
            world.tell("elapsed", &[waiting.into()]);
            [step, ..] = world.last("Post");
        }
        world.tell(
            "answered",
            &[step.into(), status.into(), 0.0, 0.0, 0.0, 0.0],
        );
        assert_eq!(world.last("Settle"), [7, code as i32, 0]);
    }
}

#[wasm_bindgen_test]
fn only_what_the_core_calls_a_refusal_is_held() {
    let world = World::start(3.0, 60_000.0);
    for status in [200, 403, 404, 500, 503] {
        assert_ne!(status, REFUSAL_STATUS);
    }
    let replaced = f64::from(ErrorCode::SessionReplaced as u8);
    world.tell("refused", &[7.0, 1.0, 1.0, replaced]);
    assert_eq!(world.last("Settle"), [7, DELIVER, 0]);
    world.tell("want", &[8.0, number(Want::Call)]);
    let replaced = ErrorCode::SessionReplaced as i32;
    assert_eq!(world.last("Settle"), [8, replaced, 0]);
}

#[wasm_bindgen_test]
fn a_one_shot_call_is_refused_without_an_answer() {
    let world = World::start(3.0, 60_000.0);
    world.tell("refused_one_shot", &[1.0, NO_PROBLEM]);
    world.sign_in(4.0);
    assert_eq!(world.standing()[1..], [2, 4]);
    world.tell("refused_one_shot", &[2.0, NO_PROBLEM]);
    assert_eq!(world.standing()[1..], [2, 4], "the second refusal");
    let replaced = f64::from(ErrorCode::SessionReplaced as u8);
    world.tell("refused_one_shot", &[2.0, replaced]);
    assert_eq!(world.standing(), [0, 0, 0]);
    let errands = world.errands();
    assert!(errands.iter().all(|(name, _)| *name != "Settle"));
}

#[wasm_bindgen_test]
fn phases_cross_as_numbers_before_what_follows_from_them() {
    let world = World::start(3.0, 0.0);
    world.tell("leave", &[]);
    assert_eq!(
        world.errands(),
        [
            ("Changed", [2, 0, 0]),
            ("Keep", [0, ErrorCode::SignedOut as i32, 0]),
            ("Changed", [0, 0, 0]),
            ("End", [3, 0, 0])
        ]
    );
}

/// wx may call back before it returns: then the script tells the core of something between two errands.
#[wasm_bindgen_test]
fn a_host_that_calls_back_in_the_same_turn_is_served() {
    let world = World::start(0.0, 0.0);
    world.tell("want", &[1.0, number(Want::Call)]);
    let mut settled = Vec::new();
    while let Some((name, [first, second, _])) = world.next() {
        let step = f64::from(first);
        match name {
            "AskCode" => world.tell("coded", &[step, 1.0]),
            "Prepare" => world.tell("prepared", &[step, 1.0]),
            "Post" => world.tell("answered", &[step, 200.0, 5.0, 0.0, NO_PROBLEM, f64::NAN]),
            "Settle" => {
                settled.push((first, second));
                if first < 3 {
                    world.tell("want", &[step + 1.0, number(Want::Call)]);
                }
            }
            _ => {}
        }
    }
    assert_eq!(settled, [(1, GO), (2, GO), (3, GO)]);
}

/// Nothing is freed, so every sign-in has to use the same memory again.
#[wasm_bindgen_test]
fn a_million_sign_ins_take_no_more_memory_than_one() {
    World::start(0.0, 0.0);
    let [new, shared] = [Want::NewLogin, Want::Call].map(|want| number(want) as u32);
    let sign_in = |number: u32| {
        // Two wait, one of them for a new session.
        wasm::want(1, new);
        wasm::want(2, shared);
        let step = 4 * number;
        wasm::coded(step + 1, 1);
        wasm::prepared(step + 2, true);
        wasm::answered(step + 3, 200, number + 1, 60_000.0, 0, 0.0);
        while wasm::next() >= 0 {}
    };
    sign_in(0);
    let pages = || core::arch::wasm32::memory_size(0);
    let before = pages();
    (1..1_000_000).for_each(sign_in);
    assert_eq!(wasm::generation(), 1_000_000);
    assert_eq!(pages(), before);
}
