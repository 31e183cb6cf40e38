//! How much processor time a run took, which is the same on a busy machine as on a quiet one.

use std::fs;
use std::time::Duration;

/// The kernel counts processor time for programs in hundredths of a second, whatever its own clock.
const TICKS_PER_SECOND: u64 = 100;

/// The processor time of all commands that have ended, with their children. Only Linux tells it.
pub(super) fn of_commands() -> Option<Duration> {
    of_children(&fs::read_to_string("/proc/self/stat").ok()?)
}

/// The fields `cutime` and `cstime` of proc_pid_stat(5).
fn of_children(stat: &str) -> Option<Duration> {
    // The name of the program may have spaces and parentheses in it.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut ticks = fields.split_whitespace().skip(13);
    let user: u64 = ticks.next()?.parse().ok()?;
    let system: u64 = ticks.next()?.parse().ok()?;
    Some(Duration::from_millis(
        (user + system) * 1000 / TICKS_PER_SECOND,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_children_is_read_whatever_the_program_is_called() {
        let stat = "71 (a) (b c) S 1 71 71 0 -1 4194304 900 5000 0 12 30 40 250 75 20 0 4 0 8765";
        assert_eq!(of_children(stat), Some(Duration::from_millis(3250)));
        assert_eq!(of_children("71 (a) S 1"), None);
        assert_eq!(of_children(""), None);
    }
}
