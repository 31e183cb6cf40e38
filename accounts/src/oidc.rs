//! Users of third parties that speak OpenID Connect: whether an id_token says who somebody is.
//!
//! The mini program has the token from the provider's plugin, from another app of the same owner, or this server gets it by
//! the [device flow](crate::device). Nothing here redirects, sets a cookie or keeps a token.

pub(crate) mod document;
mod id_token;
mod kept;
mod keys;
pub(crate) mod published;
mod signature;

use std::error::Error;
use std::fmt;

use wxsession_server::once_a_minute::OnceAMinute;

use self::id_token::{Expected, Refused};
use self::published::{Published, PublishedError};
use crate::provider::Provider;
use crate::web::Web;

/// A user of a third party. The two together name the same person for ever, and nobody else.
#[derive(Clone, PartialEq, Eq)]
pub struct Subject {
    /// The issuer, as its tokens have it.
    pub issuer: String,
    /// The user's id there: at most 255 printable ASCII characters.
    pub id: String,
}

impl fmt::Debug for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Subject(redacted, of {})", self.issuer)
    }
}

/// Why a third party's user is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OidcError {
    /// The token proves nothing. Clients are told `credentials_wrong`.
    #[error("the id_token proves nothing")]
    Wrong,
    /// The provider cannot be asked for its keys. Clients are told `accounts_unavailable`.
    #[error("the provider cannot be asked")]
    Unavailable,
}

/// A provider with its keys.
pub struct ThirdParty {
    pub(crate) provider: Provider,
    pub(crate) web: Web,
    pub(crate) published: Published,
    refusals: OnceAMinute,
    failures: OnceAMinute,
}

impl ThirdParty {
    /// Asks this provider by this pool of connections. Nothing is fetched before the first sign-in.
    pub fn new(provider: Provider, web: Web) -> Self {
        Self {
            published: Published::new(provider.issuer.clone(), web.clone()),
            provider,
            web,
            refusals: OnceAMinute::default(),
            failures: OnceAMinute::default(),
        }
    }

    /// What clients call the provider.
    pub fn name(&self) -> &str {
        &self.provider.name
    }

    /// Fetches what the provider publishes, so that an operator learns of a wrong setting before a user does.
    ///
    /// # Errors
    /// The provider cannot be asked, or publishes something else. None of its own words are in the error.
    pub async fn try_out(&self) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.published.endpoints().await?;
        Ok(())
    }

    /// The user whom an id_token names. `nonce` is the one that the token must carry.
    ///
    /// # Errors
    /// The token proves nothing, or the provider cannot be asked for its keys.
    pub async fn subject(&self, id_token: &str, nonce: &str) -> Result<Subject, OidcError> {
        self.verify(id_token, Some(nonce)).await
    }

    /// The user whom an id_token names. Without a nonce, the token must come from the provider itself.
    pub(crate) async fn verify(
        &self,
        id_token: &str,
        nonce: Option<&str>,
    ) -> Result<Subject, OidcError> {
        let (id, algorithm) = id_token::key_of(id_token).map_err(|why| self.refuse(why))?;
        let key = self.published.key(id.as_deref(), algorithm).await;
        let key = key.map_err(|error| self.is_away(&error))?;
        let key = key.ok_or_else(|| self.refuse(Refused::UnknownKey))?;
        let expected = Expected {
            issuer: self.provider.issuer.as_str(),
            audience: &self.provider.client_id,
            nonce,
        };
        let subject = id_token::subject(id_token, &key, algorithm, &expected);
        Ok(Subject {
            id: subject.map_err(|why| self.refuse(why))?,
            issuer: self.provider.issuer.as_str().to_owned(),
        })
    }

    /// Clients are told nothing about the reason, so the operator is, who may have named the wrong client.
    fn refuse(&self, why: Refused) -> OidcError {
        if let Some(left_out) = self.refusals.due() {
            tracing::info!(provider = self.name(), %why, left_out, "an id_token was refused");
        }
        OidcError::Wrong
    }

    /// Reports an answer of the provider that is of no use. `how` holds none of the provider's own words.
    pub(crate) fn fails(&self, how: &str) -> OidcError {
        if let Some(left_out) = self.failures.due() {
            tracing::warn!(provider = self.name(), left_out, "a provider fails: {how}");
        }
        OidcError::Unavailable
    }

    pub(crate) fn is_away(&self, error: &PublishedError) -> OidcError {
        if let Some(left_out) = self.failures.due() {
            tracing::warn!(
                provider = self.name(),
                left_out,
                error = error as &dyn Error,
                "a provider cannot be asked"
            );
        }
        OidcError::Unavailable
    }
}

impl fmt::Debug for ThirdParty {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ThirdParty")
            .field("name", &self.provider.name)
            .finish_non_exhaustive()
    }
}
