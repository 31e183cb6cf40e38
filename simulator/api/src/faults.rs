//! What can go wrong between a server and WeChat, by switch.

use std::time::Duration;

use serde::Deserialize;

/// A call of WeChat's API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// `jscode2session`.
    #[default]
    Exchange,
    /// `stable_token`.
    StableToken,
    /// `getuserphonenumber`.
    PhoneNumber,
}

/// One call gone wrong. Only [`Fault::Lost`] uses the code up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// WeChat answers -1.
    Busy,
    /// WeChat answers 45009.
    OverQuota,
    /// WeChat answers `{}`.
    Empty,
    /// A page comes back instead of JSON.
    NotJson,
    /// The connection is reset, and the exchange never happened.
    Reset,
    /// The exchange happens, the code is used up, and the connection is reset before its answer.
    Lost,
    /// No answer comes, ever.
    Hang,
}

/// What the following calls meet.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Milliseconds that each answer takes; a call is judged when it arrives, so a caller that gives
    /// up waiting has used its code up.
    pub delay_ms: u64,
    /// One for each of the next calls, in order; those after them are sound.
    pub next: Vec<Fault>,
    /// Which calls meet this: exchanges where none is named.
    pub call: Call,
    /// The mini program whose calls meet this; all of them where none is named.
    pub appid: Option<String>,
}

impl Faults {
    /// The next calls go wrong in this order.
    pub fn next(faults: impl IntoIterator<Item = Fault>) -> Self {
        Self {
            next: faults.into_iter().collect(),
            ..Self::default()
        }
    }

    /// The same, for another call than exchanges.
    pub fn at(self, call: Call) -> Self {
        Self { call, ..self }
    }

    /// The same, for one mini program alone.
    pub fn of(self, appid: impl Into<String>) -> Self {
        Self {
            appid: Some(appid.into()),
            ..self
        }
    }

    /// Every answer takes this long.
    pub fn delay(delay: Duration) -> Self {
        Self {
            delay_ms: u64::try_from(delay.as_millis()).unwrap_or(u64::MAX),
            ..Self::default()
        }
    }
}
