//! The sign-ins of old clients, and the sessions that their calls present.
//!
//! A sign-in is that of every other client, by its code. What WeChat tells of the user comes on top: it has to be
//! signed or encrypted with the user's session_key, or the session that has just begun ends.

use std::error::Error;

use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use subtle::ConstantTimeEq;
use wxsession_server::Sessions;
use wxsession_server::sessions::{Issued, UserKeys};
use wxsession_server::sign_in::Presented as PresentedSession;
use wxsession_server::token::{Token, Version};
use wxsession_server::wechat::LoginCode;

use super::OldClients;
use super::failure::Failure;
use super::presented::{self, Encrypted, Login, Presented};
use super::user_info::UserInfo;
use crate::user_data;

/// A session that a login URL has started.
pub(super) struct LoggedIn {
    pub(super) token: Token,
    /// What WeChat has told of the user, now or before.
    pub(super) told: Option<UserInfo>,
}

impl OldClients {
    /// The session that a call presents, alive or not. A call of weapp-session may sign in, where it is `allowed` to.
    pub(super) async fn session_of(
        &self,
        presented: Presented,
        headers: &HeaderMap,
        allowed: Allowed,
    ) -> Result<Option<Token>, Failure> {
        match presented {
            Presented::Signed(signed) if allowed == Allowed::SignIn => {
                let landed = self.sign_in(signed, headers).await;
                self.count(landed.as_ref().err());
                landed.map(Some)
            }
            Presented::Signed(signed) => self.of_code(&signed?.code).await,
            Presented::Code(Some(code)) => self.of_code(&code).await,
            Presented::Code(None) => Ok(None),
            Presented::Pair { id, skey } => {
                let token = self.sessions().authenticate(skey.as_bytes()).ok();
                let is_its = |token: &Token| name(*token).as_bytes().ct_eq(id.as_bytes()).into();
                Ok(token.filter(is_its))
            }
            Presented::Skey(skey) => Ok(self.sessions().authenticate(skey.as_bytes()).ok()),
        }
    }

    /// Signs a user in at a login URL. Without encrypted data the user is the one of the code, and what WeChat has told
    /// of them before is all there is.
    pub(super) async fn log_in(
        &self,
        login: &Login,
        headers: &HeaderMap,
    ) -> Result<LoggedIn, Failure> {
        let Issued { token, .. } = self.exchange(&login.code, headers).await?;
        let told = self.told_at(token, login.encrypted.as_ref()).await;
        match told {
            Ok(told) => Ok(LoggedIn { token, told }),
            Err(failure) => {
                self.end(token).await;
                Err(failure)
            }
        }
    }

    /// Ends a session that nobody has been told of.
    pub(super) async fn end(&self, token: Token) {
        if let Err(error) = self.sessions().end(token).await {
            let error = &error as &dyn Error;
            tracing::debug!(error, "the session of a failed sign-in could not be ended");
        }
    }

    /// Counts a sign-in, by its failure if it has failed.
    pub(super) fn count(&self, failure: Option<&Failure>) {
        self.0.counters.add(failure.map(Failure::code));
    }

    async fn told_at(
        &self,
        token: Token,
        encrypted: Option<&Encrypted>,
    ) -> Result<Option<UserInfo>, Failure> {
        let user = self.sessions().verify(token).await?.identity;
        let Some(encrypted) = encrypted else {
            return Ok(self.0.user_infos.find(&user).await?);
        };
        let keys = self.sessions().session_keys(token).await?;
        let json = opened(&keys, encrypted).ok_or(Failure::Unopenable)?;
        let told = UserInfo::told(&json, &user.openid).map_err(|_| Failure::Unopenable)?;
        self.0.user_infos.keep(&user, &told).await?;
        Ok(Some(told))
    }

    pub(super) async fn exchange(
        &self,
        code: &LoginCode,
        headers: &HeaderMap,
    ) -> Result<Issued, Failure> {
        let backend = &self.0.backend;
        // The only mini program needs no name.
        let appid = match backend.sessions().appids() {
            [_] => None,
            _ => presented::appid(headers),
        };
        // These clients sign nothing.
        let wanted = Version::Bearer;
        let presented = PresentedSession::Nothing;
        let signed_in = backend.sign_in(appid, code.clone(), presented, None, wanted);
        Ok(signed_in.await?.issued)
    }

    pub(super) fn sessions(&self) -> &Sessions {
        self.0.backend.sessions()
    }
}

/// Whether a call may sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Allowed {
    SignIn,
    Session,
}

/// The name of a session, which is wafer 1's id.
pub(super) fn name(token: Token) -> String {
    let mut name = [0; 32];
    base16ct::lower::encode_str(&token.session().0, &mut name)
        .expect("16 bytes are 32 digits")
        .to_owned()
}

fn opened(keys: &UserKeys, encrypted: &Encrypted) -> Option<String> {
    let data = &encrypted.data;
    let opened = match &encrypted.iv {
        Some(iv) => user_data::open(keys, data, iv).ok()?,
        None => keys.keys.iter().find_map(|key| {
            let iv = STANDARD.encode(key.reveal());
            user_data::decrypt(key, data, &iv, &keys.appid).ok()
        })?,
    };
    Some(opened.json)
}
