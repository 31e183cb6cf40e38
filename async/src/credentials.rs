//! What a user shows to sign in.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use wasm_bindgen::JsValue;

/// Credentials for one sign-in: a method, and the fields that the server asks for with that method. The texts are erased from
/// this module's memory when the sign-in is over. What wx is given is JavaScript's, which erases nothing.
///
/// ```no_run
/// # use wxsession_async::{Credentials, Error, Session};
/// # async fn program(session: Session) -> Result<(), Error> {
/// // What the user typed.
/// # let (name, password) = ("li.na", "a password");
/// session.login_with(Credentials::password(name, password)).await?;
///
/// // The first time: register, so that later starts are silent.
/// session.login_with(Credentials::password(name, password).register()).await?;
///
/// // A method of the app's own.
/// let campus = Credentials::new("campus").field("student", "20260001").field("pin", "4930");
/// session.login_with(campus).await?;
/// # Ok(())
/// # }
/// ```
pub struct Credentials {
    method: String,
    fields: Vec<(String, Field)>,
}

enum Field {
    Text(SecretString),
    Flag,
}

impl Credentials {
    /// Credentials for this method, without a field yet.
    pub fn new(method: impl Into<String>) -> Self {
        Self {
            method: method.into(),
            fields: Vec::new(),
        }
    }

    /// The WeChat user of this phone, on purpose: even where a session of another user is in hand.
    pub fn wechat() -> Self {
        Self::new("wechat")
    }

    /// A password, and the name, phone number or address of its account.
    pub fn password(
        identifier: impl Into<SecretString>,
        password: impl Into<SecretString>,
    ) -> Self {
        Self::new("password")
            .field("identifier", identifier)
            .field("password", password)
    }

    /// A code that the server has sent to this phone number or address.
    pub fn code(identifier: impl Into<SecretString>, otp: impl Into<SecretString>) -> Self {
        Self::new("code")
            .field("identifier", identifier)
            .field("otp", otp)
    }

    /// The `code` that a button with `open-type="getPhoneNumber"` gives.
    pub fn phone(phone_code: impl Into<SecretString>) -> Self {
        Self::new("phone").field("phone_code", phone_code)
    }

    /// A token of a third party, and the nonce that the token was asked for with.
    pub fn oidc(
        issuer: impl Into<SecretString>,
        id_token: impl Into<SecretString>,
        nonce: impl Into<SecretString>,
    ) -> Self {
        Self::new("oidc")
            .field("issuer", issuer)
            .field("id_token", id_token)
            .field("nonce", nonce)
    }

    /// Creates the account if there is none.
    pub fn register(self) -> Self {
        self.flag("register")
    }

    /// Makes the WeChat user of this phone a way into the account, so that later starts are silent.
    pub fn link(self) -> Self {
        self.flag("link")
    }

    /// Adds a text. `code` is the login code's name, so a field of that name is not sent.
    pub fn field(mut self, name: impl Into<String>, text: impl Into<SecretString>) -> Self {
        self.fields.push((name.into(), Field::Text(text.into())));
        self
    }

    fn flag(mut self, name: &str) -> Self {
        self.fields.push((name.to_owned(), Field::Flag));
        self
    }

    /// The fields as wx takes them.
    pub(crate) fn data(&self) -> Vec<(&str, JsValue)> {
        let fields = self.fields.iter().map(|(name, field)| match field {
            Field::Text(text) => (name.as_str(), text.expose_secret().into()),
            Field::Flag => (name.as_str(), JsValue::TRUE),
        });
        fields
            .chain([("method", self.method.as_str().into())])
            .collect()
    }

    /// The texts that no error may repeat. What the server asks to have repeated is no secret, nor is the name of a third
    /// party, which the address where its users agree repeats.
    pub(crate) fn secrets(&self) -> Vec<SecretString> {
        let texts = self.fields.iter().filter_map(|(name, field)| match field {
            Field::Text(text) if name != "state" && name != "issuer" => Some(text.clone()),
            _ => None,
        });
        texts.collect()
    }
}

/// Shows the method alone. Names and phone numbers are no less private than passwords.
impl fmt::Debug for Credentials {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Credentials")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}
