//! Redis's time, continued by the monotonic clock between two readings.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use tokio::time::Instant;
use wxsession_server::user::Millis;

/// Redis's clock, as far as it is known here. All servers on one Redis judge by it, whatever their own clocks say.
#[derive(Debug)]
pub(super) struct RemoteClock {
    started: Instant,
    anchor: RwLock<Option<Anchor>>,
    known: AtomicBool,
}

#[derive(Clone, Copy, Debug)]
struct Anchor {
    /// Redis's time when this clock was started, in microseconds.
    origin: i64,
    /// The latest time that was returned: the clock never goes backwards.
    floor: Millis,
}

impl RemoteClock {
    pub(super) fn new() -> Self {
        Self {
            started: Instant::now(),
            anchor: RwLock::default(),
            known: AtomicBool::new(false),
        }
    }

    /// The time, or `None` before the first reading.
    pub(super) fn now(&self) -> Option<Millis> {
        self.at(Instant::now())
    }

    /// Whether there has been a reading.
    pub(super) fn is_known(&self) -> bool {
        self.known.load(Relaxed)
    }

    /// Learns that Redis's time was `told` at some moment between these instants.
    pub(super) fn learn(&self, asked: Instant, told: Duration, answered: Instant) {
        let told = micros(told);
        // The bounds of Redis's time at our start, since the exact moment is unknown.
        let earliest = told - micros(answered - self.started);
        let latest = told - micros(asked - self.started);
        let mut anchor = self.anchor.write().unwrap_or_else(PoisonError::into_inner);
        *anchor = Some(match *anchor {
            None => Anchor {
                origin: earliest.midpoint(latest),
                floor: 0,
            },
            // Corrected only as far as this reading proves necessary: earlier readings count as well.
            Some(before) => Anchor {
                origin: before.origin.clamp(earliest, latest),
                floor: before.at(answered - self.started),
            },
        });
        self.known.store(true, Relaxed);
    }

    fn at(&self, instant: Instant) -> Option<Millis> {
        let anchor = self.anchor.read().unwrap_or_else(PoisonError::into_inner);
        anchor.map(|anchor| anchor.at(instant - self.started))
    }
}

impl Anchor {
    fn at(&self, since_start: Duration) -> Millis {
        let time = (self.origin + micros(since_start)) / 1000;
        Millis::try_from(time).unwrap_or(0).max(self.floor)
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::RemoteClock;

    const fn millis(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    /// A clock, and a way to teach it: when Redis was asked, what it told, when it answered; in milliseconds.
    fn clock() -> (RemoteClock, impl Fn(&RemoteClock, u64, u64, u64), Instant) {
        let clock = RemoteClock::new();
        let start = clock.started;
        let learn = move |clock: &RemoteClock, asked, told, answered| {
            clock.learn(
                start + millis(asked),
                millis(told),
                start + millis(answered),
            );
        };
        (clock, learn, start)
    }

    #[test]
    fn there_is_no_time_before_the_first_reading() {
        assert_eq!(RemoteClock::new().now(), None);
    }

    #[test]
    fn the_first_reading_is_taken_for_the_middle_of_its_way() {
        let (clock, learn, start) = clock();
        learn(&clock, 0, 1_000_000, 10);
        assert_eq!(clock.at(start + millis(5)), Some(1_000_000));
        assert_eq!(clock.at(start + millis(105)), Some(1_000_100));
    }

    #[test]
    fn a_slow_answer_spoils_nothing() {
        let (clock, learn, start) = clock();
        learn(&clock, 0, 1_000_000, 0);
        learn(&clock, 1000, 1_001_000, 1090);
        assert_eq!(clock.at(start + millis(2000)), Some(1_002_000));
    }

    #[test]
    fn a_clock_that_went_ahead_is_followed() {
        let (clock, learn, start) = clock();
        learn(&clock, 0, 1_000_000, 0);
        learn(&clock, 1000, 1_005_000, 1000);
        assert_eq!(clock.at(start + millis(2000)), Some(1_006_000));
    }

    #[test]
    fn a_clock_that_went_back_is_waited_for() {
        let (clock, learn, start) = clock();
        learn(&clock, 0, 1_000_000, 0);
        learn(&clock, 1000, 1_000_500, 1000);
        for later in [1000, 1400, 1500] {
            assert_eq!(clock.at(start + millis(later)), Some(1_001_000), "{later}");
        }
        assert_eq!(clock.at(start + millis(1600)), Some(1_001_100));
    }

    #[test]
    fn two_servers_agree_to_half_the_way_there_and_back() {
        let (one, learn, start) = clock();
        learn(&one, 0, 1_000_000, 2);
        let (other, _, _) = clock_started_at(start);
        learn(&other, 500, 1_000_500, 502);
        let at = start + millis(1000);
        let (one, other) = (one.at(at).unwrap(), other.at(at).unwrap());
        assert!(one.abs_diff(other) <= 1, "{one} {other}");
    }

    fn clock_started_at(start: Instant) -> (RemoteClock, (), ()) {
        let clock = RemoteClock {
            started: start,
            anchor: Default::default(),
            known: Default::default(),
        };
        (clock, (), ())
    }
}
