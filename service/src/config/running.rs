//! The settings of how the process behaves.

use std::time::Duration;

use clap::{Args, ValueEnum};
use tracing::level_filters::LevelFilter;

use super::whole::whole;

/// The heading of these settings in the help.
pub(super) const HEADING: &str = "The process";

/// In seconds.
const LONGEST_STOP_DELAY: u64 = 60 * 60;

#[derive(Args, Debug)]
#[command(next_help_heading = HEADING)]
pub(super) struct RunningOptions {
    /// Seconds between being asked to stop and stopping.
    ///
    /// This lets load balancers notice: /readyz already answers 503, and everything else as before.
    #[arg(
        long,
        env = "WXSESSION_STOP_DELAY",
        value_name = "SECONDS",
        default_value_t = 0,
        value_parser = |value: &str| whole(value, "seconds", 0..=LONGEST_STOP_DELAY)
    )]
    stop_delay: u64,
    /// The least severe events to log, on standard error
    #[arg(
        long,
        env = "WXSESSION_LOG",
        value_name = "LEVEL",
        value_enum,
        default_value = "info"
    )]
    log: LogLevel,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl RunningOptions {
    pub(super) fn stop_delay(&self) -> Duration {
        Duration::from_secs(self.stop_delay)
    }

    pub(super) fn log(&self) -> LevelFilter {
        match self.log {
            LogLevel::Error => LevelFilter::ERROR,
            LogLevel::Warn => LevelFilter::WARN,
            LogLevel::Info => LevelFilter::INFO,
            LogLevel::Debug => LevelFilter::DEBUG,
            LogLevel::Trace => LevelFilter::TRACE,
        }
    }
}
