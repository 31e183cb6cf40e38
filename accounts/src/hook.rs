//! The app's own endpoints that this server calls: where codes are sent and events are told.

use std::fmt;

use reqwest::{StatusCode, Url};
use secrecy::SecretString;
use serde::Serialize;

use crate::web::{Web, WebError};

/// How long an answer may be, in bytes. Nothing in it is of use.
const ANSWER_BYTES: usize = 64 * 1024;

/// An endpoint of the app.
#[derive(Clone)]
pub struct Hook {
    web: Web,
    address: Url,
    token: Option<SecretString>,
}

/// Why a hook did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// It cannot be reached, or is late.
    #[error(transparent)]
    Web(#[from] WebError),
    /// It answers with another status than 2xx.
    #[error("it answers {0}")]
    Status(StatusCode),
}

impl Hook {
    /// The endpoint at this address, which is shown `token` as `Authorization: Bearer` if there is one.
    pub fn new(web: Web, address: Url, token: Option<SecretString>) -> Self {
        Self {
            web,
            address,
            token,
        }
    }

    /// Posts a document and waits until it is accepted.
    ///
    /// # Errors
    /// The endpoint cannot be reached, or does not answer 2xx.
    pub async fn post(&self, document: &impl Serialize) -> Result<(), HookError> {
        let address = self.address.clone();
        let answer = self
            .web
            .post_json(address, self.token.as_ref(), document, ANSWER_BYTES)
            .await?;
        if answer.status.is_success() {
            Ok(())
        } else {
            Err(HookError::Status(answer.status))
        }
    }
}

impl fmt::Debug for Hook {
    /// The address may carry the operator's credentials.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Hook(redacted)")
    }
}
