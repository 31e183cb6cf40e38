//! The processor time and memory of a process, from Linux.

use std::fs;

use anyhow::{Context, Result};

use xtask::process::answer;
use xtask::project::Project;

/// An observed process.
#[derive(Clone, Copy)]
pub(super) struct Process {
    pub(super) id: u32,
}

impl Process {
    /// The processor time of all threads so far, in seconds.
    ///
    /// # Errors
    /// The process has ended, or this is not Linux.
    pub(super) fn processor_seconds(self, project: &Project) -> Result<f64> {
        let per_second = answer(project.command("getconf").arg("CLK_TCK"))
            .and_then(|ticks| ticks.parse::<f64>().ok())
            .context("getconf does not know the length of a clock tick")?;
        let told = self.read("stat")?;
        let ticks = ticks(&told).with_context(|| format!("unexpected: {told}"))?;
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        let ticks = ticks as f64;
        Ok(ticks / per_second)
    }

    /// The resident memory, in bytes.
    ///
    /// # Errors
    /// The process has ended, or this is not Linux.
    pub(super) fn resident_bytes(self) -> Result<u64> {
        let told = self.read("status")?;
        resident_bytes(&told).with_context(|| format!("unexpected: {told}"))
    }

    fn read(self, file: &str) -> Result<String> {
        let path = format!("/proc/{}/{file}", self.id);
        fs::read_to_string(&path).with_context(|| format!("reading {path}, which exists on Linux"))
    }
}

/// User and system time.
fn ticks(stat: &str) -> Option<u64> {
    // The program's name may contain spaces and brackets.
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

fn resident_bytes(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_time_is_users_and_systems() {
        let stat = "42 (a ) name) S 1 42 42 0 -1 4194304 100 0 0 0 700 300 9 9 20 0 1 0 1 1 1";
        assert_eq!(ticks(stat), Some(1000));
        assert_eq!(ticks("nonsense"), None);
    }

    #[test]
    fn the_memory_is_what_is_resident() {
        let status = "Name:\tredis\nVmHWM:\t     900 kB\nVmRSS:\t       8 kB\n";
        assert_eq!(resident_bytes(status), Some(8192));
        assert_eq!(resident_bytes("Name:\tredis\n"), None);
    }
}
