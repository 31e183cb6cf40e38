//! What administrators do with the sessions of any user: end, block, list.

use std::time::Duration;

use super::{Sessions, SessionsError, decode};
use crate::identity::Identity;
use crate::user::{Listed, Millis, User};

impl Sessions {
    /// Ends all sessions of a user, for an administrator.
    pub async fn end_user(&self, appid: &str, openid: &str) -> Result<(), SessionsError> {
        self.update(self.key(appid, openid)?, |mut user, now| {
            if let Some(user) = &mut user {
                user.end_all(&self.0.lifetimes, now);
            }
            Ok((user, ()))
        })
        .await
    }

    /// Ends all sessions of a user and lets no new one start for this long, for an administrator. A span of zero
    /// lifts an earlier block.
    pub async fn block(
        &self,
        appid: &str,
        openid: &str,
        span: Duration,
    ) -> Result<(), SessionsError> {
        let span = Millis::try_from(span.as_millis()).unwrap_or(Millis::MAX);
        self.update(self.key(appid, openid)?, |user, now| {
            // A user who has never signed in can be blocked too.
            let mut user = user.unwrap_or_else(|| {
                User::new(Identity {
                    appid: appid.to_owned(),
                    openid: openid.to_owned(),
                    unionid: None,
                })
            });
            user.block(span, &self.0.lifetimes, now);
            Ok((Some(user), ()))
        })
        .await
    }

    /// The live sessions of a user, in the order of their sign-ins.
    pub async fn list(&self, appid: &str, openid: &str) -> Result<Vec<Listed>, SessionsError> {
        let key = self.key(appid, openid)?;
        let user = decode(key, self.0.store.get(key).await?.as_deref())?;
        let now = self.0.store.now();
        Ok(user.map_or_else(Vec::new, |user| user.list(&self.0.lifetimes, now)))
    }
}
