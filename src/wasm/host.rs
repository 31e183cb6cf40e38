//! What the core calls: the shim's side of [`Host`].

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeMap, Serializer};
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
    fn prepare(this: &JsHost, step: u32, code: &str);
    #[wasm_bindgen(method)]
    fn post(this: &JsHost, step: u32, body: JsValue, presented: Option<&str>);
    #[wasm_bindgen(method)]
    fn sleep(this: &JsHost, step: u32, milliseconds: u32);
    /// `outcome` is -1 to go, -2 to deliver the refusal, or the number of the code that the call fails with.
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
        self.save(to_value(&Keep(stored)));
    }

    fn forget(&self) {
        self.forget();
    }

    fn code(&self, step: Step) {
        self.code(step);
    }

    fn prepare(&self, step: Step, code: &str) {
        self.prepare(step, code);
    }

    fn post(&self, step: Step, code: &str, presented: Option<&str>) {
        let body = SignIn {
            code: Cow::Borrowed(code),
            appid: None,
        };
        self.post(step, to_value(&body), presented);
    }

    fn sleep(&self, step: Step, milliseconds: u32) {
        self.sleep(step, milliseconds);
    }

    fn settle(&self, ticket: Ticket, outcome: Outcome) {
        let (number, retry_after) = match outcome {
            Outcome::Go => (-1, 0),
            Outcome::Deliver => (-2, 0),
            Outcome::Fail(failure) => (failure.code as i32, failure.retry_after),
        };
        self.settle(ticket, number, retry_after);
    }

    fn end(&self, id: &str) {
        self.end(id);
    }

    fn changed(&self, phase: Phase) {
        self.changed(phase as u8);
    }
}

/// What storage keeps, by name. A map for the reason that [`SignIn`] is one.
struct Keep(Stored);

impl Serialize for Keep {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Stored {
            version,
            login_url,
            id,
            received,
            lifetime,
        } = &self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("version", version)?;
        map.serialize_entry("loginUrl", login_url)?;
        map.serialize_entry("id", id)?;
        map.serialize_entry("received", received)?;
        map.serialize_entry("lifetime", lifetime)?;
        map.end()
    }
}

/// An object with those names; strings and numbers always convert.
fn to_value(value: &impl Serialize) -> JsValue {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
    value.serialize(&serializer).unwrap_or(JsValue::UNDEFINED)
}
