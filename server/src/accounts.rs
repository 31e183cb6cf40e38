//! Who somebody is: the seam between sessions and accounts.
//!
//! WeChat says who holds a phone. [`Accounts`] say which user that is: a guest, who is nothing but a WeChat user, or a
//! user with an account, by whatever the sign-in shows. Everything about sessions stays outside.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use secrecy::zeroize::Zeroize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use wxsession_protocol::ProblemCode;

use crate::identity::Identity;
use crate::problem::HttpProblem;
use crate::user::Way;

/// What [`Accounts`] return. A failure says nothing about who somebody is, and signs nobody out.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, HttpProblem>> + Send + 'a>>;

/// Says who somebody is.
///
/// ```
/// use wxsession_server::accounts::{Accounts, Answer, Attempt, Entry, Method, Outcome};
///
/// /// One user with a password, beside guests.
/// struct OneUser;
///
/// impl Accounts for OneUser {
///     fn authenticate<'a>(&'a self, attempt: &'a Attempt) -> Answer<'a, Outcome> {
///         Box::pin(async move {
///             let ann = || Outcome::User(Entry::to("ann"));
///             Ok(match &attempt.method {
///                 Method::Renew(user) if user == "ann" => ann(),
///                 Method::Renew(_) => Outcome::Wrong,
///                 Method::Silent | Method::WeChat => Outcome::Guest,
///                 Method::Named(_) if attempt.credentials.text("password")? == "sesame" => ann(),
///                 Method::Named(_) => Outcome::Wrong,
///             })
///         })
///     }
/// }
/// ```
pub trait Accounts: Send + Sync + 'static {
    /// Says who signs in by this attempt.
    fn authenticate<'a>(&'a self, attempt: &'a Attempt) -> Answer<'a, Outcome>;

    /// The problem that a sign-in meets now, if that is known beforehand. Then no login code needs to be spent to find
    /// out. `method` is `None` where a sign-in names none.
    fn turns_away(&self, method: Option<&str>) -> Option<ProblemCode> {
        let _ = method;
        None
    }

    /// The user whom this WeChat user is without a word, if that is known here. Nobody, unless accounts keep links
    /// themselves.
    fn linked<'a>(&'a self, wechat: &'a Identity) -> Answer<'a, Option<String>> {
        let _ = wechat;
        Box::pin(async { Ok(None) })
    }
}

/// A sign-in, once WeChat has said who holds the phone.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// How.
    pub method: Method,
    /// The fields of the sign-in besides code, appid and method.
    pub credentials: Credentials,
    /// The WeChat user who holds the phone.
    pub wechat: Identity,
    /// Who is signed in on this phone, or was.
    pub presented: Option<Presented>,
}

/// How somebody signs in.
#[derive(Clone, PartialEq, Eq)]
pub enum Method {
    /// Without a word: the app starts, or a session has ended.
    Silent,
    /// Without a word, on the phone on which this user's session was made.
    Renew(String),
    /// As the WeChat user, on purpose.
    WeChat,
    /// By credentials, with the method's name.
    Named(String),
}

/// The user of a session that a sign-in presents.
#[derive(Clone, PartialEq, Eq)]
pub struct Presented {
    /// The user, as backends know them.
    pub user: String,
    /// Whether they are nothing but a WeChat user.
    pub guest: bool,
}

/// Fields that may be secret. They are wiped when dropped, and `Debug` does not show them.
#[derive(Clone, Default)]
pub struct Credentials(Map<String, Value>);

/// Who somebody is.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// A user with an account.
    User(Entry),
    /// The WeChat user, who has no account.
    Guest,
    /// It takes one more step: the client repeats the sign-in with `state` and what `ask` asks for.
    More {
        /// What the client must show, with a `kind`.
        ask: Map<String, Value>,
        /// Opaque to the client.
        state: String,
    },
    /// The credentials are wrong, or this user cannot be had without any.
    Wrong,
    /// The user is blocked.
    Blocked,
    /// What was to be registered or linked is another account's.
    Taken,
}

/// The way into an account.
#[derive(Clone)]
pub struct Entry {
    /// The user, as backends know them: 1 to 64 printable ASCII characters without spaces.
    pub user: String,
    /// The identity that the session is made by, in the words of the accounts' keeper.
    pub by: Way,
    /// Judges the attachment of the very value that the session is swapped into. `None` where nothing is attached.
    pub admit: Option<Admit>,
}

/// Returns the attachment to keep if the way into the account is still open.
pub type Admit = Arc<dyn Fn(&[u8]) -> Option<Vec<u8>> + Send + Sync>;

impl Method {
    /// The name on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Silent => "silent",
            Self::Renew(_) => "renew",
            Self::WeChat => "wechat",
            Self::Named(name) => name,
        }
    }

    /// Whether the user has done nothing for it.
    pub fn is_silent(&self) -> bool {
        matches!(self, Self::Silent | Self::Renew(_))
    }
}

impl Entry {
    /// The way to a user whose account is kept elsewhere.
    pub fn to(user: impl Into<String>) -> Self {
        Self {
            user: user.into(),
            by: Way::default(),
            admit: None,
        }
    }
}

impl Credentials {
    /// These fields.
    pub fn new(fields: Map<String, Value>) -> Self {
        Self(fields)
    }

    /// The fields.
    pub fn fields(&self) -> &Map<String, Value> {
        &self.0
    }

    /// A field that must be a text.
    ///
    /// # Errors
    /// It is missing, or no text.
    pub fn text(&self, name: &str) -> Result<&str, HttpProblem> {
        self.0.get(name).and_then(Value::as_str).ok_or_else(|| {
            HttpProblem::because(
                ProblemCode::BadRequest,
                format!("`{name}` must be a string"),
            )
        })
    }

    /// A switch, which is off if it is missing.
    ///
    /// # Errors
    /// It is neither true nor false.
    pub fn flag(&self, name: &str) -> Result<bool, HttpProblem> {
        match self.0.get(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(HttpProblem::because(
                ProblemCode::BadRequest,
                format!("`{name}` must be true or false"),
            )),
        }
    }

    /// Tells equal credentials from others, without keeping them.
    pub(crate) fn digest(&self) -> [u8; 32] {
        // The length of the longest body, so that no copy stays behind where the buffer grew.
        let mut json = Vec::with_capacity(crate::body::BODY_BYTES);
        // Texts as keys can be written.
        let written = serde_json::to_writer(&mut json, &self.0);
        let digest = Sha256::digest(&json).into();
        json.zeroize();
        written.map(|()| digest).unwrap_or_default()
    }
}

impl Drop for Credentials {
    fn drop(&mut self) {
        self.0.values_mut().for_each(wipe);
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        Value::Object(fields) => fields.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

impl fmt::Debug for Method {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Credentials(redacted)")
    }
}

impl fmt::Debug for Presented {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Presented(redacted)")
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Entry(redacted)")
    }
}
