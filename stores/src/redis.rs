//! The store for more than one machine: one Redis server, the primary that sentinels name, or a cluster.
//!
//! Each call is sent to one server, since it is about one key, or about two of the same slot: a cluster needs no rule of its
//! own. Reads go to the
//! primary too: a replica would return stale values.

mod address;
mod batches;
mod clock;
mod cluster;
mod dial;
mod eviction;
mod health;
mod link;
mod noting;
mod replicated;
mod sentinel;
mod server;
mod trouble;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use redis::{Cmd, ErrorKind, Script, ServerErrorKind, Value, from_redis_value};
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use wxsession_server::identity::UserKey;
use wxsession_server::store::{Clock, FOR_EVER, Mark, Noted, Store, StoreError, StoreFuture};
use wxsession_server::user::Millis;

use self::address::Servers;
pub use self::address::{AddressError, RedisAddress};
use self::clock::{Judged, RemoteClock};
use self::cluster::Cluster;
use self::dial::Dialer;
pub use self::eviction::WhenFull;
use self::health::CallError;
use self::link::{Fixed, Role};
use self::noting::{Noting, read_value};
use self::sentinel::Sentinels;
use self::server::{Kind, Server};

const DEADLINE: Duration = Duration::from_millis(100);
const CALLS_IN_FLIGHT: usize = 4096;
const TIME_EVERY: Duration = Duration::from_secs(1);
/// Longer than any session, and far below the time to live that Redis rejects. What stays for ever has none, so that a
/// server that is short of memory and evicts values with a time to live keeps it.
const LONGEST_TTL: Millis = 100 * 366 * 24 * 60 * 60 * 1000;

const PREFIX: &str = "wxsession:";
const SLOTS: u16 = 16_384;

/// Key: the user's. Arguments: the new value, its time to live in milliseconds (0 removes the value, -1 keeps it for
/// ever), and the old value (omitted if there is none).
const SWAP: &str = "\
if redis.call('GET', KEYS[1]) ~= (ARGV[3] or false) then return 0 end
if ARGV[2] == '0' then redis.call('DEL', KEYS[1])
elseif ARGV[2] == '-1' then redis.call('SET', KEYS[1], ARGV[1])
else redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return 1";

/// Values in Redis.
pub struct RedisStore {
    shared: Arc<Shared>,
    swap: Script,
    /// Whether writes wait for replicas.
    is_replicated: bool,
    calls: AtomicUsize,
    /// Used until Redis's time is known. No call succeeds before that, so nothing is judged by this clock.
    fallback: Clock,
    /// For a whole call, including the wait for a connection and a cluster's redirections.
    deadline: Duration,
    /// Dropped with the store, which stops it.
    _timekeeper: JoinSet<()>,
}

/// Shared with the timekeeper.
struct Shared {
    route: Route,
    clock: RemoteClock,
    judged: Judged,
}

enum Route {
    One(Server),
    Cluster(Cluster),
}

impl RedisStore {
    /// Starts to connect, and never stops trying. While Redis is away, calls fail. Must be called in a Tokio runtime.
    ///
    /// ```no_run
    /// use wxsession_stores::{RedisAddress, RedisStore};
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), wxsession_stores::AddressError> {
    /// let address: RedisAddress = "redis://:password@127.0.0.1:6379/0".parse()?;
    /// let store = RedisStore::start(&address);
    /// # Ok(())
    /// # }
    /// ```
    pub fn start(address: &RedisAddress) -> Self {
        Self::start_replicated(address, 0)
    }

    /// The same, and a write is done only once this many replicas have it. A write that too few replicas have in time
    /// fails, although the server has made it. This is no consensus: Redis may still choose a replica without the write as
    /// the next primary, unless all replicas are waited for.
    pub fn start_replicated(address: &RedisAddress, replicas: u8) -> Self {
        Self::start_with_lanes(address, replicas, &[])
    }

    /// The same for calls that are made in these runtimes. Where the address is that of one server, each of them reads over a
    /// connection of its own, so that no thread waits for another.
    pub fn start_with_lanes(address: &RedisAddress, replicas: u8, runtimes: &[Handle]) -> Self {
        let dialer = Dialer::new(address);
        let route = match &address.servers {
            Servers::One(host) => {
                let primary = || Fixed {
                    host: host.clone(),
                    role: Role::Primary,
                };
                Route::One(
                    Server::new(primary, &dialer, replicas).with_lanes(primary, &dialer, runtimes),
                )
            }
            Servers::Sentinels(address) => {
                let sentinels = || Sentinels::new(address, &dialer.with_login(&address.login));
                Route::One(Server::new(sentinels, &dialer, replicas))
            }
            Servers::Cluster(seeds) => {
                Route::Cluster(Cluster::new(seeds.clone(), dialer, replicas))
            }
        };
        let shared = Arc::new(Shared {
            route,
            clock: RemoteClock::new(),
            judged: Judged::default(),
        });
        let mut timekeeper = JoinSet::new();
        timekeeper.spawn(keep_time(Arc::clone(&shared)));
        Self {
            shared,
            swap: Script::new(SWAP),
            is_replicated: replicas > 0,
            calls: AtomicUsize::new(0),
            fallback: Clock::start(0),
            deadline: DEADLINE,
            _timekeeper: timekeeper,
        }
    }

    /// Sets how long a call may take before it fails, 100 ms by default.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Asks Redis what it does when its memory is full: of a cluster, the owner of the first slot.
    ///
    /// # Errors
    /// Redis does not answer.
    pub async fn when_full(&self) -> Result<WhenFull, StoreError> {
        let deadline = Instant::now() + self.deadline;
        Ok(self.shared.when_full(deadline).await?)
    }

    async fn read(&self, user: UserKey) -> Result<Option<Vec<u8>>, StoreError> {
        let _place = Place::take(&self.calls).ok_or(StoreError::Full)?;
        let deadline = Instant::now() + self.deadline;
        self.shared.know_time(deadline).await?;
        let key = Key::new(user);
        let mut command = Cmd::with_capacity(2, 3 + KEY_BYTES);
        command.arg("GET").arg(&key.0);
        let mut again = true;
        let answer = loop {
            let answer = self
                .shared
                .route
                .send(&key, Kind::Read, &command, deadline)
                .await;
            match answer {
                // A read can be repeated over the next connection.
                Err(CallError::Broken(_)) if again => again = false,
                answer => break answer,
            }
        };
        read_value(answer?)
    }

    async fn read_noting(
        &self,
        user: UserKey,
        mark: Mark,
        ttl: Millis,
    ) -> Result<(Option<Vec<u8>>, Noted), StoreError> {
        let _place = Place::take(&self.calls).ok_or(StoreError::Full)?;
        let deadline = Instant::now() + self.deadline;
        self.shared.know_time(deadline).await?;
        let key = Key::new(user);
        let noting = Noting::new(&key, mark, ttl);
        noting.send(&self.shared.route, &key, deadline).await
    }

    async fn write(
        &self,
        user: UserKey,
        old: Option<Vec<u8>>,
        new: Option<Vec<u8>>,
        ttl: Millis,
    ) -> Result<bool, StoreError> {
        let _place = Place::take(&self.calls).ok_or(StoreError::Full)?;
        let deadline = Instant::now() + self.deadline;
        let key = Key::new(user);
        let ttl = match (&new, ttl) {
            (None, _) => 0,
            (Some(_), FOR_EVER) => -1,
            (Some(_), ttl) => ttl.min(LONGEST_TTL) as i64,
        };
        let command = |name: &str, script: &str| {
            let mut command = redis::cmd(name);
            command.arg(script).arg(1).arg(&key.0);
            command.arg(new.as_deref().unwrap_or_default()).arg(ttl);
            if let Some(old) = &old {
                command.arg(old.as_slice());
            }
            command
        };
        let send = async |command: Cmd| {
            let route = &self.shared.route;
            route.send(&key, Kind::Write, &command, deadline).await
        };
        // The whole script at once where replicas are waited for, or they would be waited for twice.
        let first = match self.is_replicated {
            true => command("EVAL", SWAP),
            false => command("EVALSHA", self.swap.get_hash()),
        };
        let mut answer = send(first).await;
        if let Err(CallError::Refused(error)) = &answer
            && error.kind() == ErrorKind::Server(ServerErrorKind::NoScript)
        {
            answer = send(command("EVAL", SWAP)).await;
        }
        // After any other failure the swap may have been made, so it is never sent again.
        match answer? {
            Value::Int(applied) => Ok(applied == 1),
            _ => Err(unexpected()),
        }
    }
}

impl Store for RedisStore {
    fn get(&self, user: UserKey) -> StoreFuture<'_, Option<Vec<u8>>> {
        Box::pin(self.read(user))
    }

    fn swap(
        &self,
        user: UserKey,
        old: Option<Vec<u8>>,
        new: Option<Vec<u8>>,
        ttl: Millis,
    ) -> StoreFuture<'_, bool> {
        Box::pin(self.write(user, old, new, ttl))
    }

    fn get_noting(
        &self,
        user: UserKey,
        mark: Mark,
        ttl: Millis,
    ) -> StoreFuture<'_, (Option<Vec<u8>>, Noted)> {
        Box::pin(self.read_noting(user, mark, ttl))
    }

    fn now(&self) -> Millis {
        self.shared
            .clock
            .now()
            .unwrap_or_else(|| self.fallback.now())
    }
}

impl Shared {
    /// Reads the time if that has not happened yet.
    async fn know_time(&self, deadline: Instant) -> Result<(), CallError> {
        match self.clock.is_known() {
            true => Ok(()),
            false => Box::pin(self.read_time(deadline)).await,
        }
    }

    async fn when_full(&self, deadline: Instant) -> Result<WhenFull, CallError> {
        let mut question = redis::cmd("INFO");
        question.arg("memory");
        match self.route.send_to_timekeeper(&question, deadline).await {
            Ok(answer) => Ok(WhenFull::read(&answer)),
            // It may be forbidden, or be called something else.
            Err(CallError::Refused(error)) if matches!(error.kind(), ErrorKind::Server(_)) => {
                Ok(WhenFull::Unknown)
            }
            Err(failure) => Err(failure),
        }
    }

    async fn read_time(&self, deadline: Instant) -> Result<(), CallError> {
        let asked = Instant::now();
        let answer = self
            .route
            .send_to_timekeeper(&redis::cmd("TIME"), deadline)
            .await?;
        let answered = Instant::now();
        let (seconds, micros): (u64, u64) =
            from_redis_value(answer).map_err(redis::RedisError::from)?;
        let time = Duration::from_secs(seconds) + Duration::from_micros(micros);
        self.judged.log(self.clock.learn(asked, time, answered));
        Ok(())
    }
}

impl Route {
    async fn send(
        &self,
        key: &Key,
        kind: Kind,
        command: &Cmd,
        deadline: Instant,
    ) -> Result<Value, CallError> {
        match self {
            Self::One(server) => server.send(kind, command, deadline).await,
            // Boxed, so that a call to a single server does not carry the state for redirections.
            Self::Cluster(cluster) => {
                Box::pin(cluster.send(key.slot(), kind, command, deadline)).await
            }
        }
    }

    /// Sends a command to the server by whose clock all sessions are judged; in a cluster, the owner of the first slot.
    async fn send_to_timekeeper(
        &self,
        command: &Cmd,
        deadline: Instant,
    ) -> Result<Value, CallError> {
        match self {
            Self::One(server) => server.send(Kind::Read, command, deadline).await,
            Self::Cluster(cluster) => cluster.send(0, Kind::Read, command, deadline).await,
        }
    }
}

async fn keep_time(shared: Arc<Shared>) {
    let mut is_warned = false;
    loop {
        // The calls that suffer from a failure report it.
        let is_up = shared.read_time(Instant::now() + DEADLINE).await.is_ok();
        if is_up && !is_warned {
            is_warned = warn_of_eviction(&shared).await;
        }
        sleep(TIME_EVERY).await;
    }
}

/// Warns if Redis drops values. Returns whether it has said what it does.
async fn warn_of_eviction(shared: &Shared) -> bool {
    let told = shared.when_full(Instant::now() + DEADLINE).await;
    if let Ok(WhenFull::Drops(policy)) = &told {
        tracing::warn!(
            policy,
            "Redis drops values when it is full: users are signed out then, and a signed request can be served twice; set \
             `maxmemory-policy noeviction`"
        );
    }
    told.is_ok()
}

/// A place among the calls in flight, released on drop.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(calls: &'a AtomicUsize) -> Option<Self> {
        let place = Self(calls);
        // Beyond the limit the place is dropped, and so released, at once.
        (calls.fetch_add(1, Relaxed) < CALLS_IN_FLIGHT).then_some(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

const KEY_BYTES: usize = PREFIX.len() + 22;

/// A user's key in Redis. It is readable, and never contains the braces with which a cluster marks a part of a key as
/// its hash tag.
struct Key(String);

impl Key {
    fn new(user: UserKey) -> Self {
        let mut key = String::with_capacity(KEY_BYTES);
        key.push_str(PREFIX);
        URL_SAFE_NO_PAD.encode_string(user.0, &mut key);
        Self(key)
    }

    fn slot(&self) -> u16 {
        crc16::State::<crc16::XMODEM>::calculate(self.0.as_bytes()) % SLOTS
    }
}

impl From<CallError> for StoreError {
    fn from(failure: CallError) -> Self {
        match failure {
            CallError::Late => Self::Late,
            failure => Self::Failed(Box::new(failure)),
        }
    }
}

fn unexpected() -> StoreError {
    StoreError::Failed("the answer is none that Redis gives to this command".into())
}
