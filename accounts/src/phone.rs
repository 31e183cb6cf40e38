//! The phone number that WeChat vouches for: the code of a button with `open-type="getPhoneNumber"`.
//!
//! A number that WeChat has verified is the same identity as the number that a code was sent to. Only mini programs of
//! certified companies have the button (微信认证).

use std::fmt;
use std::pin::Pin;

use wxsession_server::Identity;
use wxsession_server::wechat::{LoginCode, WeChatError};

use crate::identifier::{Identifier, Kind};

/// What [`PhoneNumbers::number`] returns.
pub type NumberFuture<'a> = Pin<Box<dyn Future<Output = Result<Number, WeChatError>> + Send + 'a>>;

/// Exchanges phone codes, as WeChat's `getuserphonenumber` does.
pub trait PhoneNumbers: Send + Sync + 'static {
    /// The number for a phone code of this WeChat user. A code works once, so a failure may have used it up.
    ///
    /// # Errors
    /// WeChat refuses the code, or gives no answer that can be trusted.
    fn number<'a>(&'a self, user: &'a Identity, code: &'a LoginCode) -> NumberFuture<'a>;
}

/// A phone number in WeChat's two parts.
#[derive(Clone, PartialEq, Eq)]
pub struct Number {
    /// As in `86`.
    pub country_code: String,
    /// Without the country code.
    pub pure_number: String,
}

impl fmt::Debug for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Number(redacted)")
    }
}

/// Why a phone code says nothing.
#[derive(Debug, thiserror::Error)]
pub enum PhoneError {
    /// It is no phone code. Clients are told `bad_request`.
    #[error(
        "`phone_code` is not a code of the phone number button; send its `detail.code` as it is"
    )]
    Malformed,
    /// WeChat does not know the code, or it was used before, or it is another user's. Clients are told `credentials_wrong`.
    #[error("the phone code proves nothing")]
    Wrong,
    /// WeChat gives no answer.
    #[error(transparent)]
    WeChat(WeChatError),
}

/// The phone number of this WeChat user, as an identifier.
///
/// # Errors
/// The code says nothing, or WeChat does not answer.
pub async fn identifier(
    numbers: &dyn PhoneNumbers,
    user: &Identity,
    phone_code: &str,
) -> Result<Identifier, PhoneError> {
    let code = LoginCode::parse(phone_code).ok_or(PhoneError::Malformed)?;
    let number = numbers
        .number(user, &code)
        .await
        .map_err(|error| match error {
            WeChatError::CodeInvalid => PhoneError::Wrong,
            error => PhoneError::WeChat(error),
        })?;
    let dialled = format!("+{}{}", number.country_code, number.pure_number);
    let identifier = Identifier::parse(&dialled).ok();
    let identifier = identifier.filter(|identifier| identifier.kind() == Kind::Phone);
    let bad = WeChatError::BadAnswer("has a phone number that is none");
    identifier.ok_or(PhoneError::WeChat(bad))
}

#[cfg(test)]
mod tests {
    use wxsession_server::Identity;
    use wxsession_server::wechat::{LoginCode, WeChatError};

    use super::{Number, NumberFuture, PhoneError, PhoneNumbers, identifier};
    use crate::identifier::Identifier;

    /// Knows one code of one user.
    struct One(&'static str, &'static str);

    impl PhoneNumbers for One {
        fn number<'a>(&'a self, user: &'a Identity, code: &'a LoginCode) -> NumberFuture<'a> {
            let known = (&*user.openid, code.reveal()) == ("ann", "good");
            let late = code.reveal() == "late";
            Box::pin(async move {
                match (known, late) {
                    (true, _) => Ok(Number {
                        country_code: self.0.into(),
                        pure_number: self.1.into(),
                    }),
                    (_, true) => Err(WeChatError::Late),
                    _ => Err(WeChatError::CodeInvalid),
                }
            })
        }
    }

    fn user(openid: &str) -> Identity {
        Identity {
            appid: "wx0123456789abcdef".into(),
            openid: openid.into(),
            unionid: None,
        }
    }

    #[tokio::test]
    async fn a_number_that_wechat_vouches_for_is_the_one_that_people_type() {
        for (country, number, typed) in [
            ("86", "13800138000", "138 0013 8000"),
            ("1", "6505550123", "+1 650 555 0123"),
        ] {
            let found = identifier(&One(country, number), &user("ann"), "good").await;
            assert!(
                found.unwrap() == Identifier::parse(typed).unwrap(),
                "{typed}"
            );
        }
    }

    #[tokio::test]
    async fn each_failure_has_its_own_error() {
        let numbers = One("86", "13800138000");
        let ask = async |user_id: &str, code: &str| {
            identifier(&numbers, &user(user_id), code).await.err()
        };
        assert!(matches!(ask("ann", "used").await, Some(PhoneError::Wrong)));
        assert!(matches!(ask("ben", "good").await, Some(PhoneError::Wrong)));
        assert!(matches!(ask("ann", "").await, Some(PhoneError::Malformed)));
        assert!(matches!(
            ask("ann", "a\nb").await,
            Some(PhoneError::Malformed)
        ));
        assert!(matches!(
            ask("ann", "late").await,
            Some(PhoneError::WeChat(WeChatError::Late))
        ));
        let rubbish = identifier(&One("86", "110"), &user("ann"), "good").await;
        assert!(matches!(
            rubbish,
            Err(PhoneError::WeChat(WeChatError::BadAnswer(_)))
        ));
    }
}
