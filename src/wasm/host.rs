//! What the core calls: the shim's side of [`Host`].

use std::borrow::Cow;

use serde::Serialize;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use wxsession_protocol::SignIn;

use crate::exchange::Step;
use crate::flow::{Outcome, Phase, Ticket};
use crate::host::Host;
use crate::session::Stored;

#[wasm_bindgen]
extern "C" {
    /// The shim's object; none of its methods throws.
    pub type JsHost;
    #[wasm_bindgen(method)]
    fn now(this: &JsHost) -> f64;
    #[wasm_bindgen(method)]
    fn save(this: &JsHost, stored: JsValue);
    #[wasm_bindgen(method)]
    fn forget(this: &JsHost);
    #[wasm_bindgen(method)]
    fn code(this: &JsHost, step: u32);
    #[wasm_bindgen(method)]
    fn post(this: &JsHost, step: u32, body: JsValue, presented: Option<&str>);
    #[wasm_bindgen(method)]
    fn sleep(this: &JsHost, step: u32, milliseconds: f64);
    #[wasm_bindgen(method)]
    fn settle(this: &JsHost, ticket: u32, outcome: i32, retry_after: f64);
    #[wasm_bindgen(method)]
    fn end(this: &JsHost, id: &str);
    #[wasm_bindgen(method)]
    fn changed(this: &JsHost, phase: u8);
}

impl Host for JsHost {
    fn now(&self) -> u64 {
        self.now() as u64
    }

    fn random(&self) -> f64 {
        js_sys::Math::random()
    }

    fn save(&self, stored: Stored) {
        self.save(to_value(&stored));
    }

    fn forget(&self) {
        self.forget();
    }

    fn code(&self, step: Step) {
        self.code(step);
    }

    fn post(&self, step: Step, code: &str, presented: Option<&str>) {
        let body = SignIn {
            code: Cow::Borrowed(code),
            appid: None,
        };
        self.post(step, to_value(&body), presented);
    }

    fn sleep(&self, step: Step, milliseconds: u64) {
        self.sleep(step, milliseconds as f64);
    }

    fn settle(&self, ticket: Ticket, outcome: Outcome) {
        let retry_after = match outcome {
            Outcome::Fail(failure) => failure.retry_after.unwrap_or(0),
            Outcome::Go | Outcome::Deliver => 0,
        };
        self.settle(ticket, number(outcome), retry_after as f64);
    }

    fn end(&self, id: &str) {
        self.end(id);
    }

    fn changed(&self, phase: Phase) {
        self.changed(phase as u8);
    }
}

/// The number by which the shim knows an outcome; a failure goes by its code's own.
fn number(outcome: Outcome) -> i32 {
    match outcome {
        Outcome::Go => -1,
        Outcome::Deliver => -2,
        Outcome::Fail(failure) => failure.code as i32,
    }
}

/// Structs of strings and numbers always convert.
fn to_value(value: &impl Serialize) -> JsValue {
    serde_wasm_bindgen::to_value(value).unwrap_or(JsValue::UNDEFINED)
}
