//! How a connection does, as its answers tell.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use redis::{ErrorKind, RedisError, RedisResult, ServerErrorKind, Value};
use tokio::sync::Notify;
use tokio::time::error::Elapsed;

/// A server that hangs does not close its connections: so many timeouts running, and it is done for it.
const LATE_RUNNING: u32 = 3;

/// Why a command has no answer, or not the one that was asked for.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum CallError {
    /// It did not come in time.
    #[error("no answer in time")]
    Late,
    /// The connection broke meanwhile.
    #[error("the connection broke")]
    Broken(#[source] RedisError),
    /// There is no connection, or the server refuses the command.
    #[error(transparent)]
    Refused(#[from] RedisError),
}

/// How the connection that there is does. It is no part of it, for all calls share it.
#[derive(Debug, Default)]
pub(super) struct Health {
    late_running: AtomicU32,
    /// The number of the last connection that is of no use any more.
    given_up: AtomicU32,
    notice: Notify,
}

impl Health {
    pub(super) fn is_trusted(&self, number: u32) -> bool {
        self.given_up.load(Relaxed) < number
    }

    pub(super) fn judge(
        &self,
        number: u32,
        answer: Result<RedisResult<Value>, Elapsed>,
    ) -> Result<Value, CallError> {
        let Ok(answer) = answer else {
            if self.is_trusted(number)
                && self.late_running.fetch_add(1, Relaxed) + 1 >= LATE_RUNNING
            {
                self.give_up(number);
            }
            return Err(CallError::Late);
        };
        // Not written where it is so already, for that is what costs.
        if self.late_running.load(Relaxed) != 0 {
            self.late_running.store(0, Relaxed);
        }
        match answer.and_then(Value::extract_error).map_err(discreet) {
            Ok(value) => Ok(value),
            Err(error) if error.is_unrecoverable_error() => {
                self.give_up(number);
                Err(CallError::Broken(error))
            }
            Err(error) => {
                // It was the primary; now there is another.
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

    /// Ends when this connection is of no use any more.
    pub(super) async fn given_up(&self, number: u32) {
        while self.is_trusted(number) {
            self.notice.notified().await;
        }
    }
}

/// Without the beginning of a command that the server does not know, which it repeats: it may name the user whom a
/// value is about.
fn discreet(error: RedisError) -> RedisError {
    let repeated = error
        .detail()
        .and_then(|told| told.split_once(", with args"));
    match repeated.map(|(before, _)| before.to_owned()) {
        Some(before) => (error.kind(), "the server refuses a command", before).into(),
        None => error,
    }
}
