//! A timer that stops when it is dropped.

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

use crate::wx;

pub(crate) struct Timer {
    handle: JsValue,
    /// The function that the timer calls: it must live as long as the timer.
    _run: Closure<dyn FnMut()>,
}

impl Timer {
    /// Calls `run` after this many milliseconds. `None` if the runtime has no timers.
    pub(crate) fn start(milliseconds: u32, run: impl FnMut() + 'static) -> Option<Self> {
        let run = Closure::new(run);
        let handle = wx::set_timeout(run.as_ref().unchecked_ref(), milliseconds).ok()?;
        Some(Self { handle, _run: run })
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        let _ = wx::clear_timeout(&self.handle);
    }
}
