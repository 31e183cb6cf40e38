//! Load on a service, made by wrk.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use xtask::process::succeed;
use xtask::project::Project;
/// How many connections send requests, each as soon as it has its answer.
pub(super) const CONNECTIONS: u32 = 64;

/// The path of every request to a service.
pub(super) const PATH: &str = "/wx/products/list";

/// Milliseconds between the requests of a connection at moderate load, on average: about 2,000 requests a second in all.
const PAUSE: u32 = 32;

/// How much load a service gets.
#[derive(Clone, Copy)]
pub(super) enum Pressure {
    /// As much as the service can take.
    Full,
    /// As much as every service can take easily.
    Moderate,
}

/// The figures that wrk prints.
#[derive(Deserialize)]
pub(super) struct Load {
    pub(super) requests: f64,
    pub(super) seconds: f64,
    /// Those that got no answer, or another one than 200.
    pub(super) failed: u64,
    /// Latency in milliseconds.
    pub(super) p50: f64,
    pub(super) p99: f64,
}

impl Load {
    /// Sends load to a URL for some seconds, presenting one session after the other.
    ///
    /// # Errors
    /// wrk fails, or a request did not succeed.
    pub(super) fn press(
        project: &Project,
        url: &str,
        headers: &Path,
        pressure: Pressure,
        seconds: u32,
    ) -> Result<Self> {
        let load = Self::strain(project, url, headers, pressure, seconds)?;
        ensure!(
            load.failed == 0,
            "{} of {} requests to {url} failed",
            load.failed,
            load.requests,
        );
        Ok(load)
    }

    /// The same on a service that is overloaded otherwise and may say so.
    ///
    /// # Errors
    /// wrk fails.
    pub(super) fn strain(
        project: &Project,
        url: &str,
        headers: &Path,
        pressure: Pressure,
        seconds: u32,
    ) -> Result<Self> {
        let mut wrk = project.command("wrk");
        wrk.arg("--threads=1");
        wrk.arg(format!("--connections={CONNECTIONS}"));
        wrk.arg(format!("--duration={seconds}s"));
        wrk.arg("--script=bench/scripts/load.lua");
        wrk.arg(url);
        wrk.arg("--").arg(headers);
        if let Pressure::Moderate = pressure {
            wrk.arg(PAUSE.to_string());
        }
        let printed = succeed(project, "bench-wrk", &mut wrk)?;
        let line = printed.lines().rfind(|line| line.starts_with('{'));
        let line = line.with_context(|| format!("wrk printed no figures:\n{printed}"))?;
        serde_json::from_str(line).with_context(|| format!("wrk printed {line}"))
    }

    /// Requests in a second.
    pub(super) fn rate(&self) -> f64 {
        self.requests / self.seconds
    }
}
