use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::task::JoinSet;
use wxsession_server::Identity;
use wxsession_server::identity::UserKey;
use wxsession_server::ring::KeyRing;
use wxsession_server::store::{MemoryStore, Store, StoreError, StoreFuture};
use wxsession_server::user::{Lifetimes, Millis, User};

use super::{Doorkeeper, Holder, SignInError, Verdict, Wishes};
use crate::account::Account;
use crate::directory::{
    Books, BooksFuture, Change, Directory, DirectoryError, Found, Newcomer, Rule,
};
use crate::events::Events;
use crate::hashing::Hasher;
use crate::identifier::Identifier;
use crate::keys::Keys;
use crate::limits::{LimitError, Limits};
use crate::link::Linked;
use crate::password::{LEAST_CHARACTERS, Password, Weakness};
use crate::pointer::{FOR_EVER, Strength};

const REGISTER: Wishes = Wishes {
    register: true,
    link: false,
};
const LINK: Wishes = Wishes {
    register: false,
    link: true,
};
const PASSWORD: &str = "ktqwmvze";

/// Books without sessions, in the same store.
struct BareBooks {
    store: Arc<dyn Store>,
    keys: Arc<Keys>,
}

impl Books for BareBooks {
    fn read(&self, account: UserKey) -> BooksFuture<'_, Option<Account>> {
        Box::pin(async move {
            let value = self.store.get(account).await?;
            Ok(value.map(|value| Account::decode(&self.keys, account, &value).unwrap()))
        })
    }

    fn change<'a>(&'a self, key: UserKey, rule: &'a Rule<'a>) -> BooksFuture<'a, bool> {
        Box::pin(async move {
            loop {
                let old = self.store.get(key).await?;
                let account = old
                    .as_deref()
                    .map(|value| Account::decode(&self.keys, key, value).unwrap());
                let new = match rule(account) {
                    None => return Ok(false),
                    Some(Change::Remove) => None,
                    Some(Change::Write(account)) => Some(account.encode(&self.keys, key)?),
                };
                if self.store.swap(key, old, new, FOR_EVER).await? {
                    return Ok(true);
                }
            }
        })
    }
}

/// A store that counts its calls.
struct CountedStore {
    store: MemoryStore,
    calls: Arc<AtomicUsize>,
}

impl Store for CountedStore {
    fn get(&self, user: UserKey) -> StoreFuture<'_, Option<Vec<u8>>> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.store.get(user)
    }

    fn swap(
        &self,
        user: UserKey,
        old: Option<Vec<u8>>,
        new: Option<Vec<u8>>,
        ttl: Millis,
    ) -> StoreFuture<'_, bool> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.store.swap(user, old, new, ttl)
    }

    fn now(&self) -> Millis {
        self.store.now()
    }
}

struct Rig {
    store: Arc<dyn Store>,
    calls: Arc<AtomicUsize>,
    door: Doorkeeper,
}

impl Rig {
    async fn new() -> Self {
        let calls = Arc::new(AtomicUsize::new(0));
        let store: Arc<dyn Store> = Arc::new(CountedStore {
            store: MemoryStore::new(),
            calls: Arc::clone(&calls),
        });
        let ring = KeyRing::generate().unwrap();
        let keys = Arc::new(Keys::open(&*store, &ring).await.unwrap());
        let books = BareBooks {
            store: Arc::clone(&store),
            keys: Arc::clone(&keys),
        };
        let door = Doorkeeper {
            directory: Directory::new(Arc::clone(&store), Arc::new(books)),
            keys,
            hasher: Hasher::new(),
            limits: Limits::new(Arc::clone(&store), &ring),
            least: LEAST_CHARACTERS,
            events: Events::untold(),
        };
        Self { store, calls, door }
    }

    async fn password(
        &self,
        openid: &str,
        typed: &str,
        password: &str,
        wishes: Wishes,
    ) -> Result<Verdict, SignInError> {
        let identifier = Identifier::parse(typed).unwrap();
        self.door
            .by_password(
                holder(openid),
                &identifier,
                &Password::new(password),
                wishes,
            )
            .await
    }

    async fn register(&self, openid: &str, typed: &str) -> String {
        user(self.password(openid, typed, PASSWORD, REGISTER).await)
    }

    async fn wechat(&self, openid: &str) -> Result<Verdict, SignInError> {
        self.door.by_wechat(holder(openid)).await
    }

    fn proven(&self, typed: &str) -> Newcomer {
        let identifier = Identifier::parse(typed).unwrap();
        Newcomer {
            strength: Strength::Proven,
            ..self.door.named(&identifier)
        }
    }

    async fn account(&self, user: &str) -> Account {
        self.door
            .directory
            .books()
            .read(UserKey::of_account(user))
            .await
            .unwrap()
            .unwrap()
    }

    async fn guest(&self, openid: &str, blocked: bool) -> Vec<u8> {
        let identity = Identity {
            appid: "wx1".into(),
            openid: openid.into(),
            unionid: None,
        };
        let mut guest = User::new(identity);
        if blocked {
            guest.block(1_000_000, &Lifetimes::default(), self.store.now());
        }
        let value = guest.encode();
        let key = holder(openid).key;
        assert!(
            self.store
                .swap(key, None, Some(value.clone()), FOR_EVER)
                .await
                .unwrap()
        );
        value
    }
}

fn holder(openid: &str) -> Holder {
    Holder {
        key: UserKey::new("wx1", openid),
    }
}

fn user(verdict: Result<Verdict, SignInError>) -> String {
    match verdict {
        Ok(Verdict::Member(entry)) => entry.user,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_guest_registers_and_keeps_the_user_id_on_every_phone() {
    let rig = Rig::new().await;
    rig.guest("ann", false).await;
    assert!(matches!(rig.wechat("ann").await, Ok(Verdict::Guest)));
    let ann = rig.register("ann", "li.na").await;
    assert_eq!(ann, holder("ann").guest_id());
    // Her other phone follows without a tap.
    assert_eq!(user(rig.wechat("ann").await), ann);
    // So does a phone of somebody else, with her password.
    assert_eq!(
        user(
            rig.password("ben", "Li.Na", PASSWORD, Wishes::default())
                .await
        ),
        ann
    );
    assert!(matches!(rig.wechat("ben").await, Ok(Verdict::Guest)));
}

#[tokio::test]
async fn a_phone_is_linked_where_that_is_wished_for_and_to_one_account_alone() {
    let rig = Rig::new().await;
    let ann = rig.register("ann", "li.na").await;
    let ben = rig.register("ben", "ben.ten").await;
    assert_eq!(
        user(rig.password("cat", "li.na", PASSWORD, LINK).await),
        ann
    );
    assert_eq!(user(rig.wechat("cat").await), ann);
    assert_eq!(
        user(rig.password("cat", "li.na", PASSWORD, LINK).await),
        ann
    );
    let taken = rig.password("cat", "ben.ten", PASSWORD, LINK).await;
    assert!(matches!(taken, Ok(Verdict::Taken)), "{taken:?}");
    assert_eq!(user(rig.wechat("cat").await), ann);
    assert_eq!(rig.account(&ben).await.ways().len(), 2);
    assert_eq!(rig.account(&ann).await.ways().len(), 3);
}

#[tokio::test]
async fn what_is_wrong_makes_no_difference() {
    let rig = Rig::new().await;
    rig.register("ann", "li.na").await;
    let proven = rig.proven("+8613800138000");
    user(rig.door.by_proof(holder("dan"), proven, REGISTER).await);
    let made = rig.door.hasher.hashes();
    let attempts = [
        ("li.na", "wrong-password"),
        ("nobody", PASSWORD),
        ("+8613800138000", PASSWORD),
    ];
    let mut calls = Vec::new();
    for (place, (typed, password)) in attempts.into_iter().enumerate() {
        let before = rig.calls.load(Ordering::Relaxed);
        let wrong = rig
            .password("ben", typed, password, Wishes::default())
            .await;
        assert!(matches!(wrong, Ok(Verdict::Wrong)), "{typed}: {wrong:?}");
        assert_eq!(rig.door.hasher.hashes(), made + 1 + place as u64);
        calls.push(rig.calls.load(Ordering::Relaxed) - before);
    }
    assert!(calls.iter().all(|number| *number == calls[0]), "{calls:?}");
}

#[tokio::test]
async fn of_a_hundred_parallel_wrong_guesses_ten_are_hashed_at_most() {
    let rig = Rig::new().await;
    rig.register("ann", "li.na").await;
    let made = rig.door.hasher.hashes();
    let rig = Arc::new(rig);
    let mut guesses = JoinSet::new();
    for _ in 0..100 {
        let rig = Arc::clone(&rig);
        guesses.spawn(async move {
            rig.password("ben", "li.na", "wrong-password", Wishes::default())
                .await
        });
    }
    let answers = guesses.join_all().await;
    assert!(answers.iter().all(|answer| matches!(
        answer,
        Ok(Verdict::Wrong)
            | Err(SignInError::Limit(LimitError::Limited { .. }) | SignInError::Busy(_))
    )));
    assert!(rig.door.hasher.hashes() - made <= 10);
}

#[tokio::test]
async fn strangers_who_guess_do_not_keep_the_owner_out() {
    let rig = Rig::new().await;
    let ann = rig.register("ann", "li.na").await;
    let key = UserKey::of_account(&ann);
    let knows = |account: Option<Account>| {
        let mut account = account?;
        account.meet(holder("ann").key);
        Some(Change::Write(account))
    };
    rig.door
        .directory
        .books()
        .change(key, &knows)
        .await
        .unwrap();
    for stranger in 0..20 {
        let _ = rig
            .password(
                &format!("stranger{stranger}"),
                "li.na",
                "wrong-password",
                Wishes::default(),
            )
            .await;
    }
    let refused = rig
        .password("stranger", "li.na", PASSWORD, Wishes::default())
        .await;
    assert!(
        matches!(refused, Err(SignInError::Limit(LimitError::Limited { .. }))),
        "{refused:?}"
    );
    assert_eq!(
        user(
            rig.password("ann", "li.na", PASSWORD, Wishes::default())
                .await
        ),
        ann
    );
}

#[tokio::test]
async fn who_is_turned_away_because_too_many_passwords_wait_has_not_guessed() {
    let mut rig = Rig::new().await;
    let ann = rig.register("ann", "li.na").await;
    let hasher = rig.door.hasher.clone();
    rig.door.hasher = Hasher::with_permits(0, || {});
    for _ in 0..20 {
        let busy = rig.password("ann", "li.na", PASSWORD, Wishes::default());
        let busy = busy.await;
        assert!(matches!(busy, Err(SignInError::Busy(_))), "{busy:?}");
    }
    rig.door.hasher = hasher;
    let signed_in = rig.password("ann", "li.na", PASSWORD, Wishes::default());
    assert_eq!(user(signed_in.await), ann);
}

#[tokio::test]
async fn a_wechat_user_who_registers_on_and_on_is_stopped() {
    let rig = Rig::new().await;
    for number in 0..3 {
        rig.register("ann", &format!("li.na.{number}")).await;
    }
    let hashes = rig.door.hasher.hashes();
    let fourth = rig.password("ann", "li.na", PASSWORD, REGISTER).await;
    let Err(SignInError::Limit(LimitError::Limited { .. })) = fourth else {
        panic!("{fourth:?}");
    };
    assert_eq!(rig.door.hasher.hashes(), hashes);
    rig.register("ben", "li.na").await;
}

#[tokio::test]
async fn a_weak_password_registers_nobody_and_costs_no_hash() {
    let rig = Rig::new().await;
    for (password, weakness) in [
        ("12345678", Weakness::Common),
        ("short", Weakness::Short),
        ("LI.NA.HANGZHOU", Weakness::Identifier),
    ] {
        let weak = rig
            .password("ann", "li.na.hangzhou", password, REGISTER)
            .await;
        assert!(
            matches!(weak, Ok(Verdict::Weak(found)) if found == weakness),
            "{weak:?}"
        );
    }
    assert_eq!(rig.door.hasher.hashes(), 0);
}

#[tokio::test]
async fn a_name_is_registered_once_and_asking_for_names_is_guessing() {
    let rig = Rig::new().await;
    rig.register("ann", "li.na").await;
    for _ in 0..10 {
        let taken = rig.password("ben", "LI.NA", PASSWORD, REGISTER).await;
        assert!(matches!(taken, Ok(Verdict::Taken)), "{taken:?}");
    }
    let limited = rig.password("ben", "li.na", PASSWORD, REGISTER).await;
    assert!(matches!(
        limited,
        Err(SignInError::Limit(LimitError::Limited { .. }))
    ));
    assert!(matches!(rig.wechat("ben").await, Ok(Verdict::Guest)));
}

#[tokio::test]
async fn an_address_belongs_to_who_proves_it() {
    let rig = Rig::new().await;
    let mallory = rig.register("mallory", "ann@example.com").await;
    let wrong = rig
        .door
        .by_proof(
            holder("ann"),
            rig.proven("ann@example.com"),
            Wishes::default(),
        )
        .await;
    assert!(matches!(wrong, Ok(Verdict::Wrong)), "{wrong:?}");
    let ann = user(
        rig.door
            .by_proof(holder("ann"), rig.proven("ann@example.com"), REGISTER)
            .await,
    );
    assert_ne!(ann, mallory);
    let wrong = rig
        .password("mallory", "ann@example.com", PASSWORD, Wishes::default())
        .await;
    assert!(matches!(wrong, Ok(Verdict::Wrong)), "{wrong:?}");
    // And now it stands.
    let proven = rig
        .door
        .by_proof(holder("mallory"), rig.proven("ann@example.com"), REGISTER)
        .await;
    assert_eq!(user(proven), ann);
}

#[tokio::test]
async fn an_identity_that_somebody_else_has_proven_leaves_the_account_that_named_it() {
    let rig = Rig::new().await;
    let ann = rig.register("ann", "+8613800138000").await;
    let number = rig.proven("+8613800138000");
    let proven = rig.door.by_proof(holder("ben"), number.clone(), REGISTER);
    let ben = user(proven.await);
    let lists_it = async |user: &str| {
        let account = rig.account(user).await;
        account.ways().iter().any(|way| way.key() == number.key)
    };
    // It counts for nothing, and makes room when the next one is linked.
    assert!(lists_it(&ann).await);
    let address = rig.proven("li.na@example.com");
    let key = UserKey::of_account(&ann);
    let linked = rig.door.directory.link(key, &[address], |_| true).await;
    assert_eq!(linked.unwrap(), Linked::Done);
    assert!(!lists_it(&ann).await && lists_it(&ben).await);
}

#[tokio::test]
async fn who_forgets_an_identity_takes_none_from_whoever_has_linked_it_since() {
    let rig = Rig::new().await;
    let ann = rig.register("ann", "li.na").await;
    let ways = rig.account(&ann).await.ways().to_vec();
    let claims: Vec<_> = ways.iter().map(|way| way.claim).collect();
    let unlist = |account: Option<Account>| {
        let mut account = account?;
        account.unlist(&claims);
        Some(Change::Write(account))
    };
    let directory = &rig.door.directory;
    let key = UserKey::of_account(&ann);
    assert!(directory.books().change(key, &unlist).await.unwrap());
    // Ann's server removes what is left of it only now.
    let ben = rig.register("ben", "li.na").await;
    directory.forget(&ways).await.unwrap();
    let signed_in = rig.password("ben", "li.na", PASSWORD, Wishes::default());
    assert_eq!(user(signed_in.await), ben);
}

#[tokio::test]
async fn a_blocked_guest_cannot_register() {
    let rig = Rig::new().await;
    rig.guest("ann", true).await;
    let blocked = rig.password("ann", "li.na", PASSWORD, REGISTER).await;
    assert!(matches!(blocked, Ok(Verdict::Blocked)), "{blocked:?}");
}

#[tokio::test]
async fn who_cannot_register_stays_the_guest_that_they_were() {
    let rig = Rig::new().await;
    rig.register("ben", "li.na").await;
    let value = rig.guest("ann", false).await;
    let taken = rig.password("ann", "li.na", PASSWORD, REGISTER).await;
    assert!(matches!(taken, Ok(Verdict::Taken)), "{taken:?}");
    assert_eq!(rig.store.get(holder("ann").key).await.unwrap(), Some(value));
}

#[tokio::test]
async fn a_pointer_at_another_place_leads_nowhere() {
    let rig = Rig::new().await;
    rig.register("ann", "li.na").await;
    let pointer = rig.store.get(holder("ann").key).await.unwrap();
    let mallory = holder("mallory").key;
    let swap = rig.store.swap(mallory, None, pointer, FOR_EVER);
    assert!(swap.await.unwrap());
    let signed_in = rig.wechat("mallory").await;
    assert!(matches!(signed_in, Ok(Verdict::Guest)), "{signed_in:?}");
    // It keeps nobody from the place either.
    rig.register("mallory", "mallory").await;
}

#[tokio::test]
async fn a_guest_is_never_taken_for_the_account_that_they_left() {
    let rig = Rig::new().await;
    let first = rig.register("ann", "li.na").await;
    let key = UserKey::of_account(&first);
    let account = rig.account(&first).await;
    let claim = account
        .ways()
        .iter()
        .find(|way| way.key() == holder("ann").key)
        .unwrap()
        .claim;
    let unlink = |account: Option<Account>| {
        let mut account = account?;
        account.unlink(claim).unwrap();
        Some(Change::Write(account))
    };
    rig.door
        .directory
        .books()
        .change(key, &unlink)
        .await
        .unwrap();
    let second = user(rig.wechat("ann").await);
    assert_ne!(second, first);
    assert_eq!(user(rig.wechat("ann").await), second);
    // The first account is deleted: only then is the WeChat user free to be that user again.
    rig.door
        .directory
        .books()
        .change(UserKey::of_account(&second), &|_| Some(Change::Remove))
        .await
        .unwrap();
    rig.door
        .directory
        .books()
        .change(key, &|_| Some(Change::Remove))
        .await
        .unwrap();
    assert!(matches!(rig.wechat("ann").await, Ok(Verdict::Guest)));
    assert!(matches!(
        rig.door.directory.find(holder("ann").key).await,
        Ok(Found::Nowhere)
    ));
}

#[tokio::test]
async fn an_entry_is_open_only_while_its_identity_and_its_password_stand() {
    let rig = Rig::new().await;
    let ann = rig.register("ann", "li.na").await;
    let Ok(Verdict::Member(entry)) = rig
        .password("ann", "li.na", PASSWORD, Wishes::default())
        .await
    else {
        panic!("it is her password");
    };
    let account = rig.account(&ann).await;
    let mut same = account.clone();
    assert!(entry.admit(&mut same));
    assert!(same.knows(holder("ann").key));
    let mut changed = account.clone();
    let other = Password::new("another-password");
    let other = rig.door.hasher.hash(&other).await.unwrap();
    changed.set_password(other, holder("ann").key);
    assert!(!entry.admit(&mut changed));
    let mut unlinked = account;
    unlinked.unlist(&[entry.claim]);
    assert!(!entry.admit(&mut unlinked));
}

#[tokio::test]
async fn of_many_who_register_one_name_one_succeeds() {
    let rig = Arc::new(Rig::new().await);
    let mut registering = JoinSet::new();
    for place in 0..4 {
        let rig = Arc::clone(&rig);
        registering.spawn(async move {
            rig.password(&format!("user{place}"), "li.na", PASSWORD, REGISTER)
                .await
        });
    }
    let answers = registering.join_all().await;
    let made = answers
        .iter()
        .filter(|answer| matches!(answer, Ok(Verdict::Member(_))))
        .count();
    let taken = |answer: &Result<Verdict, SignInError>| {
        matches!(
            answer,
            Ok(Verdict::Taken) | Err(SignInError::Directory(DirectoryError::InBetween))
        )
    };
    assert_eq!(made, 1, "{answers:?}");
    assert_eq!(
        answers.iter().filter(|answer| taken(answer)).count(),
        3,
        "{answers:?}"
    );
}

#[tokio::test]
async fn an_unreadable_guest_is_a_failure_and_no_free_place() {
    let rig = Rig::new().await;
    let key = holder("ann").key;
    rig.store
        .swap(key, None, Some(vec![9, 9, 9]), FOR_EVER)
        .await
        .unwrap();
    let failed = rig.password("ann", "li.na", PASSWORD, REGISTER).await;
    let is_failure = matches!(
        failed,
        Err(SignInError::Directory(DirectoryError::Store(
            StoreError::Unreadable
        )))
    );
    assert!(is_failure, "{failed:?}");
}
