//! A clock that never goes backwards.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::user::Millis;

/// Reads the wall clock once and continues from there by the monotonic clock, so that setting the wall
/// clock neither ends sessions nor revives them while the server runs.
///
/// ```
/// use wxsession_server::store::Clock;
///
/// let last_write = 1_000_000_000_000_000;
/// assert!(Clock::start(last_write).now() >= last_write);
/// ```
#[derive(Debug)]
pub struct Clock {
    base: Millis,
    started: Instant,
}

impl Clock {
    /// Starts at the wall clock's time, or at `floor` where that is later.
    pub fn start(floor: Millis) -> Self {
        let wall = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |passed| passed.as_millis() as Millis);
        Self {
            base: wall.max(floor),
            started: Instant::now(),
        }
    }

    /// The time now.
    pub fn now(&self) -> Millis {
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
