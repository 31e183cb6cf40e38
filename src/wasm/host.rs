//! What the core calls: the shim's side of [`Host`].

use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::exchange::Step;
use crate::flow::{Outcome, Phase, Ticket};
use crate::host::Host;
use crate::numbers;
use crate::session::Stored;

#[wasm_bindgen]
extern "C" {
    /// The shim's object. None of its methods throws.
    pub type JsHost;
    #[wasm_bindgen(method)]
    fn now(this: &JsHost) -> f64;
    #[wasm_bindgen(method)]
    fn save(this: &JsHost, stored: JsValue);
    #[wasm_bindgen(method)]
    fn forget(this: &JsHost);
    #[wasm_bindgen(method, js_name = askCode)]
    fn ask_code(this: &JsHost, step: u32);
    #[wasm_bindgen(method)]
    fn prepare(this: &JsHost, step: u32, code: &str);
    #[wasm_bindgen(method)]
    fn post(this: &JsHost, step: u32, code: &str, presented: Option<&str>);
    #[wasm_bindgen(method)]
    fn sleep(this: &JsHost, step: u32, milliseconds: u32);
    /// `outcome` is the number that [`numbers::outcome`] gives.
    #[wasm_bindgen(method)]
    fn settle(this: &JsHost, ticket: u32, outcome: i32, retry_after: u32);
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
        // Numbers and strings always convert.
        self.save(serde_wasm_bindgen::to_value(&stored).unwrap_or(JsValue::UNDEFINED));
    }

    fn forget(&self) {
        self.forget();
    }

    fn ask_code(&self, step: Step) {
        self.ask_code(step);
    }

    fn prepare(&self, step: Step, code: &str) {
        self.prepare(step, code);
    }

    fn post(&self, step: Step, code: &str, presented: Option<&str>) {
        self.post(step, code, presented);
    }

    fn sleep(&self, step: Step, milliseconds: u32) {
        self.sleep(step, milliseconds);
    }

    fn settle(&self, ticket: Ticket, outcome: Outcome) {
        let retry_after = match outcome {
            Outcome::Fail(failure) => failure.retry_after,
            Outcome::Go | Outcome::Deliver => 0,
        };
        self.settle(ticket, numbers::outcome(outcome), retry_after);
    }

    fn end(&self, id: &str) {
        self.end(id);
    }

    fn changed(&self, phase: Phase) {
        self.changed(phase as u8);
    }
}
