//! What a provider publishes, fetched and kept as [`kept`](super::kept) plans.

use std::sync::{Arc, Mutex, PoisonError};

use jsonwebtoken::{Algorithm, DecodingKey};
use reqwest::{StatusCode, Url};
use tokio::time::Instant;

use super::document::{self, DocumentError, Endpoints};
use super::kept::{Plan, after_failure, plan};
use super::keys::KeySet;
use crate::provider::Issuer;
use crate::web::{Web, WebError};

/// How long the documents may be, in bytes. Those of the big providers have a tenth of that.
const DOCUMENT_BYTES: usize = 64 * 1024;

/// A provider's addresses and keys.
pub(crate) struct Published {
    issuer: Issuer,
    web: Web,
    kept: Mutex<Kept>,
    /// Held during a fetch, so that there is one at a time. Tokens whose key is known do not wait for it.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Clone, Default)]
struct Kept {
    /// What was fetched last, and when.
    fetched: Option<(Arc<Publication>, Instant)>,
    /// When the last fetch failed, unless a later one succeeded.
    failed: Option<Instant>,
}

/// What was fetched.
pub(crate) struct Publication {
    pub(crate) endpoints: Endpoints,
    keys: KeySet,
}

/// What somebody wants of a provider.
#[derive(Clone, Copy)]
enum Wanted<'a> {
    Endpoints,
    Key {
        id: Option<&'a str>,
        algorithm: Algorithm,
    },
}

/// A provider that cannot be asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PublishedError {
    #[error(transparent)]
    Web(#[from] WebError),
    #[error("the provider answered with {0}")]
    Status(StatusCode),
    #[error(transparent)]
    Document(#[from] DocumentError),
    #[error("the provider's keys are not a JWKS document")]
    Keys,
    #[error("the provider failed a moment ago and is left alone")]
    LeftAlone,
}

impl Published {
    pub(crate) fn new(issuer: Issuer, web: Web) -> Self {
        Self {
            issuer,
            web,
            kept: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// The key for a token with this key id; `None` if the provider has none.
    pub(super) async fn key(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Option<DecodingKey>, PublishedError> {
        let publication = self.current(Wanted::Key { id, algorithm }).await?;
        Ok(publication.and_then(|publication| publication.keys.find(id, algorithm).cloned()))
    }

    /// The provider's addresses.
    pub(crate) async fn endpoints(&self) -> Result<Endpoints, PublishedError> {
        if let Some(known) = document::known(&self.issuer) {
            return Ok(known);
        }
        let publication = self.current(Wanted::Endpoints).await?;
        let publication = publication.ok_or(PublishedError::LeftAlone)?;
        Ok(publication.endpoints.clone())
    }

    /// What is published now; `None` if it lacks what is wanted.
    async fn current(
        &self,
        wanted: Wanted<'_>,
    ) -> Result<Option<Arc<Publication>>, PublishedError> {
        if let Some(planned) = self.without_fetch(wanted) {
            return planned;
        }
        let _turn = self.turn.lock().await;
        // Another caller may have fetched meanwhile.
        if let Some(planned) = self.without_fetch(wanted) {
            return planned;
        }
        match self.fetch().await {
            Ok(publication) => {
                let publication = Arc::new(publication);
                let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
                *kept = Kept {
                    fetched: Some((Arc::clone(&publication), Instant::now())),
                    failed: None,
                };
                Ok(publication.has(wanted).then_some(publication))
            }
            Err(error) => {
                let kept = {
                    let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
                    kept.failed = Some(Instant::now());
                    kept.clone()
                };
                match after_failure(kept.age(), kept.knows(wanted)) {
                    Plan::Use => Ok(kept.publication()),
                    _ => Err(error),
                }
            }
        }
    }

    /// The answer that takes no fetch, if there is one.
    fn without_fetch(
        &self,
        wanted: Wanted<'_>,
    ) -> Option<Result<Option<Arc<Publication>>, PublishedError>> {
        let kept = self
            .kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let failed = kept.failed.map(|at| at.elapsed());
        match plan(kept.age(), kept.knows(wanted), failed) {
            Plan::Use => Some(Ok(kept.publication())),
            Plan::Unknown => Some(Ok(None)),
            Plan::Away => Some(Err(PublishedError::LeftAlone)),
            Plan::Fetch => None,
        }
    }

    async fn fetch(&self) -> Result<Publication, PublishedError> {
        let address = self
            .issuer
            .below(document::PATH)
            .ok_or(DocumentError::Address)?;
        let (endpoints, keys) = document::read(&self.issuer, &self.document(address).await?)?;
        let keys = KeySet::read(&self.document(keys).await?).ok_or(PublishedError::Keys)?;
        Ok(Publication { endpoints, keys })
    }

    async fn document(&self, address: Url) -> Result<Vec<u8>, PublishedError> {
        let answer = self.web.get(address, None, DOCUMENT_BYTES).await?;
        if answer.status != StatusCode::OK {
            return Err(PublishedError::Status(answer.status));
        }
        Ok(answer.body.to_vec())
    }
}

impl Kept {
    fn age(&self) -> Option<std::time::Duration> {
        self.fetched.as_ref().map(|(_, at)| at.elapsed())
    }

    fn knows(&self, wanted: Wanted<'_>) -> bool {
        let publication = self.fetched.as_ref();
        publication.is_some_and(|(publication, _)| publication.has(wanted))
    }

    fn publication(self) -> Option<Arc<Publication>> {
        self.fetched.map(|(publication, _)| publication)
    }
}

impl Publication {
    fn has(&self, wanted: Wanted<'_>) -> bool {
        match wanted {
            Wanted::Endpoints => true,
            Wanted::Key { id, algorithm } => self.keys.find(id, algorithm).is_some(),
        }
    }
}
