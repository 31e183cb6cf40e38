//! A bulkhead: limits how many calls of one kind are in flight. Further calls wait a moment, and calls for which the queue
//! has no room are refused at once.

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

const PLACES: usize = 64;
const SEATS: usize = 256;
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// There is no room for another call.
#[derive(Debug)]
pub(super) struct Full;

#[derive(Debug)]
pub(super) struct Bulkhead {
    places: Semaphore,
    /// The queue for a place.
    seats: Semaphore,
}

impl Bulkhead {
    pub(super) fn new() -> Self {
        Self {
            places: Semaphore::new(PLACES),
            seats: Semaphore::new(SEATS),
        }
    }

    /// Waits for a place, which is held until dropped.
    ///
    /// # Errors
    /// The queue is full, or the wait took too long.
    pub(super) async fn enter(&self) -> Result<SemaphorePermit<'_>, Full> {
        if let Ok(place) = self.places.try_acquire() {
            return Ok(place);
        }
        let _seat = self.seats.try_acquire().map_err(|_| Full)?;
        let place = timeout(LONGEST_WAIT, self.places.acquire()).await;
        place.ok().and_then(Result::ok).ok_or(Full)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::task::JoinSet;
    use tokio::time::{Instant, sleep};

    use super::{Bulkhead, Full, LONGEST_WAIT, PLACES, SEATS};

    /// Makes this many calls at once, each of which takes `each`. Returns how many were admitted, and when the last one
    /// knew.
    async fn herd(calls: usize, each: Duration) -> (usize, Duration) {
        let bulkhead = Arc::new(Bulkhead::new());
        let start = Instant::now();
        let mut herd = JoinSet::new();
        for _ in 0..calls {
            let bulkhead = Arc::clone(&bulkhead);
            herd.spawn(async move {
                let place = bulkhead.enter().await;
                let known = start.elapsed();
                if place.is_ok() {
                    sleep(each).await;
                }
                (place.is_ok(), known)
            });
        }
        let outcomes = herd.join_all().await;
        let entered = outcomes.iter().filter(|(entered, _)| *entered).count();
        (
            entered,
            outcomes.iter().map(|(_, known)| *known).max().unwrap(),
        )
    }

    #[tokio::test(start_paused = true)]
    async fn what_fits_into_places_and_queue_is_let_in_and_the_rest_turned_away() {
        let (entered, _) = herd(2000, Duration::from_millis(10)).await;
        assert_eq!(entered, PLACES + SEATS);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_longer_than_a_second() {
        let (entered, last) = herd(2000, Duration::from_secs(60)).await;
        assert_eq!((entered, last), (PLACES, LONGEST_WAIT));
    }

    #[tokio::test(start_paused = true)]
    async fn a_place_given_back_goes_to_the_next() {
        let bulkhead = Bulkhead::new();
        let mut places = Vec::new();
        for _ in 0..PLACES {
            places.push(bulkhead.enter().await.unwrap());
        }
        assert!(matches!(bulkhead.enter().await, Err(Full)));
        places.pop();
        assert!(bulkhead.enter().await.is_ok());
    }
}
