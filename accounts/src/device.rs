//! The device flow (RFC 8628): a third party without a page in the mini program, a redirect or a cookie.
//!
//! ```text
//! begin --> the phone shows `user_code` and `verification_uri`; the user opens it elsewhere and agrees
//!             |
//! go_on <-----+  every `interval` seconds, with the sealed `state`
//!   authorization_pending --> once more              access_denied --> access_denied
//!   slow_down             --> once more, 5 s later    expired_token --> challenge_over
//!   tokens                --> who the user is
//! ```
//!
//! The server keeps nothing between two questions: the client holds the flow as a seal that opens only for the same WeChat
//! user and provider. What an attacker can try:
//! - a state overheard from another phone: it does not open there;
//! - talking a victim into typing the attacker's `user_code` (RFC 8628, §5.4): nothing here can see that, so the user
//!   must be told, beside the code, to enter only a code that their own phone shows;
//! - asking too fast, to have the provider block this server: a question that comes early does not reach the provider.

mod answer;

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Url;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use wxsession_server::identity::UserKey;
use wxsession_server::random::NoRandomness;
use wxsession_server::ring::KeyRing;
use wxsession_server::user::Millis;

use self::answer::{Granted, Polled, begun, claim, polled};
use crate::oidc::document::{Endpoints, SecretPlace, SubjectPlace};
use crate::oidc::{OidcError, Subject, ThirdParty};
use crate::sealed::Seals;
use crate::web::{Answer, WebError};

const PURPOSE: &str = "wxsession/1/device";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// How much longer each `slow_down` makes the interval, in seconds (RFC 8628, §3.5).
const SLOWER: u64 = 5;
/// How long a state may be, in characters.
const STATE_CHARACTERS: usize = 8192;
/// How long an answer of the provider may be, in bytes.
const ANSWER_BYTES: usize = 64 * 1024;

/// The device flows of all providers.
#[derive(Debug)]
pub struct DeviceFlows {
    seals: Seals,
}

/// Where a flow stands.
#[derive(Debug)]
pub enum Progress {
    /// The user has agreed, and is this one.
    Known(Subject),
    /// The user has still to agree. Clients are told `more_needed`.
    Waiting {
        /// What the client sends next time.
        state: String,
        /// What the phone shows meanwhile.
        ask: DeviceAsk,
    },
}

/// What a phone shows while its user agrees elsewhere: the `ask` of `more_needed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceAsk {
    /// What the user types at the provider.
    pub user_code: String,
    /// Where.
    pub verification_uri: String,
    /// The same with the code in it, for a QR code, where the provider has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verification_uri_complete: Option<String>,
    /// Seconds to wait before the next sign-in.
    pub interval: u64,
    /// Seconds until the flow is over.
    pub expires_in: u64,
}

/// Why a flow does not go on.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// The provider has no device flow. Clients are told `bad_request`.
    #[error("the provider has no device flow; send an `id_token`")]
    NotOffered,
    /// The user said no. Clients are told `access_denied`.
    #[error("the user refused at the provider")]
    Denied,
    /// The flow has expired, has ended, or is not one of this WeChat user. Clients are told `challenge_over`.
    #[error("the device flow is over")]
    Over,
    /// What the provider said proves nothing. Clients are told `credentials_wrong`.
    #[error("the provider's id_token proves nothing")]
    Wrong,
    /// The provider cannot be asked. Clients are told `accounts_unavailable`, and may send the same `state` again.
    #[error("the provider cannot be asked")]
    Unavailable,
    /// The state cannot be sealed.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

impl From<OidcError> for DeviceError {
    fn from(error: OidcError) -> Self {
        match error {
            OidcError::Wrong => Self::Wrong,
            OidcError::Unavailable => Self::Unavailable,
        }
    }
}

/// A flow between two questions.
#[derive(Clone, Serialize, Deserialize)]
struct Flow {
    device_code: String,
    user_code: String,
    verification_uri: String,
    verification_uri_complete: Option<String>,
    interval: u64,
    /// No question reaches the provider before this time.
    next: Millis,
    over: Millis,
}

impl DeviceFlows {
    /// Seals flows with the ring's keys.
    pub fn new(ring: &KeyRing) -> Self {
        Self {
            seals: Seals::new(ring, PURPOSE),
        }
    }

    /// Begins a flow for this WeChat user.
    ///
    /// # Errors
    /// The provider has no device flow, or cannot be asked.
    pub async fn begin(
        &self,
        provider: &ThirdParty,
        holder: UserKey,
        now: Millis,
    ) -> Result<Progress, DeviceError> {
        let endpoints = provider.endpoints().await?;
        let Some(device) = endpoints.device.clone() else {
            return Err(DeviceError::NotOffered);
        };
        let scope = match endpoints.subject {
            SubjectPlace::IdToken => Some(("scope", "openid")),
            SubjectPlace::UserInfo { .. } => None,
        };
        let form: Vec<_> = scope.into_iter().collect();
        let answer = provider.post(&endpoints, device, &form).await?;
        let begun = begun(&provider.provider.issuer, answer.status, &answer.body);
        let begun = begun.ok_or_else(|| {
            provider.fails(&format!(
                "it answers {} to a device flow's beginning",
                answer.status
            ))
        })?;
        let flow = Flow {
            device_code: begun.device_code,
            user_code: begun.user_code,
            verification_uri: begun.verification_uri,
            verification_uri_complete: begun.verification_uri_complete,
            interval: begun.interval,
            next: now + begun.interval * 1000,
            over: now + begun.expires_in * 1000,
        };
        self.waiting(provider, holder, &flow, now)
    }

    /// Asks the provider how the flow stands that `state` holds.
    ///
    /// # Errors
    /// The flow is over, the user refused, or the provider cannot be asked.
    pub async fn go_on(
        &self,
        provider: &ThirdParty,
        holder: UserKey,
        state: &str,
        now: Millis,
    ) -> Result<Progress, DeviceError> {
        let mut flow = self.open(provider, holder, state)?;
        if now >= flow.over {
            return Err(DeviceError::Over);
        }
        if now < flow.next {
            return self.waiting(provider, holder, &flow, now);
        }
        let endpoints = provider.endpoints().await?;
        let token = endpoints.token.clone().ok_or(DeviceError::NotOffered)?;
        let form = [("grant_type", GRANT), ("device_code", &flow.device_code)];
        let answer = provider.post(&endpoints, token, &form).await?;
        match polled(answer.status, &answer.body) {
            Polled::Granted(granted) => {
                let subject = provider.granted(&endpoints, granted).await?;
                return Ok(Progress::Known(subject));
            }
            Polled::Pending => {}
            Polled::SlowDown => flow.interval += SLOWER,
            Polled::Denied => return Err(DeviceError::Denied),
            Polled::Over => return Err(DeviceError::Over),
            Polled::Failed(how) => {
                return Err(provider
                    .fails(&format!("it answers a device code with {how}"))
                    .into());
            }
        }
        flow.next = now + flow.interval * 1000;
        self.waiting(provider, holder, &flow, now)
    }

    fn waiting(
        &self,
        provider: &ThirdParty,
        holder: UserKey,
        flow: &Flow,
        now: Millis,
    ) -> Result<Progress, DeviceError> {
        let content = postcard::to_stdvec(flow).map_err(|_| DeviceError::Unavailable)?;
        Ok(Progress::Waiting {
            state: self.seals.seal(&bound(provider, holder), &content)?,
            ask: DeviceAsk {
                user_code: flow.user_code.clone(),
                verification_uri: flow.verification_uri.clone(),
                verification_uri_complete: flow.verification_uri_complete.clone(),
                interval: flow.interval,
                expires_in: flow.over.saturating_sub(now) / 1000,
            },
        })
    }

    fn open(
        &self,
        provider: &ThirdParty,
        holder: UserKey,
        state: &str,
    ) -> Result<Flow, DeviceError> {
        let short = Some(state).filter(|state| state.len() <= STATE_CHARACTERS);
        let content = short.and_then(|state| self.seals.open(&bound(provider, holder), state));
        let content = content.ok_or(DeviceError::Over)?;
        postcard::from_bytes(&content).map_err(|_| DeviceError::Over)
    }
}

/// Who may open a state: one WeChat user, for one provider.
fn bound(provider: &ThirdParty, holder: UserKey) -> Vec<u8> {
    [holder.0.as_slice(), provider.name().as_bytes()].concat()
}

impl ThirdParty {
    async fn endpoints(&self) -> Result<Endpoints, DeviceError> {
        let endpoints = self.published.endpoints().await;
        Ok(endpoints.map_err(|error| self.is_away(&error))?)
    }

    /// Posts a form as this provider's client.
    async fn post(
        &self,
        endpoints: &Endpoints,
        address: Url,
        form: &[(&str, &str)],
    ) -> Result<Answer, DeviceError> {
        let mut form = form.to_vec();
        form.push(("client_id", &self.provider.client_id));
        let secret = self.provider.client_secret.as_ref();
        let basic = match (endpoints.secret, secret) {
            (SecretPlace::Basic, Some(secret)) => {
                Some(basic(&self.provider.client_id, secret).ok_or(DeviceError::Unavailable)?)
            }
            (SecretPlace::Post, Some(secret)) => {
                form.push(("client_secret", secret.expose_secret()));
                None
            }
            (_, None) => None,
        };
        let answer = self.web.post_form(address, &form, basic, ANSWER_BYTES);
        answer.await.map_err(|error| self.cannot_be_reached(error))
    }

    /// Who the user is that agreed.
    async fn granted(
        &self,
        endpoints: &Endpoints,
        granted: Granted,
    ) -> Result<Subject, DeviceError> {
        match (&endpoints.subject, granted.id_token, granted.access_token) {
            (SubjectPlace::IdToken, Some(id_token), _) => {
                Ok(self.verify(id_token.expose_secret(), None).await?)
            }
            (
                SubjectPlace::UserInfo {
                    address,
                    claim: name,
                },
                _,
                Some(token),
            ) => {
                let answer = self.web.get(address.clone(), Some(&token), ANSWER_BYTES);
                let answer = answer
                    .await
                    .map_err(|error| self.cannot_be_reached(error))?;
                let id = claim(&answer.body, name).filter(|_| answer.status.is_success());
                let id = id.ok_or_else(|| {
                    self.fails(&format!(
                        "it answers {} and no id of its user",
                        answer.status
                    ))
                })?;
                Ok(Subject {
                    issuer: self.provider.issuer.as_str().to_owned(),
                    id,
                })
            }
            _ => Err(self
                .fails("it gives no token that says who the user is")
                .into()),
        }
    }

    fn cannot_be_reached(&self, error: WebError) -> DeviceError {
        self.is_away(&error.into()).into()
    }
}

/// RFC 6749, §2.3.1: both parts are encoded as in a form.
fn basic(client_id: &str, secret: &SecretString) -> Option<HeaderValue> {
    let encode = |part: &str| form_urlencoded::byte_serialize(part.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encode(client_id), encode(secret.expose_secret()));
    let mut header = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair))).ok()?;
    header.set_sensitive(true);
    Some(header)
}

impl fmt::Debug for Flow {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Flow(redacted)")
    }
}
