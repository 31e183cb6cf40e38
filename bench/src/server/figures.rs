//! The figures of the server, as written to the JSON file.

use serde::Serialize;

use crate::budget::Budget;
use crate::circumstances::Circumstances;
use crate::statistics::Spread;

/// All figures of a run.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Figures {
    pub(super) measured: Circumstances,
    /// How many connections sent requests at once.
    pub(super) connections: u32,
    /// How many sessions the connections presented in turn.
    pub(super) sessions: usize,
    pub(super) services: Vec<Service>,
    pub(super) validations: Vec<Validation>,
    pub(super) outages: Vec<Outage>,
    pub(super) millions: Vec<Million>,
    pub(super) accounts: Accounts,
    pub(super) signed: Vec<Signed>,
    pub(super) budgets: Vec<Budget>,
}

/// A measured service.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Service {
    pub(super) name: &'static str,
    pub(super) is_ours: bool,
    /// What a reader of the figures needs to know.
    pub(super) note: &'static str,
}

/// Requests with a live session.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Validation {
    pub(super) service: String,
    /// Requests a second at full load, divided by the hand-written service's in the same round.
    pub(super) ratio: Spread,
    pub(super) full: Latency,
    pub(super) moderate: Latency,
    /// Microseconds of the service's processor time per request at full load.
    pub(super) processor: Spread,
    /// Microseconds of Redis's processor time per request.
    pub(super) redis: Option<Spread>,
    /// The memory of the service's process, in bytes.
    pub(super) resident: f64,
    /// Questions of proxies, where the service answers them.
    pub(super) verify: Option<Verify>,
}

/// Questions to `/verify` with a live session.
#[derive(Serialize)]
pub(super) struct Verify {
    /// Questions answered in a second at full load.
    pub(super) rate: Spread,
    /// The same, divided by the hand-written service's requests in the same round.
    pub(super) ratio: Spread,
    /// Microseconds of the service's processor time per question.
    pub(super) processor: Spread,
}

/// Rate and latency at some load.
#[derive(Serialize)]
pub(super) struct Latency {
    /// Requests answered in a second.
    pub(super) rate: Spread,
    /// In milliseconds.
    pub(super) p50: Spread,
    /// In milliseconds.
    pub(super) p99: Spread,
}

/// What users see of an outage of Redis.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Outage {
    pub(super) service: String,
    /// The slowest answer while Redis hung, or nothing if a request got none in time.
    pub(super) hung: Option<Reply>,
    /// Milliseconds from Redis's resumption to the first success.
    pub(super) resumed: Option<f64>,
    /// The answer while Redis was down.
    pub(super) away: Option<Reply>,
    /// Milliseconds from Redis's restart to the first success.
    pub(super) restarted: Option<f64>,
    /// Whether the service's process survived.
    pub(super) survived: bool,
}

/// An answer.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) milliseconds: f64,
}

/// The cost of a million users.
#[derive(Serialize)]
pub(super) struct Million {
    pub(super) store: String,
    pub(super) users: u64,
    /// Sign-ins a second, without HTTP and WeChat.
    pub(super) rate: f64,
    /// The memory of the process, in bytes.
    pub(super) resident: u64,
    /// Bytes outside the process: a file, or Redis's memory.
    pub(super) elsewhere: Option<u64>,
}

/// Our server on Redis with accounts of its own.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Accounts {
    /// Sign-ins by password a second.
    pub(super) sign_ins: f64,
    /// Silent renewals a second.
    pub(super) renewals: f64,
    /// Requests of users with an account answered in a second, over those of guests in the same round.
    pub(super) ratio: Spread,
    /// The p99 of requests at moderate load, in milliseconds.
    pub(super) idle: f64,
    /// How many sign in by a password without a pause.
    pub(super) waiting: usize,
    /// The p99 of requests at moderate load meanwhile, in milliseconds.
    pub(super) while_many_wait: f64,
    /// How many of these requests were refused, since the server or the store was busy.
    pub(super) failed: u64,
    /// What a user with a name, a password and one session takes in Redis.
    pub(super) bytes: f64,
}

/// Signed requests beside unsigned ones.
#[derive(Serialize)]
pub(super) struct Signed {
    pub(super) service: String,
    /// Signed requests answered in a second.
    pub(super) rate: Spread,
    /// The same, over unsigned ones in the same round.
    pub(super) ratio: Spread,
    /// Microseconds of the service's processor time per request.
    pub(super) processor: Spread,
    /// The same for unsigned ones.
    pub(super) unsigned: Spread,
}
