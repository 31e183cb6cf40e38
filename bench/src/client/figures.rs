//! The figures of the package, as written to the JSON file.

use serde::Serialize;

use crate::budget::Budget;
use crate::circumstances::Circumstances;
use crate::statistics::Spread;

/// All figures of a run.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Figures {
    pub(super) measured: Circumstances,
    pub(super) libraries: Vec<LibrarySize>,
    /// The files that ship.
    pub(super) files: Vec<Part>,
    /// The module by crate. Compressed bytes are shared out in proportion.
    pub(super) module: Vec<Part>,
    /// The script by source. Compressed bytes are shared out in proportion.
    pub(super) script: Vec<Part>,
    pub(super) cost: Vec<Cost>,
    pub(super) start: Vec<Start>,
    pub(super) storms: Vec<Storm>,
    pub(super) budgets: Vec<Budget>,
}

/// The bytes that a library adds to a mini program.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LibrarySize {
    pub(super) library: String,
    pub(super) version: String,
    pub(super) note: String,
    pub(super) raw: usize,
    pub(super) brotli: usize,
    /// The raw bytes of the set-up, which an app has to write itself.
    pub(super) set_up: usize,
}

/// A part of something, in bytes.
#[derive(Serialize)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) raw: usize,
    pub(super) brotli: usize,
}

/// What a request with a live session costs over `wx.request` itself, in microseconds.
#[derive(Serialize)]
pub(super) struct Cost {
    pub(super) engine: String,
    pub(super) library: String,
    /// The error, if the library does not run on the engine.
    pub(super) failure: Option<String>,
    /// `wx.request` itself.
    pub(super) bare: Option<Spread>,
    pub(super) over: Option<Spread>,
}

/// From evaluating the scripts to the first call that carries the session, in milliseconds.
#[derive(Serialize)]
pub(super) struct Start {
    pub(super) library: String,
    /// Whether an earlier start left a session.
    pub(super) kept: bool,
    pub(super) total: Spread,
    /// The part for parsing and evaluating the scripts.
    pub(super) scripts: f64,
    /// The part for unpacking the module.
    pub(super) unpacking: Option<f64>,
    /// The part for compiling the module.
    pub(super) compiling: Option<f64>,
}

/// The counts of twenty calls at once.
#[derive(Serialize)]
pub(super) struct Storm {
    pub(super) library: String,
    /// `cold`, `together` or `staggered`.
    pub(super) scene: String,
    #[serde(flatten)]
    pub(super) counts: Counts,
}

/// The counts of a storm.
#[derive(Clone, Copy, Serialize, serde::Deserialize)]
pub(super) struct Counts {
    pub(super) logins: u32,
    pub(super) exchanges: u32,
    /// Calls of `wx.request` besides the exchanges.
    pub(super) requests: u32,
    /// Calls that succeeded.
    pub(super) answered: u32,
    /// Calls that failed.
    pub(super) failed: u32,
    /// Calls that never ended.
    pub(super) lost: u32,
}
