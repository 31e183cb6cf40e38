//! One call of `wx.request`.

use js_sys::Object;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wxsession::error::ErrorCode;

use crate::answer::Answer;
use crate::error::{Cause, Error};
use crate::host::WxHost;
use crate::wx;

/// The arguments of one `wx.request`. A request can be sent many times.
///
/// ```no_run
/// use wxsession_async::Request;
///
/// let request = Request::post("https://api.example.com/orders", r#"{"product":7}"#)
///     .header("content-type", "application/json")
///     .option("timeout", 5_000);
/// ```
#[derive(Clone)]
pub struct Request {
    pub(crate) url: String,
    method: String,
    headers: Vec<(String, String)>,
    options: Vec<(String, JsValue)>,
    pub(crate) is_bare: bool,
}

impl Request {
    /// A request with this method to an absolute URL.
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

    /// Adds a header. The session's own header is replaced when the request carries the session.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Adds another option of `wx.request`, such as `timeout` (milliseconds) or `responseType`.
    pub fn option(mut self, name: impl Into<String>, value: impl Into<JsValue>) -> Self {
        self.options.push((name.into(), value.into()));
        self
    }

    /// Sends without the session, and without waiting for one.
    pub fn without_session(mut self) -> Self {
        self.is_bare = true;
        self
    }

    /// Calls wx before the first await, with the session of this id if there is one.
    pub(crate) async fn send(&self, session: Option<(&WxHost, &str)>) -> Result<Answer, Error> {
        let answer = self.send_once(session).await?;
        match session {
            Some((host, _)) if host.signing().is_late(&answer) => self.send_once(session).await,
            _ => Ok(answer),
        }
    }

    async fn send_once(&self, session: Option<(&WxHost, &str)>) -> Result<Answer, Error> {
        let (answer, task) = wx::call(wx::request, &self.to_options(session));
        let mut flight = Flight(Some(task));
        let answer = JsFuture::from(answer).await;
        flight.0 = None;
        match answer {
            Ok(value) => Ok(Answer::of(value)),
            Err(given) => {
                let cause = Cause::redacted(&given, session.map(|(_, id)| id));
                Err(Error::new(ErrorCode::RequestFailed, cause))
            }
        }
    }

    fn to_options(&self, session: Option<(&WxHost, &str)>) -> Object {
        let header = Object::new();
        let reserved = session.map(|(host, _)| host.options().session_header.as_str());
        for (name, value) in &self.headers {
            if !reserved.is_some_and(|reserved| reserved.eq_ignore_ascii_case(name)) {
                wx::set(&header, name, &value.into());
            }
        }
        let options = Object::new();
        for (name, value) in &self.options {
            wx::set(&options, name, value);
        }
        wx::set(&options, "url", &self.url.as_str().into());
        wx::set(&options, "method", &self.method.as_str().into());
        wx::set(&options, "header", &header);
        if let Some((host, id)) = session {
            host.present(&options, &header, id);
        }
        options
    }
}

/// A task under way. Dropping it before the end aborts the task.
struct Flight(Option<JsValue>);

impl Drop for Flight {
    fn drop(&mut self) {
        if let Some(task) = self.0.take() {
            // Nobody is left to tell of a failure.
            let _ = task.unchecked_into::<wx::Task>().abort();
        }
    }
}
