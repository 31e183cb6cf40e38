//! What the service puts around accounts that it keeps itself: WeChat's phone numbers, and the app's endpoints.

use secrecy::SecretString;
use wxsession_accounts::hook::Hook;
use wxsession_accounts::phone::{Number, NumberFuture, PhoneNumbers};
use wxsession_accounts::web::Web;
use wxsession_server::Identity;
use wxsession_server::wechat::{LoginCode, tls_client};

use super::address::HookAddress;
use crate::wechat::GuardedWeChat;

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
