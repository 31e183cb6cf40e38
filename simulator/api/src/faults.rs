//! What a test can make go wrong between a server and WeChat.

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

/// How a call goes wrong. Only [`Fault::Lost`] uses the code up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// WeChat answers -1.
    Busy,
    /// WeChat answers 45009.
    OverQuota,
    /// WeChat answers 40243: the secret is frozen.
    Frozen,
    /// WeChat answers `{}`.
    Empty,
    /// An HTML page comes back instead of JSON.
    NotJson,
    /// The connection is reset before the exchange happens.
    Reset,
    /// The exchange happens and uses the code up; then the connection is reset before the answer.
    Lost,
    /// The call is never answered.
    Hang,
}

/// What goes wrong with the next calls.
///
/// ```
/// use std::time::Duration;
/// use wxsession_simulator::{App, Call, FakeWeChat, Fault, Faults};
///
/// let wechat = FakeWeChat::new([App::simulated()]);
/// wechat.faults(Faults::next([Fault::Busy, Fault::Lost])); // The next two exchanges fail.
/// wechat.faults(Faults::next([Fault::Hang]).at(Call::StableToken));
/// wechat.faults(Faults::delay(Duration::from_millis(80)).of(App::simulated().appid));
/// ```
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// How long each answer takes, in milliseconds. WeChat judges a call when the call arrives, so a caller that stops
    /// waiting has still used its code up.
    pub delay_ms: u64,
    /// One fault for each of the next calls, in order. Later calls succeed.
    pub next: Vec<Fault>,
    /// The kind of call that the faults apply to.
    pub call: Call,
    /// The mini program that the faults apply to; `None` means all of them.
    pub appid: Option<String>,
}

impl Faults {
    /// Faults for the next calls, in this order.
    pub fn next(faults: impl IntoIterator<Item = Fault>) -> Self {
        Self {
            next: faults.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Applies the faults to this kind of call instead of exchanges.
    pub fn at(self, call: Call) -> Self {
        Self { call, ..self }
    }

    /// Applies the faults to this mini program only.
    pub fn of(self, appid: impl Into<String>) -> Self {
        Self {
            appid: Some(appid.into()),
            ..self
        }
    }

    /// Delays every answer by this long.
    pub fn delay(delay: Duration) -> Self {
        Self {
            delay_ms: u64::try_from(delay.as_millis()).unwrap_or(u64::MAX),
            ..Self::default()
        }
    }
}
