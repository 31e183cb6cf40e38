//! Log lines that clients or an outage can cause by the thousand: each at most once a minute, with the number of those
//! left out.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

const SILENCE: Duration = Duration::from_secs(60);

/// A line that is logged once a minute at most.
#[derive(Debug, Default)]
pub struct OnceAMinute(Mutex<Line>);

#[derive(Debug, Default)]
struct Line {
    logged: Option<Instant>,
    left_out: u64,
}

impl OnceAMinute {
    /// For a line that has not been logged yet.
    pub const fn new() -> Self {
        Self(Mutex::new(Line {
            logged: None,
            left_out: 0,
        }))
    }

    /// Whether to log the line now: then how many were left out since it was logged last, and it is not due again for a
    /// minute.
    pub fn due(&self) -> Option<u64> {
        let now = Instant::now();
        let mut line = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_silent = |logged: Instant| now.duration_since(logged) < SILENCE;
        if line.logged.is_some_and(is_silent) {
            line.left_out += 1;
            return None;
        }
        line.logged = Some(now);
        Some(std::mem::take(&mut line.left_out))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::OnceAMinute;

    #[tokio::test(start_paused = true)]
    async fn it_is_due_once_a_minute_and_counts_what_it_leaves_out() {
        let line = OnceAMinute::default();
        assert_eq!(line.due(), Some(0));
        advance(Duration::from_secs(59)).await;
        assert_eq!([line.due(), line.due()], [None, None]);
        advance(Duration::from_secs(1)).await;
        assert_eq!([line.due(), line.due()], [Some(2), None]);
        advance(Duration::from_secs(60)).await;
        assert_eq!(line.due(), Some(1));
    }
}
