//! All that was measured, as it stands in the JSON file.

use serde::Serialize;

use crate::budget::Budget;
use crate::circumstances::Circumstances;
use crate::statistics::Spread;

/// The whole run.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Figures {
    pub(super) measured: Circumstances,
    /// How many connections asked at once.
    pub(super) connections: u32,
    /// How many sessions they presented in turn.
    pub(super) sessions: usize,
    pub(super) services: Vec<Service>,
    pub(super) validations: Vec<Validation>,
    pub(super) outages: Vec<Outage>,
    pub(super) millions: Vec<Million>,
    pub(super) budgets: Vec<Budget>,
}

/// A service that took part.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Service {
    pub(super) name: &'static str,
    pub(super) is_ours: bool,
    /// What a reader of its figures has to know.
    pub(super) note: &'static str,
}

/// Requests with a live session.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Validation {
    pub(super) service: String,
    /// Requests a second at full load, over those of the hand-written service in the same round.
    pub(super) ratio: Spread,
    pub(super) full: Latency,
    pub(super) moderate: Latency,
    /// Microseconds of the service's processor time for each request at full load.
    pub(super) processor: Spread,
    /// The same of Redis.
    pub(super) redis: Option<Spread>,
    /// The memory of the service's process, in bytes.
    pub(super) resident: f64,
}

/// How soon answers come at some load.
#[derive(Serialize)]
pub(super) struct Latency {
    /// Requests answered in a second.
    pub(super) rate: Spread,
    /// In milliseconds.
    pub(super) p50: Spread,
    /// In milliseconds.
    pub(super) p99: Spread,
}

/// What users see of Redis in trouble.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Outage {
    pub(super) service: String,
    /// The slowest answer while Redis hung; nothing if a request got none in time.
    pub(super) hung: Option<Reply>,
    /// Milliseconds to the first good answer after Redis went on.
    pub(super) resumed: Option<f64>,
    /// The answer while there was no Redis.
    pub(super) away: Option<Reply>,
    /// Milliseconds to the first good answer after Redis was started anew.
    pub(super) restarted: Option<f64>,
    /// Whether the service's process outlived it all.
    pub(super) survived: bool,
}

/// An answer.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) milliseconds: f64,
}

/// What a million users take.
#[derive(Serialize)]
pub(super) struct Million {
    pub(super) store: String,
    pub(super) users: u64,
    /// Sign-ins a second, without HTTP and WeChat.
    pub(super) rate: f64,
    /// The memory of the process, in bytes.
    pub(super) resident: u64,
    /// What the store takes elsewhere, in bytes: a file, or Redis's memory.
    pub(super) elsewhere: Option<u64>,
}
