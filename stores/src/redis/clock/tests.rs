use std::time::Duration;

use tokio::time::Instant;

use proptest::prelude::*;

use super::{Reading, RemoteClock, Step};

const fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// A clock, and a way to teach it: when Redis was asked, what it told, when it answered; in milliseconds.
fn clock() -> (
    RemoteClock,
    impl Fn(&RemoteClock, u64, u64, u64) -> Reading,
    Instant,
) {
    let clock = RemoteClock::new();
    let start = clock.started;
    let learn = move |clock: &RemoteClock, asked, told, answered| {
        clock.learn(
            start + millis(asked),
            millis(told),
            start + millis(answered),
        )
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

const DAY: i64 = 24 * 3600 * 1000;

/// A server that reads Redis's time once a second, and the times that it has told each second. All in milliseconds.
struct Server {
    clock: RemoteClock,
    passed: u64,
    told: Vec<u64>,
}

impl Server {
    const STARTED: u64 = 1_700_000_000_000;

    fn start() -> Self {
        let mut server = Self {
            clock: RemoteClock::new(),
            passed: 0,
            told: Vec::new(),
        };
        server.read(0);
        server
    }

    /// Reads Redis's time, which is off by this much.
    fn read(&mut self, off: i64) -> Reading {
        let at = self.clock.started + millis(self.passed);
        let told = (Self::STARTED + self.passed)
            .checked_add_signed(off)
            .unwrap();
        let reading = self.clock.learn(at, millis(told), at + millis(2));
        self.told.push(self.clock.at(at + millis(2)).unwrap());
        reading
    }

    /// Reads it once a second, for so many seconds.
    fn reads(&mut self, off: i64, seconds: u64) -> Vec<Reading> {
        let each = |_| {
            self.passed += 1000;
            self.read(off)
        };
        (0..seconds).map(each).collect()
    }

    /// How far this server's time is ahead of that at which it was started, continued.
    fn ahead(&self) -> i64 {
        let right = Self::STARTED + self.passed + 1;
        self.told.last().unwrap().cast_signed() - right.cast_signed()
    }

    /// The least and the most that its time has moved within a second.
    fn paces(&self) -> (i64, i64) {
        let paces = self
            .told
            .windows(2)
            .map(|pair| pair[1].cast_signed() - pair[0].cast_signed());
        (paces.clone().min().unwrap(), paces.max().unwrap())
    }
}

const fn step(seconds: i64) -> Step {
    Step(seconds * 1_000_000)
}

fn is_about(reading: Reading, expected: Reading) -> bool {
    let near = |one: Step, other: Step| (one.0 - other.0).abs() <= 10_000;
    match (reading, expected) {
        (Reading::Doubted(one), Reading::Doubted(other))
        | (Reading::Followed(one), Reading::Followed(other)) => near(one, other),
        (one, other) => one == other,
    }
}

#[test]
fn a_clock_that_is_wrong_for_a_moment_is_not_believed() {
    for days in [400, -400] {
        let mut server = Server::start();
        server.reads(0, 10);
        for reading in server.reads(days * DAY, 59) {
            assert!(
                is_about(reading, Reading::Doubted(step(days * DAY / 1000))),
                "{reading:?}"
            );
        }
        assert_eq!(server.reads(0, 2), [Reading::Reverted, Reading::Expected]);
        // The doubt begins anew.
        server.reads(days * DAY, 59);
        assert_eq!(server.reads(0, 1), [Reading::Reverted]);
        assert_eq!(
            (server.ahead().abs() <= 2, server.paces()),
            (true, (1000, 1000))
        );
    }
}

#[test]
fn readings_that_do_not_agree_are_never_believed() {
    let mut server = Server::start();
    for hour in 1..=100 {
        let readings = server.reads(hour % 7 * 3_600_000, 30);
        assert!(
            !readings
                .iter()
                .any(|reading| matches!(reading, Reading::Followed(_)))
        );
    }
    assert_eq!(server.paces(), (1000, 1000));
}

#[test]
fn a_clock_that_stays_set_by_minutes_is_made_up_for_without_a_step() {
    for (minutes, pace) in [(5, (1000, 1500)), (-5, (500, 1000)), (10, (1000, 1500))] {
        let mut server = Server::start();
        let off = minutes * 60_000;
        let readings = server.reads(off, 61);
        assert!(
            is_about(readings[60], Reading::Followed(step(minutes * 60))),
            "{:?}",
            readings[60]
        );
        assert!(server.ahead().abs() <= 2);
        // A second makes up for half a second.
        for reading in server.reads(off, minutes.unsigned_abs() * 120 + 1) {
            assert_eq!(reading, Reading::Expected);
        }
        assert!((server.ahead() - off).abs() <= 2, "{}", server.ahead());
        assert_eq!(server.paces(), pace);
    }
}

#[test]
fn a_server_that_believed_a_wrong_clock_comes_back_without_a_restart() {
    for days in [400, -400] {
        let mut server = Server::start();
        server.reads(days * DAY, 100);
        assert!((server.ahead() - days * DAY).abs() <= 2);
        server.reads(0, 59);
        assert!((server.ahead() - days * DAY).abs() <= 2);
        server.reads(0, 2);
        assert!(server.ahead().abs() <= 2, "{}", server.ahead());
    }
}

#[test]
fn a_clock_that_is_set_again_on_the_way_is_followed_too() {
    let mut server = Server::start();
    server.reads(300_000, 100);
    server.reads(-300_000, 1500);
    assert!((server.ahead() + 300_000).abs() <= 2, "{}", server.ahead());
    let (slowest, quickest) = server.paces();
    assert!(slowest >= 499 && quickest <= 1501);
}

proptest! {
    /// However Redis's clock is set, a server's time only steps where a large step has held for a minute.
    #[test]
    fn time_goes_on_evenly_but_for_large_steps_that_hold(
        sets in prop::collection::vec((-900_000..900_000_i64, 1..200_u64), 1..8),
    ) {
        let mut server = Server::start();
        for (off, seconds) in sets {
            for _ in 0..seconds {
                let reading = server.reads(off, 1)[0];
                let pace = server.told[server.told.len() - 1].cast_signed()
                    - server.told[server.told.len() - 2].cast_signed();
                if !matches!(reading, Reading::Followed(step) if step.0.abs() > 500_000_000) {
                    prop_assert!((0..=6002).contains(&pace), "{} after {:?}", pace, reading);
                }
            }
        }
    }
}
