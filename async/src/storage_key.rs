//! One session per storage key.

use std::cell::RefCell;

use wxsession::error::ErrorCode;

use crate::error::{Cause, Error};

thread_local! {
    static IN_USE: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// A storage key that no other session has. Dropping it frees the key.
pub(crate) struct StorageKey(String);

impl StorageKey {
    pub(crate) fn take(name: &str) -> Result<Self, Error> {
        IN_USE.with_borrow_mut(|keys| {
            if keys.iter().any(|key| key == name) {
                return Err(Error::new(ErrorCode::StorageKeyInUse, Cause::default()));
            }
            keys.push(name.to_owned());
            Ok(Self(name.to_owned()))
        })
    }
}

impl Drop for StorageKey {
    fn drop(&mut self) {
        IN_USE.with_borrow_mut(|keys| keys.retain(|key| *key != self.0));
    }
}
