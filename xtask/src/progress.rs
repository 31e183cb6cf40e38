//! What a person sees while a command runs.

use std::time::Instant;

use anyhow::Result;

/// Announces a group of steps.
pub fn heading(text: &str) {
    println!("\n{text}");
}

/// Says what is being done, does it, and says how long it took.
pub fn step<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let step = Step::begin(what);
    let result = work();
    step.end(result.is_ok(), "");
    result
}

/// Something that is being done.
pub struct Step<'a> {
    what: &'a str,
    started: Instant,
}

impl<'a> Step<'a> {
    /// Says what is being done.
    pub fn begin(what: &'a str) -> Self {
        println!("  … {what}");
        Self {
            what,
            started: Instant::now(),
        }
    }

    /// Says how it went, with a note if there is something to add, and how long it took.
    pub fn end(self, success: bool, note: &str) {
        let mark = if success { "✓" } else { "✗" };
        let separator = if note.is_empty() { "" } else { ", " };
        let seconds = self.started.elapsed().as_secs_f64();
        println!("  {mark} {}: {note}{separator}{seconds:.1} s", self.what);
    }
}

/// Says that something was there already.
pub fn ready(what: &str) {
    println!("  ✓ {what}: ready");
}
