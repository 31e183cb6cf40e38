//! Stands in for `signing` where the feature `signed` is off: nothing is signed, and nothing of it is in the program.

use js_sys::Object;
use wasm_bindgen::JsValue;

use crate::answer::Answer;
use crate::options::Options;

pub(crate) struct Signing;

impl Signing {
    pub(crate) fn new(_: &Options) -> Self {
        Self
    }

    pub(crate) fn asked(&self) -> Vec<(&'static str, JsValue)> {
        Vec::new()
    }

    pub(crate) fn learn(&self, _: &JsValue) {}

    pub(crate) fn restored(&self, _: &JsValue, version: f64) -> f64 {
        version
    }

    pub(crate) fn keep(&self, _: &str, _: u32, _: &Object) {}

    pub(crate) fn sign(&self, _: &Object, _: &str) {}

    pub(crate) fn is_late(&self, _: &Answer) -> bool {
        false
    }
}
