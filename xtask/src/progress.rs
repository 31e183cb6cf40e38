//! Progress messages of a running command.

use std::time::Instant;

use anyhow::Result;

/// Announces a group of steps.
pub fn heading(text: &str) {
    println!("\n{text}");
}

/// Announces a step, runs it, and reports how long the step took.
pub fn step<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let step = Step::begin(what);
    let result = work();
    step.end(result.is_ok(), "");
    result
}

/// A step in progress.
pub struct Step<'a> {
    what: &'a str,
    started: Instant,
}

impl<'a> Step<'a> {
    /// Announces the step.
    pub fn begin(what: &'a str) -> Self {
        println!("  … {what}");
        Self {
            what,
            started: Instant::now(),
        }
    }

    /// Reports the outcome, an optional note, and how long the step took.
    pub fn end(self, success: bool, note: &str) {
        let mark = if success { "✓" } else { "✗" };
        let separator = if note.is_empty() { "" } else { ", " };
        let seconds = self.started.elapsed().as_secs_f64();
        println!("  {mark} {}: {note}{separator}{seconds:.1} s", self.what);
    }
}

/// Reports that something exists already.
pub fn ready(what: &str) {
    println!("  ✓ {what}: ready");
}
