//! A clock that never goes back.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::Millis;

/// Reads the wall clock once and goes on from there by the monotonic one, so that setting the wall
/// clock neither ends sessions nor revives them while the server runs.
#[derive(Debug)]
pub(super) struct Clock {
    base: Millis,
    started: Instant,
}

impl Clock {
    /// Starts at the wall clock's time, or at `floor` where that is later.
    pub(super) fn start(floor: Millis) -> Self {
        let wall = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |passed| passed.as_millis() as Millis);
        Self {
            base: wall.max(floor),
            started: Instant::now(),
        }
    }

    pub(super) fn now(&self) -> Millis {
        self.base + self.started.elapsed().as_millis() as Millis
    }
}

#[cfg(test)]
mod tests {
    use super::Clock;

    #[test]
    fn a_wall_clock_set_back_over_a_restart_does_not_turn_time_back() {
        let ahead = Clock::start(0).now() + 1_000_000;
        assert!(Clock::start(ahead).now() >= ahead);
    }
}
