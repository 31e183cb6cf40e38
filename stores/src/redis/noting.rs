//! Reading a value and noting a mark in one trip.
//!
//! The mark's key has the user's key as its hash tag, so a cluster keeps both at the same node. A mark is not waited for at
//! replicas, even where writes are: if the primary dies within the minutes in which a signed request can be sent again, the
//! next one may not know of it. That is worth less than a round trip to a replica for each request.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use redis::{Cmd, Pipeline, Value};
use tokio::time::Instant;
use wxsession_server::store::{Mark, Noted, StoreError};
use wxsession_server::user::Millis;

use super::health::CallError;
use super::server::Kind;
use super::{Key, LONGEST_TTL, Route, unexpected};

/// The two commands, of which the second one has an effect that must not be repeated.
pub(super) struct Noting {
    get: Cmd,
    set: Cmd,
}

impl Noting {
    pub(super) fn new(key: &Key, mark: Mark, ttl: Millis) -> Self {
        let mut get = redis::cmd("GET");
        get.arg(&key.0);
        let mut set = redis::cmd("SET");
        let mark = URL_SAFE_NO_PAD.encode(mark.0);
        set.arg(format!("wxsession:seen:{{{}}}{mark}", key.0));
        set.arg("").arg("NX").arg("PX").arg(ttl.min(LONGEST_TTL));
        Self { get, set }
    }

    /// Sends both, and returns the value and whether the mark is new. Nothing is sent again over the next connection: the mark
    /// may have been noted, and would not be new.
    pub(super) async fn send(
        &self,
        route: &Route,
        key: &Key,
        deadline: Instant,
    ) -> Result<(Option<Vec<u8>>, Noted), StoreError> {
        let mut both = Pipeline::with_capacity(2);
        both.add_command(self.get.clone());
        both.add_command(self.set.clone());
        let answers = match route {
            Route::One(server) => server.send_together(&both, deadline).await?,
            Route::Cluster(cluster) => {
                let answers = cluster.send_together(key.slot(), &both, deadline).await?;
                let mut settled = Vec::with_capacity(2);
                for (answer, command) in answers.into_iter().zip([&self.get, &self.set]) {
                    // The slot is elsewhere, or on its way, for each key by itself.
                    settled.push(match answer {
                        Err(CallError::Refused(error)) if error.redirect_node().is_some() => {
                            route.send(key, Kind::Read, command, deadline).await
                        }
                        answer => answer,
                    });
                }
                settled
            }
        };
        let [value, noted] = <[_; 2]>::try_from(answers).map_err(|_| unexpected())?;
        Ok((read_value(value?)?, read_noted(noted?)?))
    }
}

/// What Redis answers to `GET`.
pub(super) fn read_value(answer: Value) -> Result<Option<Vec<u8>>, StoreError> {
    match answer {
        Value::BulkString(bytes) => Ok(Some(bytes)),
        Value::Nil => Ok(None),
        _ => Err(unexpected()),
    }
}

/// What Redis answers to `SET` with `NX`.
fn read_noted(answer: Value) -> Result<Noted, StoreError> {
    match answer {
        Value::Okay => Ok(Noted::New),
        Value::Nil => Ok(Noted::Again),
        _ => Err(unexpected()),
    }
}

#[cfg(test)]
mod tests {
    use wxsession_server::identity::UserKey;
    use wxsession_server::store::Mark;

    use super::super::{Key, SLOTS};
    use super::Noting;

    /// The slot of any key, by the rule of Redis Cluster.
    fn slot(key: &[u8]) -> u16 {
        let tag = key.iter().position(|byte| *byte == b'{').and_then(|open| {
            let rest = &key[open + 1..];
            let end = rest.iter().position(|byte| *byte == b'}')?;
            (end > 0).then(|| &rest[..end])
        });
        crc16::State::<crc16::XMODEM>::calculate(tag.unwrap_or(key)) % SLOTS
    }

    #[test]
    fn a_mark_is_at_the_node_of_its_user_and_under_the_prefix() {
        for name in 0..=255 {
            let key = Key::new(UserKey([name; 16]));
            let noting = Noting::new(&key, Mark([name ^ 0x5a; 16]), 240_000);
            let packed = noting.set.get_packed_command();
            let parts: Vec<&[u8]> = packed.split(|byte| *byte == b'\n').collect();
            let of_mark = parts[4].strip_suffix(b"\r").unwrap();
            assert!(of_mark.starts_with(b"wxsession:"), "{of_mark:?}");
            assert_eq!(slot(of_mark), key.slot());
            assert_eq!(slot(key.0.as_bytes()), key.slot());
        }
    }
}
