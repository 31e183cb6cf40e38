//! Which methods prove an identity besides a password: codes, WeChat's phone numbers, third parties.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};
use wxsession_protocol::ProblemCode;
use wxsession_server::accounts::Credentials;
use wxsession_server::user::Millis;
use wxsession_server::{HttpProblem, Identity};

use crate::challenge::{Challenges, Purpose};
use crate::device::{DeviceFlows, Progress};
use crate::directory::Newcomer;
use crate::identifier::{Identifier, Kind};
use crate::keys::Keys;
use crate::oidc::{Subject, ThirdParty};
use crate::phone::{self, PhoneNumbers};
use crate::pointer::Strength;
use crate::problems::bad_request;

/// What proves an identity on this server.
pub(crate) struct Proofs {
    pub(crate) keys: Arc<Keys>,
    pub(crate) challenges: Challenges,
    pub(crate) phone_numbers: Option<Arc<dyn PhoneNumbers>>,
    pub(crate) third_parties: Vec<Arc<ThirdParty>>,
    pub(crate) device_flows: DeviceFlows,
}

/// What comes of a proof.
pub(crate) enum Proven {
    /// The identity is this one.
    Known(Newcomer),
    /// It takes one more step.
    More {
        ask: Map<String, Value>,
        state: String,
    },
}

/// Who shows a proof, when, and to which end.
#[derive(Clone, Copy)]
pub(crate) struct Showing<'a> {
    pub(crate) wechat: &'a Identity,
    pub(crate) purpose: Purpose,
    pub(crate) now: Millis,
}

impl Proofs {
    /// Whether this server knows the method.
    pub(crate) fn has(&self, method: &str) -> bool {
        match method {
            "code" => self.challenges.are_sent(),
            "phone" => self.phone_numbers.is_some(),
            "oidc" => !self.third_parties.is_empty(),
            _ => false,
        }
    }

    /// The identity that these credentials prove.
    ///
    /// # Errors
    /// They prove nothing, the method is unknown, or somebody who has to be asked does not answer.
    pub(crate) async fn prove(
        &self,
        method: &str,
        credentials: &Credentials,
        showing: Showing<'_>,
    ) -> Result<Proven, HttpProblem> {
        match (method, &self.phone_numbers) {
            ("code", _) if self.has(method) => {
                let identifier = Identifier::parse(credentials.text("identifier")?)?;
                let otp = credentials.text("otp")?;
                let holder = showing.wechat.key();
                let redeemed = self
                    .challenges
                    .redeem(holder, showing.purpose, &identifier, otp);
                redeemed.await?;
                Ok(Proven::Known(self.owned(&identifier)))
            }
            ("phone", Some(numbers)) => {
                let code = credentials.text("phone_code")?;
                let identifier = phone::identifier(&**numbers, showing.wechat, code).await?;
                Ok(Proven::Known(self.owned(&identifier)))
            }
            ("oidc", _) if self.has(method) => self.third_party(credentials, showing).await,
            _ => Err(self.unknown()),
        }
    }

    /// The method is not one of this server's.
    pub(crate) fn unknown(&self) -> HttpProblem {
        let others = ["code", "phone", "oidc"];
        let known = others.into_iter().filter(|method| self.has(method));
        let known: Vec<_> = ["wechat", "password"].into_iter().chain(known).collect();
        let detail = format!("`method` must be one of {}", known.join(", "));
        HttpProblem::because(ProblemCode::MethodUnknown, detail)
    }

    async fn third_party(
        &self,
        credentials: &Credentials,
        Showing { wechat, now, .. }: Showing<'_>,
    ) -> Result<Proven, HttpProblem> {
        let name = credentials.text("issuer")?;
        let third_party = self.third_parties.iter().find(|other| other.name() == name);
        let third_party = third_party.ok_or_else(|| {
            let names: Vec<_> = self
                .third_parties
                .iter()
                .map(|other| other.name())
                .collect();
            bad_request(format!("`issuer` must be one of {}", names.join(", ")))
        })?;
        let holder = wechat.key();
        let has = |field| credentials.fields().contains_key(field);
        if has("id_token") {
            let (id_token, nonce) = (credentials.text("id_token")?, credentials.text("nonce")?);
            if !self.challenges.is_nonce_of(holder, nonce) {
                return Err(HttpProblem::new(ProblemCode::CredentialsWrong));
            }
            let subject = third_party.subject(id_token, nonce).await?;
            return Ok(Proven::Known(self.of_subject(&subject, name)));
        }
        let progress = if has("state") {
            let state = credentials.text("state")?;
            let flow = self.device_flows.go_on(third_party, holder, state, now);
            flow.await?
        } else {
            self.device_flows.begin(third_party, holder, now).await?
        };
        Ok(match progress {
            Progress::Known(subject) => Proven::Known(self.of_subject(&subject, name)),
            Progress::Waiting { state, ask } => {
                let mut fields = Map::new();
                fields.insert("kind".into(), "device".into());
                if let Ok(Value::Object(ask)) = serde_json::to_value(ask) {
                    fields.extend(ask);
                }
                Proven::More { ask: fields, state }
            }
        })
    }

    fn owned(&self, identifier: &Identifier) -> Newcomer {
        let (kind, normalised) = (identifier.kind(), identifier.normalised());
        Newcomer {
            kind,
            key: self.keys.identity(kind, normalised),
            strength: Strength::Proven,
            shown: identifier.shown(),
        }
    }

    /// No issuer has a zero byte, so the two parts cannot be shifted.
    fn of_subject(&self, subject: &Subject, name: &str) -> Newcomer {
        let id = format!("{}\0{}", subject.issuer, subject.id);
        Newcomer {
            kind: Kind::Oidc,
            key: self.keys.identity(Kind::Oidc, &id),
            strength: Strength::Proven,
            shown: name.to_owned(),
        }
    }
}

impl fmt::Debug for Proofs {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Proofs")
    }
}
