//! What a person sees while a command runs.

use std::time::Instant;

use anyhow::Result;

/// Announces a group of steps.
pub(crate) fn heading(text: &str) {
    println!("\n{text}");
}

/// Says what is being done, does it, and says how long it took.
pub(crate) fn step<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("  … {what}");
    let started = Instant::now();
    let result = work();
    let mark = if result.is_ok() { "✓" } else { "✗" };
    println!("  {mark} {what}: {:.1} s", started.elapsed().as_secs_f64());
    result
}

/// Says that something was there already.
pub(crate) fn ready(what: &str) {
    println!("  ✓ {what}: ready");
}
