//! What the core needs of the mini program, over `wx`.

use std::cell::{Cell, RefCell};
use std::rc::Weak;

use js_sys::{Object, Promise};
use secrecy::{ExposeSecret, SecretString};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise, spawn_local};
use wxsession::client::Client;
use wxsession::error::{ErrorCode, Stage};
use wxsession::exchange::{LoginData, Reply, Step};
use wxsession::flow::{Outcome, Phase, Ticket};
use wxsession::host::Host;
use wxsession::milliseconds::Milliseconds;
use wxsession::session::Stored;
use wxsession_protocol::ProblemCode;

use crate::answer::Answer;
use crate::error::{Cause, Error};
use crate::options::Options;
use crate::redact::hide;
use crate::signing::Signing;
use crate::storage_key::StorageKey;
use crate::tickets::{Settled, Tickets};
use crate::timer::Timer;
use crate::wx::{self, property, text};

/// wx's `errno` of a request that timed out.
const TIMEOUT: i32 = 5;
/// wx's `errno` of a request that it cut off because the app was in the background. After a change of network the
/// `errno` is that of any network failure, and only the text tells.
const INTERRUPTED: i32 = 600_003;

/// The mini program around one session. Holds no borrow while JavaScript runs.
pub(crate) struct WxHost {
    options: Options,
    signing: Signing,
    /// Taken as long as the host may write to storage.
    _key: StorageKey,
    client: Weak<Client<WxHost>>,
    tickets: Tickets,
    phase: Cell<Phase>,
    timer: RefCell<Option<Timer>>,
    /// The latest post, and its task.
    posted: RefCell<Option<(Step, wx::Task)>>,
    /// What wx or the server said last in the current sign-in, or in the last one.
    cause: RefCell<Cause>,
    /// The same, without attempts: their failures are their callers' alone.
    shared: RefCell<Cause>,
    /// The code that the last sign-in failed with, if it was no attempt.
    failed: Cell<Option<ErrorCode>>,
    /// The attempt whose sign-in is in progress, or was last.
    attempt: Cell<Option<Ticket>>,
    /// The latest sign-out at the server.
    ending: RefCell<Option<Promise>>,
}

impl WxHost {
    /// The host of `client`, which does not exist yet.
    pub(crate) fn new(
        options: Options,
        key: StorageKey,
        signing: Signing,
        client: Weak<Client<Self>>,
    ) -> Self {
        Self {
            options,
            signing,
            _key: key,
            client,
            tickets: Tickets::default(),
            phase: Cell::new(Phase::SignedOut),
            timer: RefCell::default(),
            posted: RefCell::default(),
            cause: RefCell::default(),
            shared: RefCell::default(),
            attempt: Cell::default(),
            failed: Cell::default(),
            ending: RefCell::default(),
        }
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    pub(crate) fn signing(&self) -> &Signing {
        &self.signing
    }

    /// Has a request with these options, and this header in them, carry the session of this id.
    pub(crate) fn present(&self, options: &Object, header: &Object, id: &str) {
        wx::set(header, &self.options.session_header, &id.into());
        self.signing.sign(options, id);
    }

    pub(crate) fn tickets(&self) -> &Tickets {
        &self.tickets
    }

    pub(crate) fn phase(&self) -> Phase {
        self.phase.get()
    }

    pub(crate) fn take_ending(&self) -> Option<Promise> {
        self.ending.take()
    }

    /// A sign-out by a wrong clock has not ended the session.
    async fn end_again_if_late(&self, answer: &Answer, id: &str) {
        if self.signing.is_late(answer) {
            let options = self.post_to(&self.options.logout_url, Some(id), &[]);
            // Signed out here is signed out, whatever the server says.
            let _ = JsFuture::from(wx::ended(&options, self.options.exchange_timeout)).await;
        }
    }

    /// Tells the core how a call of wx ended, unless the session is gone by then.
    fn report(
        &self,
        ended: Promise,
        secrets: Vec<SecretString>,
        event: impl FnOnce(&Client<Self>, Result<JsValue, Cause>) + 'static,
    ) {
        let client = self.client.clone();
        spawn_local(async move {
            let ended = JsFuture::from(ended).await;
            let Some(client) = client.upgrade() else {
                return;
            };
            let (Ok(given) | Err(given)) = &ended;
            let cause = Cause::redacted(given, secrets.iter().map(ExposeSecret::expose_secret));
            client.host().hear(cause.clone());
            event(&client, ended.map_err(|_| cause));
        });
    }

    /// Remembers what wx or the server said.
    fn hear(&self, cause: Cause) {
        if self.attempt.get().is_none() {
            self.shared.replace(cause.clone());
        }
        self.cause.replace(cause);
    }

    /// The options of a `POST` to the app's server, with a session if there is one to present. Even an empty body is an
    /// object, because servers that take JSON refuse a request of that type without a body.
    fn post_to(&self, url: &str, id: Option<&str>, data: &[(&str, JsValue)]) -> Object {
        let header = Object::new();
        let options = wx::object(&[
            ("url", url.into()),
            ("method", "POST".into()),
            ("header", header.clone().into()),
            ("data", wx::object(data).into()),
            ("timeout", self.options.exchange_timeout.into()),
        ]);
        if let Some(id) = id {
            self.present(&options, &header, id);
        }
        options
    }
}

impl Host for WxHost {
    fn now(&self) -> Milliseconds {
        Milliseconds::of(js_sys::Date::now())
    }

    fn random(&self) -> f64 {
        js_sys::Math::random()
    }

    fn save(&self, stored: Stored) {
        if !wx::store(&self.options.storage_key, &stored, &self.signing) {
            self.forget();
        }
    }

    fn forget(&self) {
        wx::unstore(&self.options.storage_key);
    }

    fn ask_code(&self, step: Step) {
        let attempt = self.client.upgrade().and_then(|client| client.attempt());
        self.attempt.set(attempt);
        if attempt.is_none() {
            self.failed.set(None);
        }
        let (answer, _) = wx::call(wx::login, &Object::new());
        self.report(answer, Vec::new(), move |client, answer| {
            let code = answer
                .ok()
                .and_then(|answer| text(&property(&answer, "code")));
            client.coded(step, code);
        });
    }

    fn prepare(&self, step: Step, _code: &str) {
        if let Some(client) = self.client.upgrade() {
            client.prepared(step, LoginData::Ready);
        }
    }

    fn post(&self, step: Step, code: &str, presented: Option<&str>) {
        let attempt = self.attempt.get();
        let credentials = attempt.and_then(|ticket| self.tickets.credentials(ticket));
        let mut data = credentials
            .as_ref()
            .map_or_else(Vec::new, |given| given.data());
        data.push(("code", code.into()));
        data.extend(self.signing.asked());
        let options = self.post_to(&self.options.login_url, presented, &data);
        let (answer, task) = wx::call(wx::request, &options);
        self.posted.replace(Some((step, task.unchecked_into())));
        let mut secrets = credentials.map_or_else(Vec::new, |given| given.secrets());
        secrets.extend(
            [Some(code), presented]
                .into_iter()
                .flatten()
                .map(SecretString::from),
        );
        self.report(
            answer,
            secrets.clone(),
            move |client, answer| match answer {
                Ok(answer) => {
                    let answer = Answer::of(answer);
                    let reply = exchanged(&answer, client.now());
                    if is_success(&reply) {
                        client.host().signing.learn(&answer.content());
                    } else {
                        let host = client.host();
                        let cause = host.cause.borrow().clone();
                        host.hear(Cause {
                            named: answer.named().filter(|name| is_name(name, &secrets)),
                            problem: answer.said(secrets),
                            ..cause
                        });
                    }
                    client.answered(step, reply);
                }
                Err(cause) if cause.errno == Some(TIMEOUT) => {
                    client.answered(step, Reply::TimedOut)
                }
                Err(cause) if is_cut_off(&cause) => client.answered(step, Reply::Interrupted),
                Err(_) => client.answered(step, Reply::Unreachable),
            },
        );
    }

    fn withdraw(&self, step: Step) {
        match self.posted.take() {
            Some((posted, task)) if posted == step => {
                // A host whose requests cannot be aborted sends it later.
                let _ = task.abort();
            }
            _ => {}
        }
    }

    fn sleep(&self, step: Step, milliseconds: u32) {
        let client = self.client.clone();
        let timer = Timer::start(milliseconds, move || {
            if let Some(client) = client.upgrade() {
                client.host().hear(Cause::default());
                client.elapsed(step);
            }
        });
        // Drops the timer before it, which stops.
        self.timer.replace(timer);
    }

    fn settle(&self, ticket: Ticket, outcome: Outcome) {
        let settled = match outcome {
            Outcome::Go => {
                let client = self.client.upgrade();
                Settled::Go(client.map_or(0, |client| client.generation()))
            }
            Outcome::Deliver => Settled::Deliver,
            Outcome::Fail(failure) => {
                let is_attempt = self.tickets.credentials(ticket).is_some();
                if failure.code.stage() == Stage::SignIn && !is_attempt {
                    self.failed.set(Some(failure.code));
                }
                let cause = if is_attempt {
                    &self.cause
                } else {
                    &self.shared
                };
                let cause = cause.borrow().clone();
                Settled::Fail(Error::of_the_core(failure, cause, self.failed.get()))
            }
        };
        self.tickets.settle(ticket, settled);
    }

    fn end(&self, id: &str) {
        let options = self.post_to(&self.options.logout_url, Some(id), &[]);
        let ending = wx::ended(&options, self.options.exchange_timeout);
        let (client, id) = (self.client.clone(), id.to_owned());
        let ending = future_to_promise(async move {
            let answer = JsFuture::from(ending).await.map(Answer::of);
            if let (Ok(answer), Some(client)) = (answer, client.upgrade()) {
                client.host().end_again_if_late(&answer, &id).await;
            }
            Ok(JsValue::UNDEFINED)
        });
        self.ending.replace(Some(ending));
    }

    fn changed(&self, phase: Phase) {
        self.phase.set(phase);
        if phase != Phase::SigningIn {
            self.timer.take();
        }
    }
}

/// What the server said to an exchange.
fn exchanged(answer: &Answer, now: Milliseconds) -> Reply {
    Reply::Answer {
        status: answer.status(),
        session: answer.session(now),
        problem: answer.problem(),
        retry_after: answer.retry_after(),
    }
}

/// Whether this may be the name of a problem: one of ours, or a short word that repeats no secret.
fn is_name(name: &str, secrets: &[SecretString]) -> bool {
    let is_of_a_name =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let is_secret = secrets
        .iter()
        .any(|secret| hide(name, secret.expose_secret()) != name);
    let is_word = (1..=64).contains(&name.len()) && name.bytes().all(is_of_a_name);
    ProblemCode::parse(name).is_some() || (is_word && !is_secret)
}

/// Whether an exchange has brought a session.
fn is_success(reply: &Reply) -> bool {
    matches!(
        reply,
        Reply::Answer {
            status: 200..=299,
            session: Some(_),
            ..
        }
    )
}

/// Whether wx cut the request off. Douyin says so in the text alone.
fn is_cut_off(cause: &Cause) -> bool {
    let said = cause.err_msg.as_deref().unwrap_or_default();
    let words = ["interrupted", "in background", "NETWORK_CHANGED"];
    cause.errno == Some(INTERRUPTED) || words.iter().any(|word| said.contains(word))
}
