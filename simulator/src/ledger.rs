//! What the simulated WeChat remembers.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use serde::Serialize;

use crate::answer::Outcome;
use crate::faults::Faults;
use crate::wechat::User;

/// What has happened since the start or the last reset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Codes issued.
    pub logins: u64,
    /// Calls of `jscode2session`.
    pub exchanges: u64,
    /// The most of them that were under way at once.
    pub most_at_once: u64,
    /// The same calls by how they ended.
    pub outcomes: BTreeMap<Outcome, u64>,
}

impl Counts {
    /// How many exchanges ended so.
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.outcomes.get(&outcome).copied().unwrap_or(0)
    }
}

/// Times are since the start of the simulator, with what was let pass.
#[derive(Default)]
pub(crate) struct Ledger {
    pub(crate) codes: HashMap<String, Code>,
    pub(crate) session_keys: HashMap<Member, String>,
    pub(crate) recent: HashMap<Member, VecDeque<Duration>>,
    pub(crate) users: HashMap<String, User>,
    pub(crate) counts: Counts,
    pub(crate) under_way: u64,
    pub(crate) faults: Faults,
    pub(crate) passed: Duration,
}

pub(crate) struct Code {
    pub(crate) member: Member,
    pub(crate) issued: Duration,
    pub(crate) used: bool,
}

/// A user within a mini program.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Member {
    pub(crate) appid: String,
    pub(crate) user: String,
}

impl Member {
    pub(crate) fn new(appid: &str, user: &str) -> Self {
        Self {
            appid: appid.into(),
            user: user.into(),
        }
    }
}

impl Ledger {
    /// Notes how an exchange ended.
    pub(crate) fn count(&mut self, outcome: Outcome) {
        self.counts.exchanges += 1;
        *self.counts.outcomes.entry(outcome).or_default() += 1;
    }
}
