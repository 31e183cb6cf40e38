//! The global `wx`, asked in a way that nothing it gives or throws does harm.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::session::Stored;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = wx)]
    pub(super) fn login(options: &Object) -> Result<JsValue, JsValue>;
    /// Gives the task, which can be aborted.
    #[wasm_bindgen(catch, js_namespace = wx)]
    pub(super) fn request(options: &Object) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = wx, js_name = getStorageSync)]
    fn get_storage(key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = wx, js_name = setStorageSync)]
    fn set_storage(key: &str, value: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_namespace = wx, js_name = removeStorageSync)]
    fn remove_storage(key: &str) -> Result<(), JsValue>;

    #[wasm_bindgen(catch, js_name = setTimeout)]
    pub(super) fn set_timeout(run: &Function, milliseconds: u32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = clearTimeout)]
    pub(super) fn clear_timeout(timer: &JsValue) -> Result<(), JsValue>;

    /// What `wx.request` gave; it may be anything.
    pub(super) type Task;
    #[wasm_bindgen(catch, method)]
    pub(super) fn abort(this: &Task) -> Result<(), JsValue>;
}

/// Calls a method of wx, which is done when this returns; its callbacks settle the promise. Beside it, what the
/// method gave.
pub(super) fn call(
    method: fn(&Object) -> Result<JsValue, JsValue>,
    options: &Object,
) -> (Promise, JsValue) {
    let mut given = JsValue::UNDEFINED;
    let promise = Promise::new(&mut |resolve, reject| {
        set(options, "success", &resolve);
        set(options, "fail", &reject);
        match method(options) {
            Ok(task) => given = task,
            Err(thrown) => {
                // The promise's own function, which does not throw.
                let _ = reject.call1(&JsValue::UNDEFINED, &thrown);
            }
        }
    });
    (promise, given)
}

/// Makes a request of which only the end counts. The promise is there when it has ended in whatever way, or after
/// this many milliseconds.
pub(super) fn ended(options: &Object, milliseconds: u32) -> Promise {
    Promise::new(&mut |resolve, _| {
        set(options, "success", &resolve);
        set(options, "fail", &resolve);
        let is_timed = set_timeout(&resolve, milliseconds).is_ok();
        if request(options).is_err() || !is_timed {
            let _ = resolve.call0(&JsValue::UNDEFINED);
        }
    })
}

/// What storage keeps under this key, field by field; what is missing is not a number.
pub(super) fn stored(key: &str) -> Option<Stored> {
    let value = get_storage(key).ok()?;
    let number = |name| number(&property(&value, name)).unwrap_or(f64::NAN);
    Some(Stored {
        version: number("version") as u32,
        login_url: text(&property(&value, "loginUrl"))?,
        id: text(&property(&value, "id"))?,
        received: number("received"),
        lifetime: number("lifetime"),
    })
}

/// Keeps a session in the form that the package's shim keeps it in, if storage works.
pub(super) fn store(key: &str, stored: &Stored) {
    let value = object(&[
        ("version", stored.version.into()),
        ("loginUrl", stored.login_url.as_str().into()),
        ("id", stored.id.as_str().into()),
        ("received", stored.received.into()),
        ("lifetime", stored.lifetime.into()),
    ]);
    // Without it the session lives on in memory; only the next start signs in again.
    let _ = set_storage(key, &value);
}

/// Removes what storage keeps, or writes an empty value over it.
pub(super) fn unstore(key: &str) {
    if remove_storage(key).is_err() {
        let _ = set_storage(key, &"".into());
    }
}

/// An object with those properties.
pub(super) fn object(properties: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in properties {
        set(&object, name, value);
    }
    object
}

/// Sets a property of an object of our own, which takes every one.
pub(super) fn set(object: &Object, name: &str, value: &JsValue) {
    let _ = Reflect::set(object, &name.into(), value);
}

/// A property of anything; undefined where there is none, and where reading it throws.
pub(super) fn property(value: &JsValue, name: &str) -> JsValue {
    Reflect::get(value, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// A string and nothing that only converts to one.
pub(super) fn text(value: &JsValue) -> Option<String> {
    value.as_string()
}

/// A number and nothing that only converts to one.
pub(super) fn number(value: &JsValue) -> Option<f64> {
    value.as_f64()
}
