//! What the holder of a live session may have opened or checked with the user's session_keys. Each kept
//! key is tried, so the order in which sign-ins were answered does no harm.

use super::{Sessions, SessionsError, decode};
use crate::session_key::SessionKey;
use crate::token::Token;
use crate::user_data::{Unopenable, UserData};

impl Sessions {
    /// Opens the `encryptedData` and `iv` that WeChat gave to the phone of this session's user, which is
    /// where a phone number, a group or run data comes from. One read.
    ///
    /// # Errors
    /// [`SessionsError::Unopenable`], whatever is wrong with the data; else as [`verify`](Self::verify).
    pub async fn decrypt(
        &self,
        token: Token,
        encrypted_data: &str,
        iv: &str,
    ) -> Result<UserData, SessionsError> {
        let (appid, keys) = self.session_keys(token).await?;
        keys.iter()
            .find_map(|key| key.decrypt(encrypted_data, iv, &appid).ok())
            .ok_or(Unopenable.into())
    }

    /// Whether WeChat signed this `rawData` for this session's user. One read.
    pub async fn check_raw_data(
        &self,
        token: Token,
        raw_data: &str,
        signature: &str,
    ) -> Result<bool, SessionsError> {
        let (_, keys) = self.session_keys(token).await?;
        Ok(keys
            .iter()
            .any(|key| key.signs_raw_data(raw_data, signature)))
    }

    /// Whether this HMAC-SHA256 of the data was made with the session_key of this session's user. One read.
    pub async fn check_signature(
        &self,
        token: Token,
        data: &[u8],
        signature: &str,
    ) -> Result<bool, SessionsError> {
        let (_, keys) = self.session_keys(token).await?;
        Ok(keys.iter().any(|key| key.signs(data, signature)))
    }

    /// The mini program and the session_keys of a live session's user, the last received first.
    async fn session_keys(&self, token: Token) -> Result<(String, Vec<SessionKey>), SessionsError> {
        let user = decode(token.user(), self.store.get(token.user()).await?.as_deref())?;
        let user = self.ours(user)?;
        user.verify(token.session(), &self.lifetimes, self.store.now())?;
        let keys = user.session_keys().iter();
        let keys = keys.filter_map(|sealed| self.seals.open(token.user(), sealed));
        let keys = keys.collect();
        Ok((user.into_identity().appid, keys))
    }
}
