//! Accounts that the server keeps itself, in the store of its sessions.
//!
//! *What an attacker can try:*
//! - to sign in by an old password while it is being changed: the way in is judged once more by the very value that the
//!   session is swapped into, so "new password" and "other sessions over" are one write
//!   (`no_session_of_an_old_password_starts_after_the_change`);
//! - to bring a guest back who has registered: their token and their sign-ins meet a pointer, which no session is written
//!   over (`an_old_guest_session_has_expired_and_the_pointer_stays`).

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use wxsession_protocol::ProblemCode;
use wxsession_server::accounts::{self, Accounts, Answer, Attempt, Credentials, Method, Outcome};
use wxsession_server::identity::UserKey;
use wxsession_server::ring::KeyRing;
use wxsession_server::store::Store;
use wxsession_server::user::Way;
use wxsession_server::{HttpProblem, Identity, Sessions};

use crate::account::Account;
use crate::books::SessionBooks;
use crate::challenge::{Challenges, Purpose};
use crate::deliver::Delivery;
use crate::device::DeviceFlows;
use crate::directory::{Change, Directory, Found};
use crate::events::{Events, Happening};
use crate::hashing::Hasher;
use crate::hook::Hook;
use crate::identifier::Identifier;
use crate::keys::{Keys, KeysError};
use crate::limits::Limits;
use crate::oidc::ThirdParty;
use crate::password::{LEAST_CHARACTERS, Password};
use crate::phone::PhoneNumbers;
use crate::problems::{bad_request, weak};
use crate::proofs::{Proofs, Proven, Showing};
use crate::sign_in::{Doorkeeper, Entry, Holder, Verdict, Wishes};

/// How many codes are sent in an hour where the operator names no other number.
pub const CODES_AN_HOUR: u32 = 1000;

/// The method of a password.
const PASSWORD: &str = "password";

/// The way in of a session that is renewed: the one before it is kept.
const AS_BEFORE: Way = [0; 8];

/// What the operator chooses.
#[derive(Clone)]
pub struct Settings {
    /// The fewest characters of a new password; eight at least.
    pub password_min: usize,
    /// What hashes passwords.
    pub hasher: Hasher,
    /// Where codes are sent from, if anywhere.
    pub deliver: Option<Hook>,
    /// How many codes are sent in an hour at most.
    pub codes_an_hour: u32,
    /// Who is told what happens to accounts, if anybody.
    pub events: Option<Hook>,
    /// What exchanges codes of WeChat's phone number button, if anything does.
    pub phone_numbers: Option<Arc<dyn PhoneNumbers>>,
    /// The third parties whose users may sign in.
    pub third_parties: Vec<Arc<ThirdParty>>,
}

/// What accounts are built on. Its clones share everything.
#[derive(Clone)]
pub struct Foundation {
    store: Arc<dyn Store>,
    keys: Arc<Keys>,
    hasher: Hasher,
    limits: Limits,
    least: usize,
    proofs: Arc<Proofs>,
    events: Events,
}

/// Accounts in the store that keeps the sessions. Its clones share everything.
#[derive(Clone)]
pub struct BuiltIn {
    pub(crate) door: Doorkeeper,
    pub(crate) sessions: Sessions,
    pub(crate) proofs: Arc<Proofs>,
}

impl Default for Settings {
    /// Passwords of eight characters, and no other method.
    fn default() -> Self {
        Self {
            password_min: LEAST_CHARACTERS,
            hasher: Hasher::new(),
            deliver: None,
            codes_an_hour: CODES_AN_HOUR,
            events: None,
            phone_numbers: None,
            third_parties: Vec::new(),
        }
    }
}

impl Foundation {
    /// Opens the keys of the accounts in this store, which must be the sessions' own. Must be called in a Tokio runtime.
    ///
    /// # Errors
    /// The store fails, or the keys cannot be opened with this ring.
    pub async fn open(
        store: Arc<dyn Store>,
        ring: &KeyRing,
        settings: Settings,
    ) -> Result<Self, KeysError> {
        let keys = Arc::new(Keys::open(&*store, ring).await?);
        let delivery = settings.deliver.map(Delivery::new);
        let challenges =
            Challenges::new(Arc::clone(&store), ring, delivery, settings.codes_an_hour);
        Ok(Self {
            proofs: Arc::new(Proofs {
                keys: Arc::clone(&keys),
                challenges,
                phone_numbers: settings.phone_numbers,
                third_parties: settings.third_parties,
                device_flows: DeviceFlows::new(ring),
            }),
            keys,
            limits: Limits::new(Arc::clone(&store), ring),
            store,
            hasher: settings.hasher,
            least: settings.password_min.max(LEAST_CHARACTERS),
            events: settings.events.map_or_else(Events::untold, Events::told_to),
        })
    }

    /// The accounts beside these sessions.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use wxsession_accounts::{Foundation, Settings};
    /// use wxsession_server::Backend;
    /// use wxsession_server::ring::KeyRing;
    /// use wxsession_server::store::MemoryStore;
    /// use wxsession_server::wechat::{Api, Credentials, WECHAT_API, WeChat, tls_client};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let program = Credentials {
    ///     appid: "wx0123456789abcdef".into(),
    ///     secret: "the mini program's secret".into(),
    /// };
    /// let wechat = WeChat::new([program], Api::new(&WECHAT_API.parse()?, tls_client())?);
    /// let (store, ring) = (Arc::new(MemoryStore::new()), KeyRing::generate()?);
    /// let foundation = Foundation::open(store.clone(), &ring, Settings::default()).await?;
    /// let accounts = foundation.clone();
    /// let backend = Backend::builder(wechat)
    ///     .store(store)
    ///     .key_ring(ring)
    ///     .accounts_beside(move |sessions| accounts.beside(sessions))
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn beside(&self, sessions: &Sessions) -> BuiltIn {
        let books = SessionBooks {
            sessions: sessions.clone(),
            keys: Arc::clone(&self.keys),
        };
        BuiltIn {
            door: Doorkeeper {
                directory: Directory::new(Arc::clone(&self.store), Arc::new(books)),
                keys: Arc::clone(&self.keys),
                hasher: self.hasher.clone(),
                limits: self.limits.clone(),
                least: self.least,
                events: self.events.clone(),
            },
            sessions: sessions.clone(),
            proofs: Arc::clone(&self.proofs),
        }
    }
}

impl Accounts for BuiltIn {
    fn authenticate<'a>(&'a self, attempt: &'a Attempt) -> Answer<'a, Outcome> {
        Box::pin(self.judge(attempt))
    }

    fn turns_away(&self, method: Option<&str>) -> Option<ProblemCode> {
        let is_turned_away = method == Some(PASSWORD) && self.door.hasher.is_full();
        is_turned_away.then_some(ProblemCode::ServerBusy)
    }

    fn linked<'a>(&'a self, wechat: &'a Identity) -> Answer<'a, Option<String>> {
        Box::pin(async move {
            Ok(match self.door.directory.find(wechat.key()).await? {
                Found::Account(member) => Some(member.account.user().to_owned()),
                Found::Guest(_) | Found::Nowhere => None,
            })
        })
    }
}

impl BuiltIn {
    /// Deletes the account of this user, as its owner can: its sessions are over, and its identities are free. Returns
    /// whether there was one.
    ///
    /// # Errors
    /// The store fails. If the account has gone by then, its identities lead nowhere.
    pub async fn delete(&self, user: &str) -> Result<bool, HttpProblem> {
        let directory = &self.door.directory;
        let ways = Mutex::new(Vec::new());
        let remove = |account: Option<Account>| {
            let account = account?;
            *ways.lock().unwrap_or_else(PoisonError::into_inner) = account.ways().to_vec();
            Some(Change::Remove)
        };
        let key = UserKey::of_account(user);
        if !directory.books().change(key, &remove).await? {
            return Ok(false);
        }
        self.door.events.tell(user, Happening::Deleted);
        let ways = ways.into_inner().unwrap_or_else(PoisonError::into_inner);
        directory.forget(&ways).await?;
        Ok(true)
    }

    async fn judge(&self, attempt: &Attempt) -> Result<Outcome, HttpProblem> {
        let holder = Holder::new(&attempt.wechat);
        let fields = &attempt.credentials;
        let verdict = match &attempt.method {
            Method::Renew(user) => return self.renewed(user).await,
            Method::Silent => self.door.by_wechat(holder).await?,
            Method::WeChat => {
                wishes_nothing(fields)?;
                self.door.by_wechat(holder).await?
            }
            Method::Named(name) if name == PASSWORD => {
                let identifier = Identifier::parse(fields.text("identifier")?)?;
                let password = Password::new(fields.text("password")?);
                let wishes = wishes(fields)?;
                let judged = self
                    .door
                    .by_password(holder, &identifier, &password, wishes);
                judged.await?
            }
            Method::Named(name) => {
                let (wishes, showing) = (wishes(fields)?, self.showing(&attempt.wechat));
                match self.proofs.prove(name, fields, showing).await? {
                    Proven::Known(newcomer) => self.door.by_proof(holder, newcomer, wishes).await?,
                    Proven::More { ask, state } => return Ok(Outcome::More { ask, state }),
                }
            }
        };
        match verdict {
            Verdict::Member(entry) => Ok(Outcome::User(self.entry(entry))),
            Verdict::Guest => Ok(Outcome::Guest),
            Verdict::Wrong => Ok(Outcome::Wrong),
            Verdict::Taken => Ok(Outcome::Taken),
            Verdict::Blocked => Ok(Outcome::Blocked),
            Verdict::Weak(weakness) => Err(weak(weakness, self.door.least)),
        }
    }

    fn showing<'a>(&self, wechat: &'a Identity) -> Showing<'a> {
        Showing {
            wechat,
            purpose: Purpose::SignIn,
            now: self.sessions.now(),
        }
    }

    /// A session goes on as long as its account exists. What ends a session takes the renewal away in the same swap.
    async fn renewed(&self, user: &str) -> Result<Outcome, HttpProblem> {
        let key = UserKey::of_account(user);
        let account = self.door.directory.books().read(key).await?;
        Ok(account.map_or(Outcome::Wrong, |_| {
            Outcome::User(accounts::Entry {
                user: user.to_owned(),
                by: AS_BEFORE,
                admit: Some(Arc::new(|attachment| Some(attachment.to_vec()))),
            })
        }))
    }

    fn entry(&self, entry: Entry) -> accounts::Entry {
        let keys = Arc::clone(&self.door.keys);
        let (user, by) = (entry.user.clone(), entry.claim.0);
        let admit = move |attachment: &[u8]| {
            let before = Account::decode(&keys, entry.key, attachment)?;
            let mut after = before.clone();
            if !entry.admit(&mut after) {
                return None;
            }
            if after == before {
                return Some(attachment.to_vec());
            }
            after.encode(&keys, entry.key).ok()
        };
        accounts::Entry {
            user,
            by,
            admit: Some(Arc::new(admit)),
        }
    }
}

fn wishes(fields: &Credentials) -> Result<Wishes, HttpProblem> {
    Ok(Wishes {
        register: fields.flag("register")?,
        link: fields.flag("link")?,
    })
}

/// A WeChat user needs no account to sign in, and is what would be linked.
fn wishes_nothing(fields: &Credentials) -> Result<(), HttpProblem> {
    let Wishes { register, link } = wishes(fields)?;
    for (field, wished) in [("register", register), ("link", link)] {
        if wished {
            let detail = format!("`{field}` does not go with the method wechat; leave it out");
            return Err(bad_request(detail));
        }
    }
    Ok(())
}

impl fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Settings")
    }
}

impl fmt::Debug for Foundation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Foundation")
    }
}

impl fmt::Debug for BuiltIn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("BuiltIn")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use wxsession_protocol::ProblemCode;
    use wxsession_server::Backend;
    use wxsession_server::accounts::Accounts;
    use wxsession_server::ring::KeyRing;
    use wxsession_server::store::MemoryStore;
    use wxsession_server::wechat::{Api, Credentials, WECHAT_API, WeChat, tls_client};

    use super::{BuiltIn, Foundation, Settings};
    use crate::hashing::Hasher;

    async fn hashing_by(hasher: Hasher) -> BuiltIn {
        let (store, ring) = (Arc::new(MemoryStore::new()), KeyRing::generate().unwrap());
        let settings = Settings {
            hasher,
            ..Settings::default()
        };
        let foundation = Foundation::open(store.clone(), &ring, settings)
            .await
            .unwrap();
        let program = Credentials {
            appid: "wx0123456789abcdef".into(),
            secret: "secret".into(),
        };
        let api = Api::new(&WECHAT_API.parse().unwrap(), tls_client()).unwrap();
        let backend = Backend::builder(WeChat::new([program], api))
            .store(store)
            .key_ring(ring)
            .build()
            .unwrap();
        foundation.beside(backend.sessions())
    }

    #[tokio::test]
    async fn no_login_code_is_spent_on_a_password_that_nobody_can_hash() {
        let full = hashing_by(Hasher::with_permits(0, || {})).await;
        assert_eq!(
            full.turns_away(Some("password")),
            Some(ProblemCode::ServerBusy)
        );
        for others in [None, Some("wechat"), Some("code")] {
            assert_eq!(full.turns_away(others), None);
        }
        let idle = hashing_by(Hasher::new()).await;
        assert_eq!(idle.turns_away(Some("password")), None);
    }
}
