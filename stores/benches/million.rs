//! A million users in a store, for `cargo xtask bench server`:
//!
//! ```text
//! cargo bench -p wxsession-stores --bench million -- memory
//! cargo bench -p wxsession-stores --bench million -- redb FILE
//! cargo bench -p wxsession-stores --bench million -- redis URL
//! ```
//!
//! Each user has one session, issued by the library as after a sign-in. Prints one line of JSON: the number of users,
//! the seconds that it took, and the memory of the process in bytes.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs};

use anyhow::{Context, bail};
use mimalloc::MiMalloc;
use tokio::time::sleep;
use wxsession_server::ring::KeyRing;
use wxsession_server::session_key::SessionKey;
use wxsession_server::store::{MemoryStore, Store};
use wxsession_server::token::Version;
use wxsession_server::user::Lifetimes;
use wxsession_server::{Identity, Sessions};
use wxsession_stores::{RedbStore, RedisStore};

/// The server's.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const USERS: u64 = 1_000_000;

/// How many sign-ins run at the same time.
const AT_ONCE: u64 = 256;

/// How many times a sign-in is attempted, and the pause between attempts.
const ATTEMPTS: usize = 20;
const PAUSE: Duration = Duration::from_millis(20);

const SESSION_KEY: &str = "c2l4dGVlbiBieXRlcyBvaw==";

const APPID: &str = "wx5e55105e55105e55";

const LIFETIMES: Lifetimes = Lifetimes {
    idle: Duration::from_secs(7200),
    absolute: Duration::from_secs(7 * 24 * 60 * 60),
    renewable: Duration::from_secs(30 * 24 * 3600),
};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // Cargo adds an argument of its own.
    let arguments: Vec<_> = env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let sessions = Sessions::new(open(&arguments)?, &KeyRing::generate()?, LIFETIMES, [APPID]);
    let began = Instant::now();
    let next = Arc::new(AtomicU64::new(0));
    let mut tasks = Vec::new();
    for _ in 0..AT_ONCE {
        tasks.push(tokio::spawn(sign_in(sessions.clone(), Arc::clone(&next))));
    }
    for task in tasks {
        task.await??;
    }
    let seconds = began.elapsed().as_secs_f64();
    let resident = resident_bytes()?;
    println!(r#"{{"users":{USERS},"seconds":{seconds},"resident":{resident}}}"#);
    Ok(())
}

fn open(arguments: &[String]) -> anyhow::Result<Arc<dyn Store>> {
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    Ok(match words[..] {
        ["memory"] => Arc::new(MemoryStore::new()),
        ["redb", file] => Arc::new(RedbStore::open(Path::new(file))?),
        ["redis", url] => Arc::new(RedisStore::start(&url.parse()?)),
        _ => bail!("give `memory`, `redb FILE` or `redis URL`"),
    })
}

/// Signs users in until there are enough.
async fn sign_in(sessions: Sessions, next: Arc<AtomicU64>) -> anyhow::Result<()> {
    // Sealed with another nonce each time, it is as good as one for each.
    let session_key = SessionKey::parse(SESSION_KEY).context("no session_key")?;
    loop {
        let user = next.fetch_add(1, Ordering::Relaxed);
        if user >= USERS {
            return Ok(());
        }
        let mut attempts = 1..;
        // Under such load a store may be late now and then.
        while let Err(error) = sessions
            .issue(&identity(user), &session_key, None, Version::Bearer)
            .await
        {
            if attempts.next() == Some(ATTEMPTS) {
                return Err(error).context("a sign-in failed");
            }
            sleep(PAUSE).await;
        }
    }
}

/// Ids as long as WeChat's.
fn identity(user: u64) -> Identity {
    Identity {
        appid: APPID.to_owned(),
        openid: format!("o{user:027}"),
        unionid: Some(format!("u{user:027}")),
    }
}

/// The process's memory, as Linux reports it.
fn resident_bytes() -> anyhow::Result<u64> {
    let status = fs::read_to_string("/proc/self/status").context("this is not Linux")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let kilobytes: u64 = kilobytes.context("the memory is not told")?.parse()?;
    Ok(kilobytes * 1024)
}
