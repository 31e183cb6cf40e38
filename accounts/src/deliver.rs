//! How a code reaches a person: the app sends it, by its own text messages or mail.
//!
//! ```json
//! {"channel":"sms","to":"+8613800138000","code":"493021","purpose":"sign_in","expires_in":300}
//! ```
//!
//! *What an attacker can try:*
//! - to tell by time whether somebody has an account: nobody waits for the sending, and this room knows no accounts;
//! - to have thousands of messages sent at the app's cost: every limit of [`challenge`](crate::challenge) comes first;
//! - to fill the memory while the endpoint hangs: beyond [`PLACES`] the answer is `server_busy` at once.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use secrecy::zeroize::Zeroizing;
use serde::{Serialize, Serializer};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wxsession_server::once_a_minute::OnceAMinute;

use crate::challenge::Purpose;
use crate::hook::Hook;
use crate::identifier::{Identifier, Kind};

/// How many codes may be on their way to the endpoint at once.
pub const PLACES: usize = 64;

/// What a code travels by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// A text message.
    Sms,
    /// A mail.
    Email,
}

impl Channel {
    /// How a code reaches this identifier's owner, if one can.
    pub fn of(identifier: &Identifier) -> Option<Self> {
        match identifier.kind() {
            Kind::Phone => Some(Self::Sms),
            Kind::Email => Some(Self::Email),
            _ => None,
        }
    }
}

/// Hands codes to the app's endpoint. Its clones share the places.
#[derive(Clone)]
pub struct Delivery {
    hook: Hook,
    places: Arc<Semaphore>,
    failures: Arc<OnceAMinute>,
}

/// Too many codes are on their way already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many codes are on their way already")]
pub struct Full;

/// A place for one code.
pub(crate) struct Place {
    delivery: Delivery,
    permit: OwnedSemaphorePermit,
}

/// A code and where it goes.
#[derive(Serialize)]
pub(crate) struct Message {
    pub(crate) channel: Channel,
    #[serde(serialize_with = "revealed")]
    pub(crate) to: Zeroizing<String>,
    #[serde(serialize_with = "revealed")]
    pub(crate) code: Zeroizing<String>,
    pub(crate) purpose: Purpose,
    /// In seconds.
    pub(crate) expires_in: u64,
}

impl Delivery {
    /// Hands codes to this endpoint.
    pub fn new(hook: Hook) -> Self {
        Self {
            hook,
            places: Arc::new(Semaphore::new(PLACES)),
            failures: Arc::default(),
        }
    }

    /// Reserves a place before anything is counted, so that a code that is counted is sent.
    pub(crate) fn reserve(&self) -> Result<Place, Full> {
        let permit = Arc::clone(&self.places).try_acquire_owned();
        Ok(Place {
            delivery: self.clone(),
            permit: permit.map_err(|_| Full)?,
        })
    }
}

impl Place {
    /// Hands the code over in a task of its own, and never twice: the message may have gone out before a failure.
    pub(crate) fn send(self, message: Message) {
        let Self { delivery, permit } = self;
        tokio::spawn(async move {
            let _held = permit;
            if let Err(error) = delivery.hook.post(&message).await
                && let Some(left_out) = delivery.failures.due()
            {
                let error = &error as &dyn Error;
                tracing::warn!(
                    error,
                    left_out,
                    "codes are not delivered: --deliver-hook fails"
                );
            }
        });
    }
}

fn revealed<S: Serializer>(secret: &Zeroizing<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret)
}

impl fmt::Debug for Delivery {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Delivery")
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Message(redacted)")
    }
}
