//! Hashes of passwords: argon2id, a few at a time, behind everything else that the server does.
//!
//! *What an attacker can try:*
//! - to guess offline, with a dump of the store: each guess costs 19 MiB and 49 ms of a server's core;
//! - to exhaust the server: a hash needs a permit, one core has none (`one_core_is_left`), the threads give way to
//!   others, and beyond four times as many waiting the answer is [`Busy`] at once (`beyond_the_queue_nobody_waits`);
//! - to tell by time whether an identifier exists: a password is hashed for an unknown one too
//!   (`an_unknown_name_costs_a_hash_as_well`).

mod background;

use std::fmt;
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use self::background::in_background;
use crate::password::Password;

/// OWASP's Password Storage Cheat Sheet (2025): argon2id with 19 MiB, two passes and one lane at least.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// How many wait for a permit, for each permit. With 49 ms a hash, the last waits a fifth of a second.
const WAITING_PER_PERMIT: usize = 4;

/// The hash of no password: what a guess at an unknown identifier is verified against. Made with the parameters above
/// (`the_hash_of_nobody_costs_what_others_cost`), from 32 random bytes that nobody kept.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$/9I3ZIs4OLvLzNQHGaDqVg$wVFPqmKYvXOWbqBxPmaY1tbPskSvTGTaQ1HJJc0BjEQ";

/// A password's hash with its salt and parameters, in the PHC string format.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordRecord(String);

/// Too many passwords wait for their hash already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords wait to be hashed")]
pub struct Busy;

/// Hashes passwords beside the threads that serve requests. Its clones share permits and count.
#[derive(Clone)]
pub struct Hasher(Arc<Shared>);

struct Shared {
    /// One for each hash that runs or waits.
    places: Arc<Semaphore>,
    /// One for each hash that runs.
    permits: Arc<Semaphore>,
    hashes: AtomicU64,
    /// Called for each hash.
    counted: Box<dyn Fn() + Send + Sync>,
}

impl Hasher {
    /// A hasher that runs as many hashes at once as there are cores, less one for those who send no password; at least
    /// one.
    pub fn new() -> Self {
        Self::counted_by(|| {})
    }

    /// The same, and calls `counted` for each hash.
    pub fn counted_by(counted: impl Fn() + Send + Sync + 'static) -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        Self::with_permits(permits(cores), counted)
    }

    pub(crate) fn with_permits(permits: usize, counted: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(Shared {
            places: Arc::new(Semaphore::new(permits * (1 + WAITING_PER_PERMIT))),
            permits: Arc::new(Semaphore::new(permits)),
            hashes: AtomicU64::new(0),
            counted: Box::new(counted),
        }))
    }

    /// How many hashes were made.
    pub fn hashes(&self) -> u64 {
        self.0.hashes.load(Ordering::Relaxed)
    }

    /// Whether one more password would be turned away now.
    pub fn is_full(&self) -> bool {
        self.0.places.available_permits() == 0
    }

    /// Hashes a password under a salt of its own.
    ///
    /// # Errors
    /// Too many wait already.
    pub async fn hash(&self, password: &Password) -> Result<PasswordRecord, Busy> {
        let password = password.clone();
        let hashed = move || argon2().hash_password(password.reveal()).ok();
        let record = self.run(hashed).await?;
        // It fails for want of memory or of random bytes.
        record
            .map(|record| PasswordRecord(record.to_string()))
            .ok_or(Busy)
    }

    /// Whether the password is the one that was hashed. Without a record it is wrong, after the same time.
    ///
    /// # Errors
    /// Too many wait already.
    pub async fn verify(
        &self,
        password: &Password,
        record: Option<&PasswordRecord>,
    ) -> Result<bool, Busy> {
        let password = password.clone();
        let expected = record.map_or_else(|| NOBODY.to_owned(), |record| record.0.clone());
        let is_right = self.run(move || matches(&password, &expected)).await?;
        Ok(is_right && record.is_some())
    }

    /// The place and the permit are held until the hash is done, also when nobody waits for it any longer.
    async fn run<T: Send + 'static>(
        &self,
        hash: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let Shared {
            places, permits, ..
        } = &*self.0;
        let place = Arc::clone(places).try_acquire_owned().map_err(|_| Busy)?;
        let permit = Arc::clone(permits)
            .acquire_owned()
            .await
            .map_err(|_| Busy)?;
        self.0.hashes.fetch_add(1, Ordering::Relaxed);
        (self.0.counted)();
        let hashing = in_background(move || {
            let _held = (place, permit);
            hash()
        });
        hashing.await.ok_or(Busy)
    }
}

impl Default for Hasher {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Hasher")
    }
}

impl fmt::Debug for PasswordRecord {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PasswordRecord(redacted)")
    }
}

fn permits(cores: usize) -> usize {
    cores.saturating_sub(1).max(1)
}

fn argon2() -> Argon2<'static> {
    let parameters = Params::new(MEMORY_KIB, PASSES, LANES, None);
    let parameters = parameters.expect("argon2 allows 19 MiB, two passes and one lane");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters)
}

/// The comparison takes the same time whatever differs; the parameters are those of the record.
fn matches(password: &Password, expected: &str) -> bool {
    let expected = PasswordHash::new(expected);
    expected.is_ok_and(|expected| {
        argon2()
            .verify_password(password.reveal(), &expected)
            .is_ok()
    })
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::phc::PasswordHash;
    use tokio::task::JoinSet;

    use super::{Busy, Hasher, LANES, MEMORY_KIB, NOBODY, PASSES, permits};
    use crate::password::Password;

    #[tokio::test]
    async fn a_password_matches_its_own_record_alone() {
        let hasher = Hasher::new();
        let (right, wrong) = (Password::new("ktqwmvze"), Password::new("ktqwmvzf"));
        let record = hasher.hash(&right).await.unwrap();
        assert_ne!(record, hasher.hash(&right).await.unwrap());
        assert_eq!(hasher.verify(&right, Some(&record)).await, Ok(true));
        assert_eq!(hasher.verify(&wrong, Some(&record)).await, Ok(false));
        assert_eq!(format!("{record:?}"), "PasswordRecord(redacted)");
    }

    #[tokio::test]
    async fn an_unknown_name_costs_a_hash_as_well() {
        let hasher = Hasher::new();
        assert_eq!(
            hasher.verify(&Password::new("ktqwmvze"), None).await,
            Ok(false)
        );
        assert_eq!(hasher.hashes(), 1);
    }

    #[test]
    fn the_hash_of_nobody_costs_what_others_cost() {
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let fresh = Hasher::new();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let record = runtime
            .block_on(fresh.hash(&Password::new("ktqwmvze")))
            .unwrap();
        let fresh = PasswordHash::new(&record.0).unwrap();
        assert_eq!(
            (nobody.algorithm, &nobody.params),
            (fresh.algorithm, &fresh.params)
        );
        let costs = format!("m={MEMORY_KIB},t={PASSES},p={LANES}");
        assert_eq!(nobody.params.to_string(), costs);
        let lengths = |hash: &PasswordHash| {
            (
                hash.salt.unwrap().as_ref().len(),
                hash.hash.unwrap().as_ref().len(),
            )
        };
        assert_eq!(lengths(&nobody), lengths(&fresh));
    }

    #[test]
    fn one_core_is_left() {
        assert_eq!([1, 2, 3, 64].map(permits), [1, 1, 2, 63]);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn beyond_the_queue_nobody_waits() {
        let hasher = Hasher::with_permits(2, || {});
        let mut hashes = JoinSet::new();
        for _ in 0..100 {
            let hasher = hasher.clone();
            hashes.spawn(async move { hasher.verify(&Password::new("ktqwmvze"), None).await });
        }
        let answers = hashes.join_all().await;
        let made = answers
            .iter()
            .filter(|answer| **answer == Ok(false))
            .count();
        let turned_away = answers
            .iter()
            .filter(|answer| **answer == Err(Busy))
            .count();
        assert_eq!(made + turned_away, 100);
        assert!(turned_away > 0);
        assert_eq!(hasher.hashes(), made as u64);
        // Everybody has left, and the places are free again.
        assert_eq!(
            hasher.verify(&Password::new("ktqwmvze"), None).await,
            Ok(false)
        );
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_hash_that_is_given_up_keeps_its_permit_until_it_is_done() {
        let hasher = Hasher::with_permits(1, || {});
        for _ in 0..20 {
            let hashing = hasher.clone();
            let hash =
                tokio::spawn(async move { hashing.verify(&Password::new("ktqwmvze"), None).await });
            tokio::task::yield_now().await;
            hash.abort();
            let _ = hash.await;
            assert!(hasher.0.permits.available_permits() <= 1);
        }
        assert_eq!(
            hasher.verify(&Password::new("ktqwmvze"), None).await,
            Ok(false)
        );
        assert_eq!(hasher.0.permits.available_permits(), 1);
    }
}
