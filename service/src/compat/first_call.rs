//! The first call of weapp-session's clients, which signs in, and the calls that go by its code.
//!
//! Parallel first calls all sign in, by one code. They are one sign-in, and so is a repeat of it later.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::HeaderMap;
use sha2::{Digest, Sha256};
use tokio::sync::watch;
use wxsession_protocol::ProblemCode;
use wxsession_server::identity::UserKey;
use wxsession_server::sessions::{Issued, UserKeys};
use wxsession_server::token::Token;
use wxsession_server::wechat::LoginCode;

use super::failure::Failure;
use super::presented::Signed;
use super::user_info::UserInfo;
use super::{OldClients, codes};
use crate::signature;

/// What becomes of a sign-in that others wait for too.
type Landing = watch::Receiver<Option<Result<Token, Failure>>>;

/// The sign-ins that are under way, by the places of their codes, each with a digest of what it presents beside the
/// code.
#[derive(Default)]
pub(super) struct Flights(Mutex<HashMap<UserKey, (UserKey, Landing)>>);

impl OldClients {
    /// Signs in by weapp-session's headers. A repeat of what has signed in gets the same session.
    pub(super) async fn sign_in(
        &self,
        signed: Result<Signed, Failure>,
        headers: &HeaderMap,
    ) -> Result<Token, Failure> {
        let signed = signed?;
        // Before the code is spent.
        UserInfo::told(&signed.raw_data, "").map_err(Failure::RawData)?;
        let (place, digest) = (codes::place(&signed.code), digest(&signed));
        let under_way = self.0.flights.of(place);
        if let Some((other, landing)) = under_way {
            let landed = wait(landing).await;
            if other == digest {
                return landed;
            }
        }
        let landing = self.0.flights.begin(place, digest, |landing| {
            let flight = Flight {
                clients: self.clone(),
                place,
                digest,
            };
            let headers = headers.clone();
            // In a task of its own, so that the code is not lost when the client no longer waits.
            tokio::spawn(async move {
                let landed = flight.clients.fly(&signed, &headers).await;
                drop(flight);
                landing.send_replace(Some(landed));
            });
        });
        wait(landing).await
    }

    async fn fly(&self, signed: &Signed, headers: &HeaderMap) -> Result<Token, Failure> {
        if let Some(token) = self.repeated(signed).await? {
            return Ok(token);
        }
        let issued = match self.exchange(&signed.code, headers).await {
            Ok(issued) => issued,
            // It may have signed in at another server meanwhile.
            Err(failure) if failure.code() == ProblemCode::CodeInvalid => {
                return self.repeated(signed).await?.ok_or(failure);
            }
            Err(failure) => return Err(failure),
        };
        let landed = self.land(signed, &issued).await;
        if landed.is_err() {
            self.end(issued.token).await;
        }
        landed.map(|()| issued.token)
    }

    /// The session that was started with the same headers before, if one was.
    async fn repeated(&self, signed: &Signed) -> Result<Option<Token>, Failure> {
        let Some(token) = self.registered(&signed.code).await? else {
            return Ok(None);
        };
        let keys = self.sessions().session_keys(token).await?;
        match is_signed(&keys, signed) {
            true => Ok(Some(token)),
            false => Err(Failure::Untrusted),
        }
    }

    async fn land(&self, signed: &Signed, issued: &Issued) -> Result<(), Failure> {
        let keys = self.sessions().session_keys(issued.token).await?;
        if !is_signed(&keys, signed) {
            return Err(Failure::Untrusted);
        }
        let user = self.sessions().verify(issued.token).await?.identity;
        let told = UserInfo::told(&signed.raw_data, &user.openid).map_err(Failure::RawData)?;
        self.0.user_infos.keep(&user, &told).await?;
        Ok(self.0.codes.register(&signed.code, issued).await?)
    }

    /// The session of a code. If its sign-in is under way here, the call waits for that.
    pub(super) async fn of_code(&self, code: &LoginCode) -> Result<Option<Token>, Failure> {
        if let Some(token) = self.registered(code).await? {
            return Ok(Some(token));
        }
        match self.0.flights.of(codes::place(code)) {
            Some((_, landing)) => Ok(wait(landing).await.ok()),
            None => Ok(None),
        }
    }

    async fn registered(&self, code: &LoginCode) -> Result<Option<Token>, Failure> {
        let Some(found) = self.0.codes.find(code).await? else {
            return Ok(None);
        };
        let Ok(token) = self.sessions().authenticate(&found.session) else {
            return Ok(None);
        };
        if found.is_due {
            let (clients, code) = (self.clone(), code.clone());
            tokio::spawn(async move {
                if let Err(error) = clients.0.codes.keep(&code, token).await {
                    let error = &error as &dyn Error;
                    tracing::debug!(error, "a code could not be kept for longer");
                }
            });
        }
        Ok(Some(token))
    }
}

impl Flights {
    fn of(&self, place: UserKey) -> Option<(UserKey, Landing)> {
        self.all().get(&place).cloned()
    }

    /// The landing of the sign-in that is under way by now, or of one that begins.
    fn begin(
        &self,
        place: UserKey,
        digest: UserKey,
        begin: impl FnOnce(watch::Sender<Option<Result<Token, Failure>>>),
    ) -> Landing {
        let mut all = self.all();
        if let Some((other, landing)) = all.get(&place)
            && *other == digest
        {
            return landing.clone();
        }
        let (landing, flight) = watch::channel(None);
        all.insert(place, (digest, flight.clone()));
        drop(all);
        begin(landing);
        flight
    }

    fn end(&self, place: UserKey, digest: UserKey) {
        let mut all = self.all();
        if all.get(&place).is_some_and(|(other, _)| *other == digest) {
            all.remove(&place);
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<UserKey, (UserKey, Landing)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A sign-in's place among those under way. It is given up on drop, so a panic gives it up too.
struct Flight {
    clients: OldClients,
    place: UserKey,
    digest: UserKey,
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.clients.0.flights.end(self.place, self.digest);
    }
}

async fn wait(mut landing: Landing) -> Result<Token, Failure> {
    match landing.wait_for(Option::is_some).await.as_deref() {
        Ok(Some(landed)) => landed.clone(),
        _ => Err(Failure::new(ProblemCode::ServerBusy)),
    }
}

fn is_signed(keys: &UserKeys, signed: &Signed) -> bool {
    let Signed {
        raw_data,
        signature,
        ..
    } = signed;
    keys.any(|key| signature::signs_raw_data(key, raw_data, signature))
}

fn digest(signed: &Signed) -> UserKey {
    let digest = Sha256::new()
        .chain_update(&signed.signature)
        .chain_update([0])
        .chain_update(&signed.raw_data)
        .finalize();
    UserKey(std::array::from_fn(|index| digest[index]))
}
