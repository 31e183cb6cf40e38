//! Redis's time, continued by the monotonic clock between two readings.
//!
//! A reading that is far from what this clock expects may be wrong: a virtual machine resumed with a bad clock, or a replica
//! with one was promoted. So it is not believed before readings of a whole minute agree with it. Then a small step is made
//! up for little by little, during which no session in use dies, and a large one at once, also back: whoever believed a
//! wrong clock must come back without a restart.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use tokio::time::Instant;
use wxsession_server::once_a_minute::OnceAMinute;
use wxsession_server::user::Millis;

/// A reading that is off by no more than this is believed at once: a clock may be set by a little, and a server may have
/// been paused.
const TOLERANCE: Micros = 5_000_000;
/// How long readings must agree before a clock that was set is followed.
const DOUBT: Micros = 60_000_000;
/// Steps up to this are made up for little by little.
const LONGEST_SLEW: Micros = 600_000_000;
/// Meanwhile the clock runs at half or one and a half times its speed.
const SLEW_PART: Micros = 2;

/// A span, or a time since the clock was started.
type Micros = i64;

/// Redis's clock, as far as it is known here. All servers on one Redis judge by it, whatever their own clocks say.
#[derive(Debug)]
pub(super) struct RemoteClock {
    started: Instant,
    anchor: RwLock<Option<Anchor>>,
    known: AtomicBool,
}

/// What a reading has shown, beyond the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// What was expected, or little else.
    Expected,
    /// Redis's clock is off by this much, and is not believed yet.
    Doubted(Step),
    /// Redis's clock is what it was before.
    Reverted,
    /// Redis's clock stayed off by this much, and is followed.
    Followed(Step),
}

/// How far Redis's clock is ahead of what was expected, in microseconds; negative if it is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step(Micros);

#[derive(Clone, Copy, Debug)]
struct Anchor {
    /// Redis's time when this clock was started.
    origin: Micros,
    /// The latest time that was returned: except for a large step back the clock never goes backwards.
    floor: Millis,
    slew: Option<Slew>,
    doubt: Option<Doubt>,
}

/// How the origin moves to another.
#[derive(Clone, Copy, Debug)]
struct Slew {
    since: Micros,
    to: Micros,
}

/// What readings have agreed on that are far from what was expected.
#[derive(Clone, Copy, Debug)]
struct Doubt {
    since: Micros,
    origin: Micros,
}

/// The bounds of Redis's time at our start by one reading, since the exact moment is unknown.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    earliest: Micros,
    latest: Micros,
}

/// What is logged of readings: each line once a minute at most, since a clock may be wrong now and then.
#[derive(Debug, Default)]
pub(super) struct Judged {
    doubted: OnceAMinute,
    reverted: OnceAMinute,
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
    pub(super) fn learn(&self, asked: Instant, told: Duration, answered: Instant) -> Reading {
        let told = micros(told);
        let read = Bounds {
            earliest: told - micros(answered - self.started),
            latest: told - micros(asked - self.started),
        };
        let mut anchor = self.anchor.write().unwrap_or_else(PoisonError::into_inner);
        let (next, reading) = match *anchor {
            None => (Anchor::new(read), Reading::Expected),
            Some(before) => before.after(read, micros(answered - self.started)),
        };
        *anchor = Some(next);
        self.known.store(true, Relaxed);
        reading
    }

    fn at(&self, instant: Instant) -> Option<Millis> {
        let anchor = self.anchor.read().unwrap_or_else(PoisonError::into_inner);
        anchor.map(|anchor| anchor.at(micros(instant - self.started)))
    }
}

impl Anchor {
    fn new(read: Bounds) -> Self {
        Self {
            origin: read.earliest.midpoint(read.latest),
            floor: 0,
            slew: None,
            doubt: None,
        }
    }

    /// The anchor after this reading, and what the reading has shown.
    fn after(self, read: Bounds, now: Micros) -> (Self, Reading) {
        let expected = self.slew.map_or(self.origin, |slew| slew.to);
        if read.is_near(expected) {
            let reading = match self.doubt {
                Some(_) => Reading::Reverted,
                None => Reading::Expected,
            };
            // Corrected only as far as this reading proves necessary: earlier readings count as well.
            return (self.towards(read.nearest(expected), now), reading);
        }
        let step = Step(read.nearest(expected) - expected);
        match self.doubt {
            Some(doubt) if read.is_near(doubt.origin) && now - doubt.since >= DOUBT => {
                let to = read.nearest(doubt.origin);
                let step = Step(to - self.origin_at(now));
                (self.slewing(to, now), Reading::Followed(step))
            }
            Some(doubt) if read.is_near(doubt.origin) => (self, Reading::Doubted(step)),
            _ => {
                let origin = read.earliest.midpoint(read.latest);
                let doubt = Some(Doubt { since: now, origin });
                (Self { doubt, ..self }, Reading::Doubted(step))
            }
        }
    }

    /// Expects this origin, which is near to what was expected.
    fn towards(self, expected: Micros, now: Micros) -> Self {
        let origin = self.origin_at(now);
        let is_on_its_way = self.slew.is_some_and(|slew| slew.to != origin);
        Self {
            origin: if is_on_its_way { origin } else { expected },
            floor: self.at(now),
            slew: is_on_its_way.then_some(Slew {
                since: now,
                to: expected,
            }),
            doubt: None,
        }
    }

    /// Begins to follow a clock that was set.
    fn slewing(self, to: Micros, now: Micros) -> Self {
        let origin = self.origin_at(now);
        if (to - origin).abs() > LONGEST_SLEW {
            return Self {
                origin: to,
                floor: 0,
                slew: None,
                doubt: None,
            };
        }
        Self {
            origin,
            floor: self.at(now),
            slew: Some(Slew { since: now, to }),
            doubt: None,
        }
    }

    fn origin_at(&self, now: Micros) -> Micros {
        self.slew.map_or(self.origin, |slew| {
            let moved = (now - slew.since).max(0) / SLEW_PART;
            let way = slew.to - self.origin;
            self.origin + way.clamp(-moved, moved)
        })
    }

    fn at(&self, now: Micros) -> Millis {
        let time = (self.origin_at(now) + now) / 1000;
        Millis::try_from(time).unwrap_or(0).max(self.floor)
    }
}

impl Bounds {
    fn nearest(self, origin: Micros) -> Micros {
        origin.clamp(self.earliest, self.latest)
    }

    fn is_near(self, origin: Micros) -> bool {
        (self.nearest(origin) - origin).abs() <= TOLERANCE
    }
}

impl Judged {
    pub(super) fn log(&self, reading: Reading) {
        match reading {
            Reading::Expected => {}
            Reading::Doubted(step) => {
                if let Some(left_out) = self.doubted.due() {
                    tracing::error!(
                        left_out,
                        "ALERT: Redis's clock is suddenly {step} of what it was; it is not believed before it stays so for \
                         a minute"
                    );
                }
            }
            Reading::Reverted => {
                if let Some(left_out) = self.reverted.due() {
                    tracing::info!(left_out, "Redis's clock is again what it was");
                }
            }
            Reading::Followed(step) => tracing::warn!(
                "Redis's clock stays {step} of what it was, and is followed; check the clocks of its machines"
            ),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = if self.0 < 0 { "behind" } else { "ahead" };
        write!(formatter, "{} s {side}", (self.0 / 1_000_000).abs())
    }
}

fn micros(duration: Duration) -> Micros {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
