//! The access token of a mini program: fetched on demand, by one caller for all, and kept until shortly before it ends.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::Mutex;
use tokio::time::Instant;
use wxsession_server::wechat::WeChatError;

/// WeChat issues a new token once the old one has five minutes left, during which both are valid.
const RENEWED_BEFORE: Duration = Duration::from_secs(270);

/// A token as WeChat issues it.
#[derive(Debug)]
pub(super) struct Granted {
    pub(super) token: SecretString,
    pub(super) lifetime: Duration,
}

#[derive(Debug, Default)]
pub(super) struct AccessToken(Mutex<Option<Kept>>);

#[derive(Debug)]
struct Kept {
    token: Arc<SecretString>,
    until: Instant,
}

impl AccessToken {
    /// Returns the token, fetching one if there is no valid one. Concurrent callers wait for the same token.
    pub(super) async fn current(
        &self,
        fetch: impl AsyncFnOnce() -> Result<Granted, WeChatError>,
    ) -> Result<Arc<SecretString>, WeChatError> {
        let mut kept = self.0.lock().await;
        if let Some(kept) = kept.as_ref().filter(|kept| Instant::now() < kept.until) {
            return Ok(Arc::clone(&kept.token));
        }
        let asked = Instant::now();
        let Granted { token, lifetime } = fetch().await?;
        let token = Arc::new(token);
        *kept = Some(Kept {
            token: Arc::clone(&token),
            until: asked + lifetime.saturating_sub(RENEWED_BEFORE),
        });
        Ok(token)
    }

    /// Forgets a token that WeChat refuses, unless another one has already replaced it.
    pub(super) async fn refused(&self, token: &Arc<SecretString>) {
        let mut kept = self.0.lock().await;
        if kept
            .as_ref()
            .is_some_and(|kept| Arc::ptr_eq(&kept.token, token))
        {
            *kept = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use secrecy::ExposeSecret;
    use tokio::time::{advance, sleep};
    use wxsession_server::wechat::WeChatError;

    use super::{AccessToken, Granted};

    /// Issues numbered tokens.
    #[derive(Default)]
    struct Source(Cell<u32>);

    impl Source {
        async fn fetch(&self) -> Result<Granted, WeChatError> {
            self.0.set(self.0.get() + 1);
            let token = self.0.get().to_string().into();
            sleep(Duration::from_millis(100)).await;
            Ok(Granted {
                token,
                lifetime: Duration::from_secs(7200),
            })
        }

        async fn ask(&self, token: &AccessToken) -> String {
            let token = token.current(async || self.fetch().await).await.unwrap();
            token.expose_secret().to_owned()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_fetched_once_for_all_who_ask_meanwhile() {
        let (token, source) = (AccessToken::default(), Source::default());
        let asks = tokio::join!(source.ask(&token), source.ask(&token), source.ask(&token));
        assert_eq!(asks, ("1".into(), "1".into(), "1".into()));
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_fetched_anew_shortly_before_its_end() {
        let (token, source) = (AccessToken::default(), Source::default());
        assert_eq!(source.ask(&token).await, "1");
        advance(Duration::from_secs(6900)).await;
        assert_eq!(source.ask(&token).await, "1");
        advance(Duration::from_secs(30)).await;
        assert_eq!(source.ask(&token).await, "2");
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_was_refused_is_fetched_anew_once() {
        let (token, source) = (AccessToken::default(), Source::default());
        let fetch = || token.current(async || source.fetch().await);
        let first = fetch().await.unwrap();
        token.refused(&first).await;
        let second = fetch().await.unwrap();
        // Another caller had the first token refused too, and reports it later.
        token.refused(&first).await;
        let third = fetch().await.unwrap();
        assert_eq!(second.expose_secret(), third.expose_secret());
        assert_eq!(source.0.get(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_not_kept() {
        let (token, source) = (AccessToken::default(), Source::default());
        let failed = token.current(async || Err(WeChatError::Busy)).await;
        assert!(failed.is_err());
        assert_eq!(source.ask(&token).await, "1");
    }
}
