//! The accounts, in the values that have their sessions.

use std::sync::Arc;

use wxsession_server::Sessions;
use wxsession_server::identity::UserKey;
use wxsession_server::sessions::{self, SessionsError};
use wxsession_server::store::StoreError;

use crate::account::Account;
use crate::directory::{Books, BooksFuture, Change, DirectoryError, Rule};
use crate::keys::Keys;

/// Keeps each account in the value that has its sessions.
pub(crate) struct SessionBooks {
    pub(crate) sessions: Sessions,
    pub(crate) keys: Arc<Keys>,
}

impl Books for SessionBooks {
    fn read(&self, key: UserKey) -> BooksFuture<'_, Option<Account>> {
        Box::pin(async move {
            let attachment = self.sessions.attachment(key).await.map_err(failed)?;
            let account = attachment.map(|attachment| opened(&self.keys, key, &attachment));
            Ok(account.transpose()?)
        })
    }

    fn change<'a>(&'a self, key: UserKey, rule: &'a Rule<'a>) -> BooksFuture<'a, bool> {
        Box::pin(async move {
            let changed = self.sessions.attach(key, |attachment| {
                let account = attachment.map(|attachment| opened(&self.keys, key, attachment));
                Ok(match rule(account.transpose()?) {
                    None => None,
                    Some(Change::Remove) => Some(sessions::Change::Delete),
                    Some(Change::Write(account)) => Some(sessions::Change::Attach {
                        attachment: account.encode(&self.keys, key)?,
                        user: account.user().to_owned(),
                    }),
                })
            });
            changed.await.map_err(failed)
        })
    }
}

/// An unreadable account is a failure of the store: if it counted as absent, somebody could take its place.
pub(crate) fn opened(keys: &Keys, key: UserKey, attachment: &[u8]) -> Result<Account, StoreError> {
    Account::decode(keys, key, attachment).ok_or(StoreError::Unreadable)
}

fn failed(error: SessionsError) -> DirectoryError {
    match error {
        SessionsError::Store(error) => error.into(),
        SessionsError::NoRandomness(error) => error.into(),
        // Nothing else can happen to a value that no session is presented for.
        _ => StoreError::Unreadable.into(),
    }
}
