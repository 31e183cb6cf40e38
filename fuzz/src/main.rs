//! Runs one target under libFuzzer.
#![no_main]

use std::env;
use std::sync::LazyLock;

use wxsession_fuzz::{TARGETS, Target};

static CHOSEN: LazyLock<Target> = LazyLock::new(|| {
    let name = env::var("WXSESSION_FUZZ").unwrap_or_default();
    let chosen = TARGETS.into_iter().find(|target| target.name == name);
    chosen.expect("WXSESSION_FUZZ names a target, one of the folders in fuzz/corpus")
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| (CHOSEN.run)(data));
