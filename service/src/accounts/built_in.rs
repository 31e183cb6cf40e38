//! What the service puts around accounts that it keeps itself: WeChat's phone numbers, and the app's endpoints.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use backon::{ConstantBuilder, Retryable};
use secrecy::SecretString;
use wxsession_accounts::hook::Hook;
use wxsession_accounts::keys::{Keys, KeysError};
use wxsession_accounts::phone::{Number, NumberFuture, PhoneNumbers};
use wxsession_accounts::web::Web;
use wxsession_accounts::{Foundation, Settings};
use wxsession_server::Identity;
use wxsession_server::once_a_minute::OnceAMinute;
use wxsession_server::ring::KeyRing;
use wxsession_server::store::{Store, StoreError};
use wxsession_server::wechat::{LoginCode, tls_client};

use super::address::HookAddress;
use crate::wechat::GuardedWeChat;

/// How often a store that does not answer is asked for the accounts' keys, and how many times: for half a minute, which
/// a Redis takes at most that starts at the same time.
const EVERY: Duration = Duration::from_millis(200);
const TIMES: usize = 150;

/// Opens the accounts' keys. Without them no account can be used, so the start waits for a store that is away.
///
/// # Errors
/// The store stays away, or the keys cannot be opened with this ring.
pub(crate) async fn open(
    store: Arc<dyn Store>,
    ring: &KeyRing,
    settings: &Settings,
) -> Result<Foundation, KeysError> {
    static AWAY: OnceAMinute = OnceAMinute::new();
    let open = async || Foundation::open(Arc::clone(&store), ring, settings.clone()).await;
    let retries = ConstantBuilder::new()
        .with_delay(EVERY)
        .with_max_times(TIMES);
    let is_away = |error: &KeysError| matches!(error, KeysError::Store(error) if !matches!(error, StoreError::Unreadable));
    let opened = open.retry(retries).when(is_away).notify(|error, _| {
        if let Some(left_out) = AWAY.due() {
            let error = error as &dyn Error;
            tracing::warn!(
                error,
                left_out,
                "the start waits for the store, which has the accounts"
            );
        }
    });
    opened.await
}

/// Warns of accounts in the store that nobody asks for. Their users cannot sign in, and no answer tells why.
pub(crate) async fn warn_of_unused(store: &dyn Store) {
    if let Ok(true) = Keys::are_in(store).await {
        tracing::warn!(
            "the store has accounts that a server kept, and their users cannot sign in without --accounts built-in"
        );
    }
}

impl PhoneNumbers for GuardedWeChat {
    fn number<'a>(&'a self, user: &'a Identity, code: &'a LoginCode) -> NumberFuture<'a> {
        Box::pin(async move {
            let number = self.phone_number(&user.appid, &user.openid, code).await?;
            Ok(Number {
                country_code: number.country_code,
                pure_number: number.pure_phone_number,
            })
        })
    }
}

impl HookAddress {
    /// The app's endpoint at this address, called with this token as `Authorization: Bearer`.
    ///
    /// # Errors
    /// The HTTP client cannot be built.
    pub fn endpoint(self, token: Option<SecretString>) -> Result<Hook, reqwest::Error> {
        let http = tls_client();
        #[cfg(unix)]
        let http = match &self.socket {
            Some(socket) => http.unix_socket(socket.as_path()),
            None => http,
        };
        Ok(Hook::new(Web::new(http)?, self.url, token))
    }
}
