//! What an answer of WeChat's API means, and whether it can be trusted.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::WeChatError;
use crate::identity::{Identity, is_id};
use crate::session_key::SessionKey;

/// The account that a login code stands for.
#[derive(Debug)]
pub struct Account {
    /// The user.
    pub identity: Identity,
    /// The key that WeChat encrypts and signs this user's data with from now on.
    pub session_key: SessionKey,
}

/// Every answer has an `errcode` beside its own fields, except that a success may omit it.
#[derive(Deserialize)]
struct Errcode {
    #[serde(default)]
    errcode: i64,
}

/// `jscode2session`'s own fields.
#[derive(Deserialize)]
struct SignedIn {
    openid: Option<String>,
    unionid: Option<String>,
    session_key: Option<SecretString>,
}

/// The account in an answer of `jscode2session`.
///
/// # Errors
/// WeChat refuses the code, or the answer is malformed.
pub fn signed_in(appid: &str, answer: &[u8]) -> Result<Account, WeChatError> {
    let answer: SignedIn = success(answer)?;
    let openid = answer.openid.filter(|id| is_id(id));
    let openid = openid.ok_or(WeChatError::BadAnswer("has no well-formed openid"))?;
    if answer.unionid.as_deref().is_some_and(|id| !is_id(id)) {
        return Err(WeChatError::BadAnswer("has a malformed unionid"));
    }
    let session_key = answer
        .session_key
        .and_then(|key| SessionKey::parse(key.expose_secret()))
        .ok_or(WeChatError::BadAnswer("has no well-formed session_key"))?;
    Ok(Account {
        identity: Identity {
            appid: appid.to_owned(),
            openid,
            unionid: answer.unionid,
        },
        session_key,
    })
}

/// The fields of a successful answer, of any call.
///
/// # Errors
/// WeChat refuses the call, or the answer is not JSON with these fields.
pub fn success<T: DeserializeOwned>(answer: &[u8]) -> Result<T, WeChatError> {
    let unreadable = |_| WeChatError::BadAnswer("is not the JSON that it should be");
    let Errcode { errcode } = serde_json::from_slice(answer).map_err(unreadable)?;
    Err(match errcode {
        0 => return serde_json::from_slice(answer).map_err(unreadable),
        40029 | 40163 => WeChatError::CodeInvalid,
        40226 => WeChatError::UserBlocked,
        45011 => WeChatError::RateLimited,
        errcode if is_misconfigured(errcode) => WeChatError::Misconfigured { errcode },
        40001 | 40014 | 42001 => WeChatError::TokenRefused,
        -1 => WeChatError::Busy,
        45009 => WeChatError::Unavailable("says that today's quota is used up"),
        _ => WeChatError::UnknownErrcode(errcode),
    })
}

/// Whether only an operator can mend it. Most of these numbers are those of WeChat's documents for `getAccessToken` and of
/// its list of global return codes; 41002, 41004 and 40125 are what `jscode2session` was seen to answer.
fn is_misconfigured(errcode: i64) -> bool {
    const APPID: [i64; 2] = [40013, 41002];
    const SECRET: [i64; 3] = [40125, 40243, 41004];
    const ADDRESS: [i64; 5] = [40164, 89501, 89503, 89506, 89507];
    const CLOSED: [i64; 5] = [48001, 48004, 50002, 50004, 50007];
    [&APPID[..], &SECRET, &ADDRESS, &CLOSED]
        .iter()
        .any(|kind| kind.contains(&errcode))
}

#[cfg(test)]
mod tests {
    use super::{SessionKey, WeChatError, signed_in};

    const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAA==";

    #[test]
    fn a_malformed_answer_is_not_trusted() {
        let sound = format!(r#"{{"errcode":0,"openid":"o_-9","session_key":"{KEY}"}}"#);
        let account = signed_in("wx1", sound.as_bytes()).unwrap();
        assert_eq!(account.identity.openid, "o_-9");
        assert_eq!(account.session_key, SessionKey::parse(KEY).unwrap());
        let long = "o".repeat(65);
        for answer in [
            "{}".to_owned(),
            "[]".to_owned(),
            "null".to_owned(),
            r#"{"errcode":"0"}"#.to_owned(),
            format!(r#"{{"session_key":"{KEY}"}}"#),
            format!(r#"{{"openid":"","session_key":"{KEY}"}}"#),
            format!(r#"{{"openid":"o 1","session_key":"{KEY}"}}"#),
            format!(r#"{{"openid":"{long}","session_key":"{KEY}"}}"#),
            format!(r#"{{"openid":"o1","unionid":"ü","session_key":"{KEY}"}}"#),
            r#"{"openid":"o1"}"#.to_owned(),
            r#"{"openid":"o1","session_key":"AAAA"}"#.to_owned(),
            format!(r#"{{"openid":"o1","session_key":"{KEY}AAAA"}}"#),
        ] {
            let error = signed_in("wx1", answer.as_bytes()).unwrap_err();
            assert!(
                matches!(error, WeChatError::BadAnswer(_)),
                "{answer}: {error}"
            );
        }
    }

    #[test]
    fn an_errcode_is_judged_before_anything_else() {
        for (errcode, named) in [
            (-1, "Busy"),
            (40001, "TokenRefused"),
            (40013, "Misconfigured"),
            (40014, "TokenRefused"),
            (40029, "CodeInvalid"),
            (40099, "UnknownErrcode(40099)"),
            (40125, "Misconfigured"),
            (40163, "CodeInvalid"),
            (40226, "UserBlocked"),
            (40164, "Misconfigured"),
            (40243, "Misconfigured"),
            (41002, "Misconfigured"),
            (41004, "Misconfigured"),
            (48001, "Misconfigured"),
            (48004, "Misconfigured"),
            (50002, "Misconfigured"),
            (50007, "Misconfigured"),
            (89503, "Misconfigured"),
            (42001, "TokenRefused"),
            (45009, "Unavailable"),
            (45011, "RateLimited"),
        ] {
            let answer = format!(r#"{{"errcode":{errcode},"openid":7,"errmsg":"its words"}}"#);
            let error = signed_in("wx1", answer.as_bytes()).unwrap_err();
            assert!(format!("{error:?}").starts_with(named), "{errcode}");
            assert!(!error.to_string().contains("its words"), "{error}");
        }
    }
}
