//! The global `wx`. Nothing that it returns or throws does harm.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use wxsession::session::Stored;

use crate::signing::Signing;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = wx)]
    pub(crate) fn login(options: &Object) -> Result<JsValue, JsValue>;
    /// Returns the task, which can be aborted.
    #[wasm_bindgen(catch, js_namespace = wx)]
    pub(crate) fn request(options: &Object) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = wx, js_name = getStorageSync)]
    fn get_storage(key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = wx, js_name = setStorageSync)]
    fn set_storage(key: &str, value: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_namespace = wx, js_name = removeStorageSync)]
    fn remove_storage(key: &str) -> Result<(), JsValue>;

    #[wasm_bindgen(catch, js_name = setTimeout)]
    pub(crate) fn set_timeout(run: &Function, milliseconds: u32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = clearTimeout)]
    pub(crate) fn clear_timeout(timer: &JsValue) -> Result<(), JsValue>;

    /// What `wx.request` returned, which may be anything.
    pub(crate) type Task;
    #[wasm_bindgen(catch, method)]
    pub(crate) fn abort(this: &Task) -> Result<(), JsValue>;
}

/// Calls a method of wx before it returns. The method's callbacks settle the promise; the value is what the method
/// returned.
pub(crate) fn call(
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

/// Makes a request whose result does not matter. The promise resolves when the request ends, however it ends, or after
/// this many milliseconds.
pub(crate) fn ended(options: &Object, milliseconds: u32) -> Promise {
    Promise::new(&mut |resolve, _| {
        set(options, "success", &resolve);
        set(options, "fail", &resolve);
        let is_timed = set_timeout(&resolve, milliseconds).is_ok();
        if request(options).is_err() || !is_timed {
            let _ = resolve.call0(&JsValue::UNDEFINED);
        }
    })
}

/// Reads what storage keeps under this key, field by field. A missing number is NaN.
pub(crate) fn stored(key: &str, signing: &Signing) -> Option<Stored> {
    let value = get_storage(key).ok()?;
    let number = |name| number(&property(&value, name)).unwrap_or(f64::NAN);
    let string = |name| text(&property(&value, name));
    Some(Stored {
        version: signing.restored(&value, number("version")) as u32,
        login_url: string("loginUrl")?,
        id: string("id").unwrap_or_default(),
        received: number("received"),
        lifetime: number("lifetime"),
        ended: number("ended") as u32,
    })
}

/// Stores a session or an ending in the form of the npm package. Returns whether storage works.
pub(crate) fn store(key: &str, stored: &Stored, signing: &Signing) -> bool {
    let value = object(&[
        ("version", stored.version.into()),
        ("loginUrl", stored.login_url.as_str().into()),
    ]);
    if stored.ended == 0 {
        set(&value, "id", &stored.id.as_str().into());
        set(&value, "received", &stored.received.into());
        set(&value, "lifetime", &stored.lifetime.into());
        signing.keep(&stored.id, stored.version, &value);
    } else {
        set(&value, "ended", &stored.ended.into());
    }
    // If this fails the session lives on in memory, and the next launch signs in again.
    set_storage(key, &value).is_ok()
}

/// Removes what storage keeps, or overwrites it with an empty value.
pub(crate) fn unstore(key: &str) {
    if remove_storage(key).is_err() {
        let _ = set_storage(key, &"".into());
    }
}

/// An object with these properties.
pub(crate) fn object(properties: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in properties {
        set(&object, name, value);
    }
    object
}

/// Sets a property of an object made here, which cannot fail.
pub(crate) fn set(object: &Object, name: &str, value: &JsValue) {
    let _ = Reflect::set(object, &name.into(), value);
}

/// A property of any value; undefined if there is none or reading it throws.
pub(crate) fn property(value: &JsValue, name: &str) -> JsValue {
    Reflect::get(value, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// A string, but not a value that converts to one.
pub(crate) fn text(value: &JsValue) -> Option<String> {
    value.as_string()
}

/// A number, but not a value that converts to one.
pub(crate) fn number(value: &JsValue) -> Option<f64> {
    value.as_f64()
}
