//! Log lines that would come by the thousand, once a minute.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

const SILENCE: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub(crate) struct Alarm(Mutex<Option<Instant>>);

impl Alarm {
    /// One that has told nothing yet.
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Whether it is time to tell it; if so, not again for a minute.
    pub(crate) fn is_due(&self) -> bool {
        let now = Instant::now();
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = told.is_none_or(|told| now.duration_since(told) >= SILENCE);
        if due {
            *told = Some(now);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::Alarm;

    #[tokio::test(start_paused = true)]
    async fn it_is_due_once_a_minute() {
        let alarm = Alarm::default();
        assert!(alarm.is_due());
        advance(Duration::from_secs(59)).await;
        assert!(!alarm.is_due());
        advance(Duration::from_secs(1)).await;
        assert!(alarm.is_due() && !alarm.is_due());
    }
}
