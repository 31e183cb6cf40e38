//! Moves idle deadlines beside the requests that use the sessions.
//!
//! Moving a deadline is never worth a retry, because the next use moves it. So of users in the same place one deadline is
//! moved at a time, and after a failure none for a while: a store that refuses writes is not asked by every request.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::Instant;

use super::{QUEUES, Sessions, queue};
use crate::once_a_minute::OnceAMinute;
use crate::token::Token;

/// A hundredth of the idle timeout is a tenth of the time in which a deadline has to be moved.
const PART_OF_IDLE: u32 = 100;
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// While a deadline is being moved.
const MOVING: u64 = u64::MAX;

static FAILS: OnceAMinute = OnceAMinute::new();

pub(super) struct Touches {
    started: Instant,
    /// For each place, from when on a deadline may be moved, in milliseconds.
    free_from: Box<[AtomicU64]>,
}

/// The permission to move one deadline. It frees its place when dropped.
struct Turn {
    touches: Arc<Touches>,
    place: usize,
    free_from: u64,
}

impl Sessions {
    /// Moves the idle deadline in a task of its own, so that no request waits for it, unless that is in vain. Must be
    /// called in a Tokio runtime.
    pub(crate) fn touch_soon(&self, token: Token) {
        if self.are_away() {
            return;
        }
        let Some(mut turn) = Turn::take(&self.0.touches, queue(token.user())) else {
            return;
        };
        let sessions = self.clone();
        tokio::spawn(async move {
            if let Err(error) = sessions.touch(token).await {
                let pause = sessions.lifetimes().idle / PART_OF_IDLE;
                turn.pause(pause.clamp(SHORTEST_PAUSE, LONGEST_PAUSE));
                if let Some(left_out) = FAILS.due() {
                    let error = &error as &dyn Error;
                    tracing::warn!(
                        error,
                        left_out,
                        "the idle deadline of a session in use could not be moved; not logged again for a minute"
                    );
                }
            }
        });
    }
}

impl Touches {
    pub(super) fn new() -> Self {
        Self {
            started: Instant::now(),
            free_from: (0..QUEUES).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    fn now(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }
}

impl Turn {
    fn take(touches: &Arc<Touches>, place: usize) -> Option<Self> {
        let free_from = &touches.free_from[place];
        let before = free_from.load(Relaxed);
        let is_free = before <= touches.now();
        let taken = is_free
            && free_from
                .compare_exchange(before, MOVING, Relaxed, Relaxed)
                .is_ok();
        taken.then(|| Self {
            touches: Arc::clone(touches),
            place,
            free_from: 0,
        })
    }

    /// Lets the place rest for this long once the turn is over.
    fn pause(&mut self, pause: Duration) {
        self.free_from = self.touches.now() + pause.as_millis() as u64;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.touches.free_from[self.place].store(self.free_from, Relaxed);
    }
}
