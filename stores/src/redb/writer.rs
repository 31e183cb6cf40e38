//! The one thread that writes. It commits swaps together, reopens the file after a failure, and sweeps in between.

use std::error::Error;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use redb::Database;
use tokio::sync::oneshot;
use wxsession_server::identity::UserKey;
use wxsession_server::once_a_minute::OnceAMinute;
use wxsession_server::store::Clock;
use wxsession_server::user::Millis;

use super::file::DatabaseFile;
use super::sweep::Sweep;
use super::tables::{CLOCK, VALUES, alive};

const SWAPS_PER_COMMIT: usize = 256;
const SWEEP_EVERY: Duration = Duration::from_secs(1);
pub(super) const REOPEN_AFTER: Duration = Duration::from_secs(1);

/// A swap to make, with the caller that waits for it.
pub(super) struct Swap {
    pub(super) user: UserKey,
    pub(super) old: Option<Vec<u8>>,
    pub(super) new: Option<Vec<u8>>,
    pub(super) until: Millis,
    pub(super) answer: oneshot::Sender<Result<bool, Arc<redb::Error>>>,
}

/// What is logged while the disk is in trouble, which may be every second.
#[derive(Default)]
struct Lines {
    sweep_failed: OnceAMinute,
    reopened: OnceAMinute,
    cannot_reopen: OnceAMinute,
}

pub(super) struct Writer {
    file: Arc<DatabaseFile>,
    clock: Arc<Clock>,
    sweep: Sweep,
    /// The file is not reopened before this time.
    next_opening: Instant,
    lines: Lines,
}

impl Writer {
    pub(super) fn new(file: Arc<DatabaseFile>, clock: Arc<Clock>) -> Self {
        Self {
            file,
            clock,
            sweep: Sweep::default(),
            next_opening: Instant::now(),
            lines: Lines::default(),
        }
    }

    pub(super) fn run(mut self, queue: &Receiver<Swap>) {
        let mut next_sweep = Instant::now() + SWEEP_EVERY;
        loop {
            match queue.recv_timeout(self.idle_until(next_sweep)) {
                Ok(first) => {
                    let more = queue.try_iter().take(SWAPS_PER_COMMIT - 1);
                    self.apply(std::iter::once(first).chain(more).collect());
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if self.file.failed() {
                self.mend();
                continue;
            }
            let begins = Instant::now() >= next_sweep;
            if begins {
                next_sweep = Instant::now() + SWEEP_EVERY;
            }
            if let Err(error) = self.sweep(begins)
                && let Some(left_out) = self.lines.sweep_failed.due()
            {
                let error = &error as &dyn Error;
                tracing::warn!(error, left_out, "sweeping the store failed");
            }
        }
    }

    /// How long to wait for swaps before there is other work.
    fn idle_until(&self, next_sweep: Instant) -> Duration {
        let next = match self.file.failed() {
            true => self.next_opening,
            false if self.sweep.goes_on() => return Duration::ZERO,
            false => next_sweep,
        };
        next.saturating_duration_since(Instant::now())
    }

    /// Makes one step of the sweep if there is one to make, so that swaps can come in between.
    fn sweep(&mut self, begins: bool) -> Result<(), redb::Error> {
        let now = self.clock.now();
        let sweep = &mut self.sweep;
        let outcome = self.file.commit(|database| {
            if begins {
                sweep.begin(database)?;
            }
            if sweep.goes_on() {
                sweep.step(database, now)?;
            }
            Ok(())
        });
        if outcome.is_err() {
            self.sweep.stop();
        }
        outcome
    }

    /// Reopens the file, unless that was attempted a moment ago. The original failure has been logged by the call that
    /// met it.
    fn mend(&mut self) {
        let began = Instant::now();
        if began < self.next_opening {
            return;
        }
        match self.file.reopen() {
            Ok(()) => {
                if let Some(left_out) = self.lines.reopened.due() {
                    tracing::warn!(left_out, "the store failed, and its file was reopened");
                }
            }
            Err(error) => {
                if let Some(left_out) = self.lines.cannot_reopen.due() {
                    tracing::error!(
                        error = &error as &dyn Error,
                        left_out,
                        "the store failed, and its file cannot be reopened; retrying"
                    );
                }
            }
        }
        // While the disk stays full the next write fails again, and while the file is being opened nothing can be read,
        // so a large file is reopened less often.
        self.next_opening = Instant::now() + REOPEN_AFTER.max(began.elapsed() * 10);
    }

    /// Commits the swaps together and answers those whose callers still wait.
    fn apply(&self, swaps: Vec<Swap>) {
        let now = self.clock.now();
        match self.file.commit(|database| commit(database, &swaps, now)) {
            Ok(outcomes) => {
                for (swap, outcome) in swaps.into_iter().zip(outcomes) {
                    let _ = swap.answer.send(Ok(outcome));
                }
            }
            Err(error) => {
                let error = Arc::new(error);
                for swap in swaps {
                    let _ = swap.answer.send(Err(Arc::clone(&error)));
                }
            }
        }
    }
}

pub(super) fn commit(
    database: &Database,
    swaps: &[Swap],
    now: Millis,
) -> Result<Vec<bool>, redb::Error> {
    let mut outcomes = Vec::with_capacity(swaps.len());
    let transaction = database.begin_write()?;
    {
        let mut values = transaction.open_table(VALUES)?;
        for swap in swaps {
            let applies = alive(&values, swap.user, now)? == swap.old;
            outcomes.push(applies);
            match &swap.new {
                _ if !applies => {}
                Some(bytes) => {
                    values.insert(&swap.user.0, (swap.until, bytes.as_slice()))?;
                }
                None => {
                    values.remove(&swap.user.0)?;
                }
            }
        }
        transaction.open_table(CLOCK)?.insert((), now)?;
    }
    transaction.commit()?;
    Ok(outcomes)
}
