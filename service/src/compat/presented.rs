//! What the headers of an old client present, and how the three protocols are told apart.
//!
//! A header that comes twice counts as absent: a proxy in front of this server may have judged by the other. So does an
//! empty one.

use axum::http::{HeaderMap, HeaderValue, header};
use wxsession_protocol::ProblemCode;
use wxsession_server::identity::is_id;
use wxsession_server::wechat::LoginCode;

use super::failure::Failure;
use super::{Protocol, user_info};

const CODE: &str = "X-WX-Code";
const RAW_DATA: &str = "X-WX-RawData";
const SIGNATURE: &str = "X-WX-Signature";
const ID: &str = "X-WX-Id";
const SKEY: &str = "X-WX-Skey";
const ENCRYPTED_DATA: &str = "X-WX-Encrypted-Data";
const IV: &str = "X-WX-IV";
/// As wafer 1 called it until 0.7.
const ENCRYPT_DATA: &str = "X-WX-Encrypt-Data";

/// Where WeChat says which mini program makes a request. No mini program can change it.
const REFERRER: &str = "https://servicewechat.com/";

/// What a call presents.
#[derive(Clone)]
pub(super) enum Presented {
    /// weapp-session's sign-in.
    Signed(Result<Signed, Failure>),
    /// weapp-session's code, of an earlier sign-in.
    Code(Option<LoginCode>),
    /// wafer 1's session.
    Pair { id: String, skey: HeaderValue },
    /// wafer 2's.
    Skey(HeaderValue),
}

/// A sign-in of weapp-session.
#[derive(Clone)]
pub(super) struct Signed {
    pub(super) code: LoginCode,
    /// JSON, as WeChat gave it to the phone.
    pub(super) raw_data: String,
    pub(super) signature: String,
}

/// What a request to a login URL presents.
#[derive(Clone)]
pub(super) struct Login {
    pub(super) code: LoginCode,
    pub(super) encrypted: Option<Encrypted>,
}

/// What WeChat encrypted.
#[derive(Clone)]
pub(super) struct Encrypted {
    pub(super) data: String,
    /// `None`: WeChat has taken the key for it, as until 2016.
    pub(super) iv: Option<String>,
}

impl Presented {
    /// What a call presents, among the protocols that are spoken.
    pub(super) fn of(headers: &HeaderMap, speaks: impl Fn(Protocol) -> bool) -> Option<Self> {
        let code = text(headers, CODE);
        if let (true, Some(code)) = (speaks(Protocol::WeappSession), code)
            && let Some(raw_data) = text(headers, RAW_DATA)
        {
            let signature = text(headers, SIGNATURE).unwrap_or_default();
            return Some(Self::Signed(Signed::read(code, raw_data, signature)));
        }
        if let Some(skey) = value(headers, SKEY) {
            return match text(headers, ID) {
                Some(id) if speaks(Protocol::Wafer) => Some(Self::Pair {
                    id: id.to_owned(),
                    skey: skey.clone(),
                }),
                None if speaks(Protocol::Wafer2) => Some(Self::Skey(skey.clone())),
                _ => None,
            };
        }
        let code = code.filter(|_| speaks(Protocol::WeappSession))?;
        Some(Self::Code(LoginCode::parse(code)))
    }

    pub(super) fn protocol(&self) -> Protocol {
        match self {
            Self::Signed(_) | Self::Code(_) => Protocol::WeappSession,
            Self::Pair { .. } => Protocol::Wafer,
            Self::Skey(_) => Protocol::Wafer2,
        }
    }
}

impl Signed {
    fn read(code: &str, raw_data: &str, signature: &str) -> Result<Self, Failure> {
        Ok(Self {
            raw_data: user_info::decoded(raw_data).map_err(Failure::RawData)?,
            code: login_code(code)?,
            signature: signature.to_owned(),
        })
    }
}

impl Login {
    /// What a request to this protocol's login URL presents.
    pub(super) fn of(headers: &HeaderMap, protocol: Protocol) -> Result<Self, Failure> {
        let code = text(headers, CODE).ok_or(Failure::HeaderMissing(CODE))?;
        let (data, iv) = (text(headers, ENCRYPTED_DATA), text(headers, IV));
        let encrypted = match (data, iv) {
            (Some(data), Some(iv)) => Some((data, Some(iv))),
            (Some(_), None) => return Err(Failure::HeaderMissing(IV)),
            (None, Some(_)) => return Err(Failure::HeaderMissing(ENCRYPTED_DATA)),
            (None, None) if protocol == Protocol::Wafer => text(headers, ENCRYPT_DATA)
                // What JavaScript makes of the value that WeChat no longer gives.
                .filter(|data| *data != "undefined")
                .map(|data| (data, None)),
            (None, None) => None,
        };
        Ok(Self {
            code: login_code(code)?,
            encrypted: encrypted.map(|(data, iv)| Encrypted {
                data: data.to_owned(),
                iv: iv.map(str::to_owned),
            }),
        })
    }
}

/// The mini program that makes the request, by what WeChat says.
pub(super) fn appid(headers: &HeaderMap) -> Option<&str> {
    let referrer = headers.get(header::REFERER)?.to_str().ok()?;
    let (appid, _) = referrer.strip_prefix(REFERRER)?.split_once('/')?;
    is_id(appid).then_some(appid)
}

fn login_code(code: &str) -> Result<LoginCode, Failure> {
    LoginCode::parse(code).ok_or_else(|| Failure::new(ProblemCode::CodeInvalid))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    value(headers, name)?.to_str().ok()
}

fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => Some(value).filter(|value| !value.is_empty()),
        _ => None,
    }
}

impl std::fmt::Debug for Signed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Signed(redacted)")
    }
}

impl std::fmt::Debug for Presented {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Presented(redacted)")
    }
}

impl std::fmt::Debug for Login {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Login(redacted)")
    }
}

#[cfg(test)]
mod tests;
