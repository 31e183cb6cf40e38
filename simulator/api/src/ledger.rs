//! What the simulated WeChat remembers, and what it counts.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use serde::Serialize;

use crate::faults::{Call, Faults};
use crate::outcome::Outcome;

/// What has happened since the start or the last reset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Codes issued.
    pub logins: u64,
    /// Calls of `jscode2session`.
    pub exchanges: u64,
    /// Calls of `stable_token`.
    pub tokens: u64,
    /// Calls of `getuserphonenumber`.
    pub phone_numbers: u64,
    /// The highest number of calls in progress at once.
    pub most_at_once: u64,
    /// Exchanges by outcome.
    pub outcomes: BTreeMap<Outcome, u64>,
}

impl Counts {
    /// The number of exchanges with this outcome.
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.outcomes.get(&outcome).copied().unwrap_or(0)
    }
}

/// What is special about a user.
#[derive(Clone, Debug, Default)]
pub struct User {
    /// The company account that links its mini programs. With one, the user has a unionid.
    pub linked_by: Option<String>,
    /// WeChat answers 40226 for this user.
    pub blocked: bool,
}

/// Everything that changes while the simulator runs. Times count from its start and include
/// [`crate::FakeWeChat::advance`].
#[derive(Default)]
pub(crate) struct Ledger {
    pub(crate) codes: HashMap<String, IssuedCode>,
    pub(crate) phone_codes: HashMap<String, IssuedCode>,
    /// Oldest first. Earlier tokens stay valid until they expire.
    pub(crate) tokens: Vec<Token>,
    pub(crate) session_keys: HashMap<Member, String>,
    pub(crate) recent: HashMap<Member, VecDeque<Duration>>,
    pub(crate) users: HashMap<String, User>,
    pub(crate) counts: Counts,
    pub(crate) under_way: u64,
    pub(crate) faults: Faults,
    pub(crate) passed: Duration,
}

/// A login code or a phone code.
pub(crate) struct IssuedCode {
    pub(crate) member: Member,
    pub(crate) issued: Duration,
    pub(crate) used: bool,
}

/// An access token of a mini program.
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) appid: String,
    pub(crate) issued: Duration,
    pub(crate) expires: Duration,
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
    /// Counts a finished call.
    pub(crate) fn count(&mut self, call: Call, outcome: Outcome) {
        match call {
            Call::Exchange => {
                self.counts.exchanges += 1;
                *self.counts.outcomes.entry(outcome).or_default() += 1;
            }
            Call::StableToken => self.counts.tokens += 1,
            Call::PhoneNumber => self.counts.phone_numbers += 1,
        }
    }
}
