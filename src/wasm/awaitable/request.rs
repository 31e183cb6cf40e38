//! One call of `wx.request`, and what it answered.

use js_sys::{Object, Reflect, RegExp};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wxsession_protocol::ProblemCode;

use super::error::{Cause, Error};
use super::wx::{self, number, property, text};
use crate::error::ErrorCode;
use crate::policy::{self, Refusal};

/// What `wx.request` is asked for. It may be sent again.
#[derive(Clone)]
pub struct Request {
    pub(super) url: String,
    method: String,
    headers: Vec<(String, String)>,
    options: Vec<(String, JsValue)>,
    pub(super) is_bare: bool,
}

impl Request {
    /// A request of that method to an absolute URL.
    pub fn new(method: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            method: method.into(),
            headers: Vec::new(),
            options: Vec::new(),
            is_bare: false,
        }
    }

    /// A `GET`.
    pub fn get(url: impl Into<String>) -> Self {
        Self::new("GET", url)
    }

    /// A `POST` of `data`: an object, a string or an `ArrayBuffer`, as wx takes it.
    pub fn post(url: impl Into<String>, data: impl Into<JsValue>) -> Self {
        Self::new("POST", url).option("data", data)
    }

    /// Adds a header. The one of the session is the session's own.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Adds any other of wx's options, such as `timeout` (milliseconds) or `responseType`.
    pub fn option(mut self, name: impl Into<String>, value: impl Into<JsValue>) -> Self {
        self.options.push((name.into(), value.into()));
        self
    }

    /// Sends without the session, and without waiting for one.
    pub fn without_session(mut self) -> Self {
        self.is_bare = true;
        self
    }

    /// Hands it to wx before the first wait. `session` is the header that carries the session, and its id.
    pub(super) async fn send(&self, session: Option<(&str, &str)>) -> Result<Answer, Error> {
        let (answer, task) = wx::call(wx::request, &self.to_options(session));
        let mut flight = Flight(Some(task));
        let answer = JsFuture::from(answer).await;
        flight.0 = None;
        match answer {
            Ok(value) => Ok(Answer(value)),
            Err(given) => {
                let cause = Cause::redacted(&given, session.map(|(_, id)| id));
                Err(Error::new(ErrorCode::RequestFailed, cause))
            }
        }
    }

    fn to_options(&self, session: Option<(&str, &str)>) -> Object {
        let header = Object::new();
        for (name, value) in &self.headers {
            if !session.is_some_and(|(reserved, _)| reserved.eq_ignore_ascii_case(name)) {
                wx::set(&header, name, &value.into());
            }
        }
        if let Some((name, id)) = session {
            wx::set(&header, name, &id.into());
        }
        let options = Object::new();
        for (name, value) in &self.options {
            wx::set(&options, name, value);
        }
        wx::set(&options, "url", &self.url.as_str().into());
        wx::set(&options, "method", &self.method.as_str().into());
        wx::set(&options, "header", &header);
        options
    }
}

/// A task under way; dropped before its end, it is aborted.
struct Flight(Option<JsValue>);

impl Drop for Flight {
    fn drop(&mut self) {
        if let Some(task) = self.0.take() {
            // Nobody is left to hear how it went.
            let _ = task.unchecked_into::<wx::Task>().abort();
        }
    }
}

/// What the server answered, as wx gave it.
#[derive(Clone)]
pub struct Answer(JsValue);

impl Answer {
    /// The HTTP status; zero where wx gave none.
    pub fn status(&self) -> u16 {
        number(&property(&self.0, "statusCode")).unwrap_or(0.0) as u16
    }

    /// A header; names compare without case.
    pub fn header(&self, name: &str) -> Option<String> {
        let headers = property(&self.0, "header");
        let names = Reflect::own_keys(&headers).ok()?;
        let found = names
            .iter()
            .filter_map(|key| text(&key))
            .find(|key| key.eq_ignore_ascii_case(name))?;
        text(&property(&headers, &found))
    }

    /// The body: an object where it was JSON, else a string or an `ArrayBuffer`.
    pub fn body(&self) -> JsValue {
        property(&self.0, "data")
    }

    /// All that wx gave.
    pub fn value(&self) -> &JsValue {
        &self.0
    }

    /// What wx gave to a success.
    pub(super) fn of(value: JsValue) -> Self {
        Self(value)
    }

    /// What it says about the session that the call carried. An answer that surely refuses nothing is not looked
    /// into.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        let status = self.status();
        if status < 400 {
            return None;
        }
        policy::refusal(status, self.problem())
    }

    /// The problem that it names, in its challenge or, where there is none, in its body.
    pub(super) fn problem(&self) -> Option<ProblemCode> {
        let challenge = self.header("www-authenticate").unwrap_or_default();
        let named = RegExp::new(r#"WxSession\s+error="?(\w+)"#, "i")
            .exec(&challenge)
            .and_then(|found| text(&found.get(1)));
        let name = named.or_else(|| text(&property(&self.body(), "code")))?;
        policy::problem(&name)
    }
}

/// The answer may hold anything, and a log may be anybody's: it shows the status.
impl std::fmt::Debug for Answer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Answer")
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}
