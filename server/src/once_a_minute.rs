//! Log lines that would come by the thousand: at most once a minute.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

const SILENCE: Duration = Duration::from_secs(60);

/// Whether a line may be logged.
#[derive(Debug, Default)]
pub struct OnceAMinute(Mutex<Option<Instant>>);

impl OnceAMinute {
    /// For a line that has not been logged yet.
    pub const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Whether to log the line now; if so, it is not due again for a minute.
    pub fn is_due(&self) -> bool {
        let now = Instant::now();
        let mut logged = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = logged.is_none_or(|logged| now.duration_since(logged) >= SILENCE);
        if due {
            *logged = Some(now);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::OnceAMinute;

    #[tokio::test(start_paused = true)]
    async fn it_is_due_once_a_minute() {
        let line = OnceAMinute::default();
        assert!(line.is_due());
        advance(Duration::from_secs(59)).await;
        assert!(!line.is_due());
        advance(Duration::from_secs(1)).await;
        assert!(line.is_due() && !line.is_due());
    }
}
