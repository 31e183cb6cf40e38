//! The settings of where sessions are kept, and of their key ring.

#[cfg(test)]
mod tests;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, bail, ensure};
use clap::{Args, ValueEnum};
use secrecy::ExposeSecret;
use tokio::runtime::Handle;
use wxsession_server::ring::KeyRing;
use wxsession_server::store::{MemoryStore, Store};
use wxsession_stores::{
    RING_IN_FOLDER, RedisAddress, RedisStore, RingFileError, open_folder, open_ring,
};

use super::secret::{Secret, text_of};
use super::whole::whole;

const REDIS: Secret = Secret {
    what: "Redis's URL",
    variable: "WXSESSION_REDIS",
    file_flag: "--redis-file",
};
/// In milliseconds.
const REDIS_DEADLINE: u16 = 100;

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Where sessions are kept")]
pub(super) struct StoreOptions {
    /// Where the sessions are kept
    #[arg(
        long,
        env = "WXSESSION_STORE",
        value_name = "KIND",
        value_enum,
        default_value = "redb"
    )]
    store: StoreKind,
    /// The folder of the redb store.
    ///
    /// It contains the sessions and the key ring that signs their ids, and is made if it is missing.
    #[arg(
        long,
        env = "WXSESSION_DATA",
        value_name = "FOLDER",
        default_value = "wxsession-data"
    )]
    data: PathBuf,
    /// A file with Redis's URL.
    ///
    /// Instead of WXSESSION_REDIS in the environment: redis://[user]:password@host:port/database,
    /// redis-sentinel://…@host:port,host:port/name or redis-cluster://…@host:port,host:port; rediss for TLS.
    #[arg(long, env = "WXSESSION_REDIS_FILE", value_name = "FILE")]
    redis_file: Option<PathBuf>,
    /// A PEM file with the certificate authorities for Redis.
    ///
    /// Without it the public ones are trusted.
    #[arg(long, env = "WXSESSION_REDIS_CA", value_name = "FILE")]
    redis_ca: Option<PathBuf>,
    /// A PEM file with the certificate that this server shows to Redis.
    ///
    /// For a Redis with tls-auth-clients. The certificate comes first, then those above it.
    #[arg(
        long,
        env = "WXSESSION_REDIS_CERT",
        value_name = "FILE",
        hide_short_help = true
    )]
    redis_cert: Option<PathBuf>,
    /// The private key of that certificate, a PEM file.
    ///
    /// Both are read at the start.
    #[arg(
        long,
        env = "WXSESSION_REDIS_KEY",
        value_name = "FILE",
        hide_short_help = true
    )]
    redis_key: Option<PathBuf>,
    /// How many replicas must have a write before it counts.
    ///
    /// A write that fewer have within --redis-deadline is answered 503. With 0, a primary that is killed may take its
    /// last writes with it.
    #[arg(
        long,
        env = "WXSESSION_REDIS_WAIT_REPLICAS",
        value_name = "NUMBER",
        default_value_t = 0,
        value_parser = |value: &str| whole(value, "replicas", 0..=16_u8),
        hide_short_help = true
    )]
    redis_wait_replicas: u8,
    /// Milliseconds that Redis has to answer.
    ///
    /// A request that waits longer is answered 503. Raise it if Redis is far away or shares a slow machine.
    #[arg(
        long,
        env = "WXSESSION_REDIS_DEADLINE",
        value_name = "MILLISECONDS",
        default_value_t = REDIS_DEADLINE,
        value_parser = |value: &str| whole(value, "milliseconds", 10..=10_000_u16),
        hide_short_help = true
    )]
    redis_deadline: u16,
    /// The key ring's file, the same for all servers on one Redis.
    ///
    /// It signs the ids of sessions. Only its owner may read it (chmod 600).
    #[arg(long, env = "WXSESSION_KEYRING", value_name = "FILE")]
    keyring: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(super) enum StoreKind {
    /// A file on this machine
    Redb,
    /// Redis, which several servers can share
    Redis,
    /// Memory; the sessions are lost when the server stops
    Memory,
}

impl StoreOptions {
    pub(super) fn kind(&self) -> StoreKind {
        self.store
    }

    /// What accounts in this store have to fear, if anything.
    pub(super) fn warning_of_accounts(&self) -> Option<&'static str> {
        match (self.store, self.redis_wait_replicas) {
            (StoreKind::Redb | StoreKind::Memory, _) => None,
            (StoreKind::Redis, 0) => Some(
                "--accounts: accounts are as safe as this Redis; it must write to disk, and a failover can lose a new password \
                 unless --redis-wait-replicas is given",
            ),
            (StoreKind::Redis, _) => Some(
                "--accounts: accounts are as safe as this Redis and its replicas; all of them must write to disk",
            ),
        }
    }

    /// Where the sessions are, without credentials.
    pub(super) fn in_words(&self) -> String {
        match self.store {
            StoreKind::Redb => format!("redb in {}", self.data.display()),
            StoreKind::Redis => "redis".into(),
            StoreKind::Memory => "memory".into(),
        }
    }

    /// The key ring, unless the start makes it.
    pub(super) fn ring(&self) -> anyhow::Result<Option<KeyRing>> {
        match self.store {
            StoreKind::Memory => Ok(None),
            StoreKind::Redis => self.shared_ring().map(Some),
            StoreKind::Redb => match open_ring(&self.data.join(RING_IN_FOLDER)) {
                // Whether it may be missing, the store knows.
                Err(RingFileError::Missing) => Ok(None),
                opened => opened.map(Some).context("--data"),
            },
        }
    }

    /// Whether a file is still to be made.
    pub(super) fn is_yet_to_be_made(&self) -> bool {
        self.store == StoreKind::Redb && !self.data.exists()
    }

    /// Opens the store and its key ring, and tells `reads` how many bytes of a file have to be read before that. Must be called
    /// in a Tokio runtime. Calls come from `runtimes` too.
    pub(super) fn open(
        &self,
        runtimes: &[Handle],
        reads: impl Fn(u64) + 'static,
    ) -> anyhow::Result<(Arc<dyn Store>, KeyRing)> {
        if self.store != StoreKind::Redis {
            self.refuse_settings_of_redis()?;
        }
        match self.store {
            StoreKind::Redb => {
                let (store, ring) = open_folder(&self.data, reads).context("--data")?;
                Ok((Arc::new(store), ring))
            }
            StoreKind::Redis => {
                let ring = self.shared_ring()?;
                Ok((Arc::new(self.open_redis(runtimes)?), ring))
            }
            StoreKind::Memory => Ok((Arc::new(MemoryStore::new()), KeyRing::generate()?)),
        }
    }

    /// Somebody who sets them means Redis, and would not look for the sessions in another store.
    fn refuse_settings_of_redis(&self) -> anyhow::Result<()> {
        let given = [
            (
                "--redis-file or WXSESSION_REDIS",
                REDIS.read(self.redis_file.as_deref())?.is_some(),
            ),
            ("--redis-ca", self.redis_ca.is_some()),
            ("--redis-cert", self.redis_cert.is_some()),
            ("--redis-key", self.redis_key.is_some()),
            ("--redis-wait-replicas", self.redis_wait_replicas > 0),
            ("--redis-deadline", self.redis_deadline != REDIS_DEADLINE),
            ("--keyring", self.keyring.is_some()),
        ];
        for (setting, given) in given {
            ensure!(
                !given,
                "{setting} is given, and the store is not Redis; give --store redis as well, or leave it out"
            );
        }
        Ok(())
    }

    /// Redis, where the sessions are kept there. Must be called in a Tokio runtime.
    pub(super) fn redis(&self) -> Option<anyhow::Result<RedisStore>> {
        (self.store == StoreKind::Redis).then(|| self.open_redis(&[]))
    }

    fn open_redis(&self, runtimes: &[Handle]) -> anyhow::Result<RedisStore> {
        let url = REDIS.require(self.redis_file.as_deref())?;
        let mut address: RedisAddress = url
            .expose_secret()
            .parse()
            .context("WXSESSION_REDIS (--redis-file) is not a URL of Redis")?;
        if let Some(file) = &self.redis_ca {
            let place = format!("--redis-ca: {}", file.display());
            let pem = public(&place, file)?;
            address = address.with_authorities(&pem).context(place)?;
        }
        address = match (&self.redis_cert, &self.redis_key) {
            (None, None) => address,
            (Some(chain), Some(key)) => identified(address, chain, key)?,
            _ => bail!("--redis-cert and --redis-key belong together; give both or neither"),
        };
        let deadline = Duration::from_millis(self.redis_deadline.into());
        let store = RedisStore::start_with_lanes(&address, self.redis_wait_replicas, runtimes);
        Ok(store.with_deadline(deadline))
    }

    /// The ring is never made here: each server would make its own and refuse the others' sessions.
    fn shared_ring(&self) -> anyhow::Result<KeyRing> {
        let recipe = |path: &str| {
            format!(
                "make it once, with `(umask 077; echo \"1 $(openssl rand -base64 32)\" > {path})`, and \
                 give it to every server on this Redis"
            )
        };
        let path = self.keyring.as_deref().ok_or_else(|| {
            anyhow!(
                "--keyring (WXSESSION_KEYRING) is missing: with Redis the key ring is a file; {}",
                recipe("FILE")
            )
        })?;
        let shown = path.display().to_string();
        match open_ring(path) {
            Err(RingFileError::Missing) => Err(anyhow!(
                "--keyring: there is no {shown}; {}, or restore it if there are sessions already",
                recipe(&shown)
            )),
            opened => opened.with_context(|| format!("--keyring: {shown}")),
        }
    }
}

fn identified(address: RedisAddress, chain: &Path, key: &Path) -> anyhow::Result<RedisAddress> {
    let place = format!("--redis-cert: {}", chain.display());
    let chain = public(&place, chain)?;
    let key_place = format!("--redis-key: {}", key.display());
    let key = text_of("the private key", &key_place, key)?;
    let address = address.with_identity(&chain, key.as_bytes());
    address.with_context(|| format!("{place}, {key_place}"))
}

fn public(place: &str, file: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("{place} cannot be read; check its path and owner"))
}
