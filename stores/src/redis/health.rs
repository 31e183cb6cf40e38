//! The health of a connection, judged by its answers.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use redis::{ErrorKind, RedisError, RedisResult, ServerErrorKind};
use tokio::sync::Notify;
use tokio::time::error::Elapsed;

/// A hung server does not close its connections. After this many consecutive timeouts the connection is abandoned.
const LATE_RUNNING: u32 = 3;

/// Why a command failed.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum CallError {
    /// The answer did not come in time.
    #[error("no answer in time")]
    Late,
    /// The connection broke.
    #[error("the connection broke")]
    Broken(#[source] RedisError),
    /// The server has made the write, and too few replicas have it.
    #[error(
        "{have} of {wanted} replicas have the write, which is lost if the server dies now; look after the replicas, or \
         wait for fewer"
    )]
    Unreplicated {
        /// How many replicas have it.
        have: i64,
        /// How many were to have it.
        wanted: u8,
    },
    /// There is no connection, or the server refuses the command.
    #[error(transparent)]
    Refused(#[from] RedisError),
}

/// The health of the current connection. It is kept apart from the connection, because all calls share it.
#[derive(Debug, Default)]
pub(super) struct Health {
    late_running: AtomicU32,
    /// The number of the last connection that was abandoned.
    given_up: AtomicU32,
    notice: Notify,
}

impl Health {
    pub(super) fn is_trusted(&self, number: u32) -> bool {
        self.given_up.load(Relaxed) < number
    }

    pub(super) fn judge<T>(
        &self,
        number: u32,
        answer: Result<RedisResult<T>, Elapsed>,
    ) -> Result<T, CallError> {
        let Ok(answer) = answer else {
            if self.is_trusted(number)
                && self.late_running.fetch_add(1, Relaxed) + 1 >= LATE_RUNNING
            {
                self.give_up(number);
            }
            return Err(CallError::Late);
        };
        // Written only if it changes: a write costs more than a read.
        if self.late_running.load(Relaxed) != 0 {
            self.late_running.store(0, Relaxed);
        }
        match answer.map_err(discreet) {
            Ok(value) => Ok(value),
            Err(error) if error.is_unrecoverable_error() => {
                self.give_up(number);
                Err(CallError::Broken(error))
            }
            Err(error) => {
                // The server was the primary; now another is.
                if error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly) {
                    self.give_up(number);
                }
                Err(CallError::Refused(error))
            }
        }
    }

    pub(super) fn give_up(&self, number: u32) {
        if self.given_up.fetch_max(number, Relaxed) < number {
            self.late_running.store(0, Relaxed);
            self.notice.notify_one();
        }
    }

    /// Resolves once this connection is abandoned.
    pub(super) async fn given_up(&self, number: u32) {
        while self.is_trusted(number) {
            self.notice.notified().await;
        }
    }
}

/// Drops what the server repeats of a command that it does not know: that part may name the user of a value.
fn discreet(error: RedisError) -> RedisError {
    let repeated = error
        .detail()
        .and_then(|told| told.split_once(", with args"));
    match repeated.map(|(before, _)| before.to_owned()) {
        Some(before) => (error.kind(), "the server refuses a command", before).into(),
        None => error,
    }
}
