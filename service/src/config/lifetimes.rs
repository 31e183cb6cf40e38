//! The settings of how long sessions live.

use std::time::Duration;

use clap::Args;
use wxsession_server::user::Lifetimes;

/// In seconds. A longer time is most likely meant in another unit.
const LONGEST_TIMEOUT: u64 = 366 * 24 * 60 * 60;

#[derive(Args, Debug)]
#[command(next_help_heading = "How long sessions live")]
pub(super) struct LifetimeOptions {
    /// Seconds without use until a session ends
    #[arg(
        long,
        env = "WXSESSION_IDLE_TIMEOUT",
        value_name = "SECONDS",
        default_value_t = 7200,
        value_parser = clap::value_parser!(u64).range(1..=LONGEST_TIMEOUT)
    )]
    idle_timeout: u64,
    /// Seconds until a session ends, however much it is used
    #[arg(
        long,
        env = "WXSESSION_ABSOLUTE_TIMEOUT",
        value_name = "SECONDS",
        default_value_t = 604_800,
        value_parser = clap::value_parser!(u64).range(1..=LONGEST_TIMEOUT)
    )]
    absolute_timeout: u64,
    /// Seconds after a sign-in within which an account is renewed silently
    #[arg(
        long,
        env = "WXSESSION_RENEW_FOR",
        value_name = "SECONDS",
        default_value_t = 2_592_000,
        value_parser = clap::value_parser!(u64).range(0..=LONGEST_TIMEOUT)
    )]
    renew_for: u64,
}

impl LifetimeOptions {
    pub(super) fn lifetimes(&self) -> Lifetimes {
        Lifetimes {
            idle: Duration::from_secs(self.idle_timeout),
            absolute: Duration::from_secs(self.absolute_timeout),
            renewable: Duration::from_secs(self.renew_for),
        }
    }
}
