//! How often somebody may guess, and how often register: counted in the store before a password is hashed.
//!
//! Every attempt counts as a wrong one before it is made, by the swap that allows it, and is given back once it turns out
//! to be right. So parallel guesses cannot slip through, however many servers there are.
//!
//! *What an attacker can try:*
//! - to guess from one phone, in parallel: ten an hour, whatever they guess at (`parallel_guesses_cannot_slip_through`);
//! - to guess at one account from many phones: five, then one after 1, 2, 4 … 60 seconds;
//! - to lock the owner out by guessing: phones that the account knows have a counter of their own
//!   (`strangers_do_not_lock_the_owner_out`), and nothing is ever locked for more than a minute;
//! - to keep others from signing in, by setting one new password after another: ten an hour
//!   (`new_passwords_are_limited`);
//! - to have an outage of the store count as somebody's guesses: what could not be given back is given back later
//!   (`what_an_outage_kept_from_being_given_back_is_given_back_after_it`);
//! - to find out by the limit whether a name exists: guesses at an unknown one are counted in the same way
//!   (the target is then the name itself).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Semaphore};
use tokio::time::sleep;
use wxsession_server::identity::UserKey;
use wxsession_server::ring::KeyRing;
use wxsession_server::store::{Store, StoreError};
use wxsession_server::user::Millis;

use crate::keyed::Keyed;

const PURPOSE: &str = "wxsession/1/limits";
/// The first byte of a stored counter. No user's value, pointer or tally begins with it.
const VERSION: u8 = 0x82;

const SECOND: Millis = 1000;
const HOUR: Millis = 3600 * SECOND;
const DAY: Millis = 24 * HOUR;

/// Wrong guesses of one WeChat user in an hour, at any account. NIST SP 800-63B-4 (§3.2.2) allows a hundred in all.
const GUESSES: u32 = 10;
/// Accounts that one WeChat user may register in a day.
const REGISTRATIONS: u32 = 3;
/// New passwords of one account in an hour. Each costs a hash, which only a few can have at once.
const NEW_PASSWORDS: u32 = 10;
/// Wrong guesses at one account before waiting begins, and the longest wait.
const FREE: u32 = 5;
const LONGEST_WAIT: Millis = 60 * SECOND;

/// How many times a counter is computed while other servers keep changing it.
const ATTEMPTS: usize = 16;
/// How many queues there are for the counters that this process changes.
const QUEUES: usize = 256;

/// After which pauses something is given back that could not be at once.
const PAUSES: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(25),
    Duration::from_secs(125),
];
/// How many wait to be given back at most.
const WAITING: usize = 1024;

/// An attempt at an account.
#[derive(Clone, Copy, Debug)]
pub struct Guess {
    /// The key of the WeChat user who makes it.
    pub by: UserKey,
    /// The key of the account, or of the identifier where there is none.
    pub at: UserKey,
    /// Whether the account knows this WeChat user.
    pub from: Phone,
}

/// Whose phone an attempt comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phone {
    /// That of a WeChat user who has signed in to the account before.
    Known,
    /// Any other.
    Stranger,
}

/// Why an attempt is not made.
#[derive(Debug, thiserror::Error)]
pub enum LimitError {
    /// There were too many.
    #[error("too many attempts")]
    Limited {
        /// How long to wait, in milliseconds.
        wait: Millis,
    },
    /// They cannot be counted.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Counts attempts. Its clones share everything.
#[derive(Clone)]
pub struct Limits(Arc<Shared>);

struct Shared {
    store: Arc<dyn Store>,
    keyed: Keyed,
    /// Parallel changes of one counter by this process would mostly be computed in vain. The swap decides.
    turns: [Mutex<()>; QUEUES],
    /// The places of what waits to be given back.
    later: Arc<Semaphore>,
}

/// Why a counter is not changed.
enum ChangeError {
    /// It could not be read, so it has not been changed for certain.
    Unread(StoreError),
    Failed(LimitError),
}

impl From<ChangeError> for LimitError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Unread(error) => error.into(),
            ChangeError::Failed(error) => error,
        }
    }
}

impl From<StoreError> for ChangeError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl Limits {
    /// Counts in this store, under keys that tell nothing without the ring.
    pub fn new(store: Arc<dyn Store>, ring: &KeyRing) -> Self {
        Self(Arc::new(Shared {
            store,
            keyed: Keyed::new(ring, PURPOSE),
            turns: [const { Mutex::const_new(()) }; QUEUES],
            later: Arc::new(Semaphore::new(WAITING)),
        }))
    }

    /// Counts a guess as a wrong one, before it is made.
    ///
    /// # Errors
    /// The WeChat user or the account has had too many, or they cannot be counted.
    pub async fn guess(&self, guess: Guess) -> Result<(), LimitError> {
        self.probe(guess.by).await?;
        let counted = self.count(self.at(guess), Rule::Slower).await;
        if counted.is_err() {
            // It is not made, so the WeChat user has not been wrong.
            self.forgive_probe(guess.by).await?;
        }
        counted
    }

    /// Gives a guess back, which was right or was not made.
    ///
    /// # Errors
    /// The store fails; the guess then counts as a wrong one.
    pub async fn forgive(&self, guess: Guess) -> Result<(), LimitError> {
        // The one is given back even if the other cannot be.
        let forgiven = self.forgive_probe(guess.by).await;
        self.give_back(self.at(guess)).await.and(forgiven)
    }

    /// Counts the question whether an identifier is free as a wrong guess, before it is answered.
    ///
    /// # Errors
    /// The WeChat user has guessed too often, or it cannot be counted.
    pub async fn probe(&self, by: UserKey) -> Result<(), LimitError> {
        let rule = Rule::Within(GUESSES, HOUR);
        self.count(self.by(by), rule).await
    }

    /// Gives a question back, whose answer was yes.
    ///
    /// # Errors
    /// The store fails; the question then counts as a wrong guess.
    pub async fn forgive_probe(&self, by: UserKey) -> Result<(), LimitError> {
        self.give_back(self.by(by)).await
    }

    /// Counts a registration, before it is made.
    ///
    /// # Errors
    /// The WeChat user has registered too often, or it cannot be counted.
    pub async fn register(&self, by: UserKey) -> Result<(), LimitError> {
        self.count(self.registrations(by), Rule::Within(REGISTRATIONS, DAY))
            .await
    }

    /// Gives a registration back, which was not made.
    ///
    /// # Errors
    /// The store fails; the registration then counts.
    pub async fn unregister(&self, by: UserKey) -> Result<(), LimitError> {
        self.give_back(self.registrations(by)).await
    }

    /// Counts a new password of an account, before it is hashed.
    ///
    /// # Errors
    /// The account has had too many, or it cannot be counted.
    pub async fn new_password(&self, account: UserKey) -> Result<(), LimitError> {
        let key = self.0.keyed.key(&[b"new passwords of", &account.0]);
        self.count(key, Rule::Within(NEW_PASSWORDS, HOUR)).await
    }

    fn by(&self, by: UserKey) -> UserKey {
        self.0.keyed.key(&[b"guesses by", &by.0])
    }

    fn at(&self, guess: Guess) -> UserKey {
        let whose: &[u8] = match guess.from {
            Phone::Known => b"guesses of known phones at",
            Phone::Stranger => b"guesses of strangers at",
        };
        self.0.keyed.key(&[whose, &guess.at.0])
    }

    fn registrations(&self, by: UserKey) -> UserKey {
        self.0.keyed.key(&[b"registrations by", &by.0])
    }

    async fn count(&self, key: UserKey, rule: Rule) -> Result<(), LimitError> {
        self.change(key, |counter, now| {
            rule.one_more(counter, now)
                .map_err(|wait| LimitError::Limited { wait })
        })
        .await
        .map_err(LimitError::from)
    }

    /// Takes one off a counter, later if its value cannot be read now. After a swap that failed it is not tried again: the
    /// swap may have been made, and one too many would be one more guess.
    async fn give_back(&self, key: UserKey) -> Result<(), LimitError> {
        let given = self.take_off(key).await;
        if matches!(given, Err(ChangeError::Unread(_))) {
            self.give_back_later(key);
        }
        given.map_err(LimitError::from)
    }

    fn give_back_later(&self, key: UserKey) {
        let Ok(place) = Arc::clone(&self.0.later).try_acquire_owned() else {
            return;
        };
        let limits = self.clone();
        tokio::spawn(async move {
            let _place = place;
            for pause in PAUSES {
                sleep(pause).await;
                if !matches!(limits.take_off(key).await, Err(ChangeError::Unread(_))) {
                    return;
                }
            }
        });
    }

    async fn take_off(&self, key: UserKey) -> Result<(), ChangeError> {
        self.change(key, |counter, _| {
            Ok(counter.map(Counter::one_less).unwrap_or_default())
        })
        .await
    }

    async fn change(
        &self,
        key: UserKey,
        rule: impl Fn(Option<Counter>, Millis) -> Result<Counter, LimitError>,
    ) -> Result<(), ChangeError> {
        let Shared { store, turns, .. } = &*self.0;
        let _turn = turns[usize::from(key.0[0]) % QUEUES].lock().await;
        for _ in 0..ATTEMPTS {
            let old = store.get(key).await.map_err(ChangeError::Unread)?;
            let counter = match old.as_deref() {
                None => None,
                // If it counted as absent, the limit would begin anew.
                Some(value) => Some(Counter::decode(value).ok_or(StoreError::Unreadable)?),
            };
            let now = store.now();
            let counter = rule(counter, now).map_err(ChangeError::Failed)?;
            let new = (counter.count > 0).then(|| counter.encode());
            let left = counter.until.saturating_sub(now);
            if new == old || store.swap(key, old, new, left).await? {
                return Ok(());
            }
        }
        Err(StoreError::Contended.into())
    }
}

/// When one more is allowed.
#[derive(Clone, Copy, Debug)]
enum Rule {
    /// So many within a span, which begins with the first.
    Within(u32, Millis),
    /// Some at once, then each after twice the time. What lies an hour back is forgotten.
    Slower,
}

impl Rule {
    /// The counter after one more, or how long to wait.
    fn one_more(self, counter: Option<Counter>, now: Millis) -> Result<Counter, Millis> {
        let counter = counter
            .filter(|counter| now < counter.until)
            .unwrap_or_default();
        let until = match self {
            Self::Within(most, _) if counter.count >= most => return Err(counter.until - now),
            Self::Within(_, _) if counter.count > 0 => counter.until,
            Self::Within(_, span) => now.saturating_add(span),
            Self::Slower => {
                let due = counter.last.saturating_add(wait_after(counter.count));
                if now < due {
                    return Err(due - now);
                }
                now.saturating_add(HOUR)
            }
        };
        Ok(Counter {
            count: counter.count.saturating_add(1),
            last: now,
            until,
        })
    }
}

/// How long to wait after so many wrong guesses.
fn wait_after(count: u32) -> Millis {
    match count.checked_sub(FREE) {
        None => 0,
        // Beyond six doublings the wait is the longest anyway.
        Some(more) => (SECOND << more.min(6)).min(LONGEST_WAIT),
    }
}

/// How often something has happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counter {
    count: u32,
    /// When it happened last.
    last: Millis,
    /// When all of it is forgotten.
    until: Millis,
}

impl Counter {
    fn one_less(self) -> Self {
        Self {
            count: self.count.saturating_sub(1),
            ..self
        }
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        bytes.extend(self.count.to_be_bytes());
        bytes.extend(self.last.to_be_bytes());
        bytes.extend(self.until.to_be_bytes());
        bytes
    }

    fn decode(value: &[u8]) -> Option<Self> {
        let (version, rest) = value.split_first()?;
        let (count, rest) = rest.split_first_chunk()?;
        let (last, until) = rest.split_first_chunk()?;
        (*version == VERSION).then_some(Self {
            count: u32::from_be_bytes(*count),
            last: Millis::from_be_bytes(*last),
            until: Millis::from_be_bytes(until.try_into().ok()?),
        })
    }
}

impl fmt::Debug for Limits {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Limits")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
    use std::time::Duration;

    use proptest::prelude::*;
    use tokio::task::JoinSet;
    use wxsession_server::identity::UserKey;
    use wxsession_server::ring::KeyRing;
    use wxsession_server::store::{MemoryStore, Store, StoreError, StoreFuture};
    use wxsession_server::user::Millis;

    use super::{Counter, Guess, HOUR, LimitError, Limits, Phone, Rule, wait_after};

    fn limits() -> Limits {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        Limits::new(store, &KeyRing::generate().unwrap())
    }

    fn guess(by: u16, from: Phone) -> Guess {
        let mut key = [0; 16];
        key[..2].copy_from_slice(&by.to_be_bytes());
        Guess {
            by: UserKey(key),
            at: UserKey([0xa; 16]),
            from,
        }
    }

    #[test]
    fn the_wait_doubles_up_to_a_minute() {
        let waits: Vec<u64> = (0..14).map(|count| wait_after(count) / 1000).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(wait_after(u32::MAX), 60_000);
    }

    #[test]
    fn ten_an_hour_from_the_first_and_then_anew() {
        let rule = Rule::Within(10, HOUR);
        let mut counter = None;
        for now in 0..10 {
            counter = Some(rule.one_more(counter, now).unwrap());
        }
        assert_eq!(rule.one_more(counter, 10), Err(HOUR - 10));
        assert_eq!(rule.one_more(counter, HOUR).unwrap().count, 1);
    }

    #[test]
    fn a_wait_begins_with_the_last_guess_and_ends() {
        let mut counter = None;
        for now in [0, 0, 0, 0, 0] {
            counter = Some(Rule::Slower.one_more(counter, now).unwrap());
        }
        assert_eq!(Rule::Slower.one_more(counter, 400), Err(600));
        let sixth = Rule::Slower.one_more(counter, 1000).unwrap();
        assert_eq!(Rule::Slower.one_more(Some(sixth), 1000), Err(2000));
        assert_eq!(
            Rule::Slower
                .one_more(Some(sixth), 1000 + HOUR)
                .unwrap()
                .count,
            1
        );
    }

    #[tokio::test]
    async fn parallel_guesses_cannot_slip_through() {
        let limits = limits();
        let mut guesses = JoinSet::new();
        for place in 0..100 {
            let limits = limits.clone();
            // Each at another account, so that only the WeChat user's own limit holds.
            let guess = Guess {
                at: UserKey([place; 16]),
                ..guess(1, Phone::Stranger)
            };
            guesses.spawn(async move { limits.guess(guess).await.is_ok() });
        }
        let allowed = guesses
            .join_all()
            .await
            .into_iter()
            .filter(|is| *is)
            .count();
        assert_eq!(allowed, 10);
    }

    #[tokio::test]
    async fn strangers_do_not_lock_the_owner_out() {
        let limits = limits();
        let mut allowed = 0;
        for stranger in 100..1100 {
            allowed += u32::from(limits.guess(guess(stranger, Phone::Stranger)).await.is_ok());
        }
        assert!((5..20).contains(&allowed), "{allowed}");
        limits.guess(guess(1, Phone::Known)).await.unwrap();
    }

    #[tokio::test]
    async fn right_guesses_do_not_count_and_refused_ones_cost_the_phone_nothing() {
        let limits = limits();
        for _ in 0..30 {
            limits.guess(guess(1, Phone::Known)).await.unwrap();
            limits.forgive(guess(1, Phone::Known)).await.unwrap();
        }
        for stranger in 100..105 {
            limits
                .guess(guess(stranger, Phone::Stranger))
                .await
                .unwrap();
        }
        for _ in 0..30 {
            let refused = limits.guess(guess(2, Phone::Stranger)).await;
            assert!(
                matches!(refused, Err(LimitError::Limited { wait: 1..=1000 })),
                "{refused:?}"
            );
        }
        let elsewhere = Guess {
            at: UserKey([0xb; 16]),
            ..guess(2, Phone::Stranger)
        };
        limits.guess(elsewhere).await.unwrap();
    }

    /// A store that can be away.
    #[derive(Default)]
    struct Moody {
        store: MemoryStore,
        is_away: AtomicBool,
    }

    impl Moody {
        fn refuses(&self) -> bool {
            self.is_away.load(Relaxed)
        }
    }

    impl Store for Moody {
        fn get(&self, user: UserKey) -> StoreFuture<'_, Option<Vec<u8>>> {
            if self.refuses() {
                return Box::pin(async { Err(StoreError::Late) });
            }
            self.store.get(user)
        }

        fn swap(
            &self,
            user: UserKey,
            old: Option<Vec<u8>>,
            new: Option<Vec<u8>>,
            ttl: Millis,
        ) -> StoreFuture<'_, bool> {
            self.store.swap(user, old, new, ttl)
        }

        fn now(&self) -> Millis {
            self.store.now()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_an_outage_kept_from_being_given_back_is_given_back_after_it() {
        let store = Arc::new(Moody::default());
        let limits = Limits::new(store.clone(), &KeyRing::generate().unwrap());
        let ann = guess(1, Phone::Known);
        for _ in 0..30 {
            limits.guess(ann).await.unwrap();
            limits.register(ann.by).await.unwrap();
            store.is_away.store(true, Relaxed);
            assert!(limits.forgive(ann).await.is_err());
            assert!(limits.unregister(ann.by).await.is_err());
            // The store is still away when it is asked again.
            tokio::time::sleep(Duration::from_secs(4)).await;
            store.is_away.store(false, Relaxed);
            tokio::time::sleep(Duration::from_secs(4)).await;
        }
    }

    #[tokio::test]
    async fn a_wechat_user_registers_three_times_a_day() {
        let limits = limits();
        let by = UserKey([1; 16]);
        for _ in 0..3 {
            limits.register(by).await.unwrap();
        }
        assert!(matches!(
            limits.register(by).await,
            Err(LimitError::Limited { .. })
        ));
        limits.unregister(by).await.unwrap();
        limits.register(by).await.unwrap();
    }

    #[tokio::test]
    async fn a_value_that_is_no_counter_does_not_begin_the_limit_anew() {
        let limits = limits();
        let key = limits.by(guess(1, Phone::Stranger).by);
        limits
            .0
            .store
            .swap(key, None, Some(vec![2, 0]), 1000)
            .await
            .unwrap();
        assert!(matches!(
            limits.guess(guess(1, Phone::Stranger)).await,
            Err(LimitError::Store(_))
        ));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_counter_or_none(value in prop::collection::vec(any::<u8>(), 0..30)) {
            if let Some(counter) = Counter::decode(&value) {
                prop_assert_eq!(counter.encode(), value);
            }
        }
    }
}
