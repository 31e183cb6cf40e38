//! Sentinels, which know the primary.

use std::fmt;
use std::time::Duration;

use redis::{Cmd, ErrorKind, RedisError, RedisResult, from_redis_value};
use tokio::time::{Instant, sleep};

use super::address::{Host, SentinelAddress};
use super::dial::Dialer;
use super::link::{Fixed, Link, Role, Target};

const ANSWER_DEADLINE: Duration = Duration::from_millis(100);
/// A failover ends the old primary's connections only if the sentinels can reach it, so they are asked regularly.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// The sentinels that watch over one primary.
pub(super) struct Sentinels {
    links: Vec<Link>,
    question: Cmd,
}

impl Sentinels {
    pub(super) fn new(address: &SentinelAddress, dialer: &Dialer) -> Self {
        let link = |host: &Host| {
            let sentinel = Fixed {
                host: host.clone(),
                role: Role::Any,
            };
            Link::new(sentinel, dialer.clone())
        };
        let mut question = redis::cmd("SENTINEL");
        question.arg("GET-MASTER-ADDR-BY-NAME").arg(&address.name);
        Self {
            links: address.hosts.iter().map(link).collect(),
            question,
        }
    }

    /// The primary, according to the first sentinel that answers.
    async fn primary(&self) -> RedisResult<Host> {
        let mut unknown = false;
        for link in &self.links {
            let answer = link.send(&self.question, Instant::now() + ANSWER_DEADLINE);
            let Ok(answer) = answer.await else { continue };
            match from_redis_value::<Option<(String, u16)>>(answer) {
                Ok(Some((name, port))) => return Ok(Host { name, port }),
                _ => unknown = true,
            }
        }
        let reason = match unknown {
            true => "no sentinel knows a primary of that name; check the name in Redis's URL",
            false => "no sentinel answers",
        };
        Err(RedisError::from((ErrorKind::Client, reason)))
    }
}

impl Target for Sentinels {
    async fn find(&self) -> RedisResult<(Host, Role)> {
        Ok((self.primary().await?, Role::Primary))
    }

    async fn moved_from(&self, host: &Host) {
        loop {
            sleep(ASK_EVERY).await;
            if self.primary().await.is_ok_and(|primary| primary != *host) {
                return;
            }
        }
    }
}

impl fmt::Display for Sentinels {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the primary")
    }
}
