//! The settings of how long sessions live.

use std::time::Duration;

use anyhow::ensure;
use clap::Args;
use wxsession_server::user::Lifetimes;

use super::whole::whole;

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
        value_parser = timeout
    )]
    idle_timeout: u64,
    /// Seconds until a session ends, however much it is used
    #[arg(
        long,
        env = "WXSESSION_ABSOLUTE_TIMEOUT",
        value_name = "SECONDS",
        default_value_t = 604_800,
        value_parser = timeout
    )]
    absolute_timeout: u64,
    /// Seconds after a sign-in within which an account is renewed silently
    #[arg(
        long,
        env = "WXSESSION_RENEW_FOR",
        value_name = "SECONDS",
        default_value_t = 2_592_000,
        value_parser = |value: &str| whole(value, "seconds", 0..=LONGEST_TIMEOUT)
    )]
    renew_for: u64,
}

impl LifetimeOptions {
    pub(super) fn lifetimes(&self) -> anyhow::Result<Lifetimes> {
        let (idle, absolute) = (self.idle_timeout, self.absolute_timeout);
        ensure!(
            idle <= absolute,
            "--idle-timeout ({idle} seconds) is longer than --absolute-timeout ({absolute} seconds), so it would end no \
             session; give --idle-timeout {absolute} or less"
        );
        Ok(Lifetimes {
            idle: Duration::from_secs(idle),
            absolute: Duration::from_secs(absolute),
            renewable: Duration::from_secs(self.renew_for),
        })
    }
}

fn timeout(value: &str) -> Result<u64, String> {
    whole(value, "seconds", 1..=LONGEST_TIMEOUT)
}
