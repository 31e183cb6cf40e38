//! What the core needs of the mini program, over `wx`.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use js_sys::{Object, Promise};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::Inner;
use super::error::{Cause, Error};
use super::options::Options;
use super::request::Answer;
use super::tickets::{Settled, Tickets};
use super::wx::{self, number, property, text};
use crate::client::Client;
use crate::exchange::{Reply, Step};
use crate::flow::{Outcome, Phase, Ticket};
use crate::host::Host;
use crate::session::{Session, Stored};

/// wx's number for a request that took too long.
const TIMEOUT: i32 = 5;
/// wx's number for a request that it cut off because the app was in the background. When the network changes
/// the number is that of every failure of the network, and only the text tells.
const INTERRUPTED: i32 = 600_003;

/// The mini program around one session. No borrow is held while JavaScript runs.
pub(super) struct WxHost {
    options: Options,
    session: Weak<Inner>,
    tickets: Tickets,
    phase: Cell<Phase>,
    timer: RefCell<Option<Timer>>,
    /// What wx or the server said last in the sign-in under way, or in the one before.
    cause: RefCell<Cause>,
    /// The sign-out at the server that was begun last.
    ending: RefCell<Option<Promise>>,
}

type SessionClient = Client<Rc<WxHost>>;

impl WxHost {
    pub(super) fn new(options: Options, session: Weak<Inner>) -> Self {
        Self {
            options,
            session,
            tickets: Tickets::default(),
            phase: Cell::new(Phase::SignedOut),
            timer: RefCell::default(),
            cause: RefCell::default(),
            ending: RefCell::default(),
        }
    }

    pub(super) fn options(&self) -> &Options {
        &self.options
    }

    pub(super) fn tickets(&self) -> &Tickets {
        &self.tickets
    }

    pub(super) fn phase(&self) -> Phase {
        self.phase.get()
    }

    pub(super) fn take_ending(&self) -> Option<Promise> {
        self.ending.take()
    }

    /// Tells the core how a call of wx ended, unless the session is gone by then.
    fn report(
        &self,
        ended: Promise,
        secrets: Vec<String>,
        event: impl FnOnce(&SessionClient, Result<JsValue, Cause>) + 'static,
    ) {
        let session = self.session.clone();
        spawn_local(async move {
            let ended = JsFuture::from(ended).await;
            let Some(session) = session.upgrade() else {
                return;
            };
            let (Ok(given) | Err(given)) = &ended;
            let cause = Cause::redacted(given, secrets.iter().map(String::as_str));
            session.host.cause.replace(cause.clone());
            event(&session.client, ended.map_err(|_| cause));
        });
    }

    /// The options of a request of our own.
    fn post_to(&self, url: &str, id: Option<&str>) -> Object {
        let header = Object::new();
        if let Some(id) = id {
            wx::set(&header, &self.options.session_header, &id.into());
        }
        wx::object(&[
            ("url", url.into()),
            ("method", "POST".into()),
            ("header", header.into()),
            ("timeout", self.options.exchange_timeout.into()),
        ])
    }
}

impl Host for Rc<WxHost> {
    fn now(&self) -> u64 {
        js_sys::Date::now() as u64
    }

    fn random(&self) -> f64 {
        js_sys::Math::random()
    }

    fn save(&self, stored: Stored) {
        wx::store(&self.options.storage_key, &stored);
    }

    fn forget(&self) {
        wx::unstore(&self.options.storage_key);
    }

    fn ask_code(&self, step: Step) {
        let (answer, _) = wx::call(wx::login, &Object::new());
        self.report(answer, Vec::new(), move |client, answer| {
            let code = answer
                .ok()
                .and_then(|answer| text(&property(&answer, "code")));
            client.coded(step, code);
        });
    }

    fn prepare(&self, step: Step, _code: &str) {
        if let Some(session) = self.session.upgrade() {
            session.client.prepared(step, true);
        }
    }

    fn post(&self, step: Step, code: &str, presented: Option<&str>) {
        let options = self.post_to(&self.options.login_url, presented);
        wx::set(&options, "data", &wx::object(&[("code", code.into())]));
        let (answer, _) = wx::call(wx::request, &options);
        let secrets = [Some(code), presented];
        let secrets = secrets.into_iter().flatten().map(str::to_owned).collect();
        self.report(answer, secrets, move |client, answer| match answer {
            Ok(answer) => client.answered(step, exchanged(&Answer::of(answer), client.now())),
            // wx's clock was quicker than ours.
            Err(cause) if cause.errno == Some(TIMEOUT) => client.elapsed(step),
            Err(cause) if is_cut_off(&cause) => client.answered(step, Reply::Interrupted),
            Err(_) => client.answered(step, Reply::Unreachable),
        });
    }

    fn sleep(&self, step: Step, milliseconds: u32) {
        let session = self.session.clone();
        let timer = Timer::start(milliseconds, move || {
            if let Some(session) = session.upgrade() {
                session.host.cause.take();
                session.client.elapsed(step);
            }
        });
        // The one before stops as it is dropped.
        self.timer.replace(timer);
    }

    fn settle(&self, ticket: Ticket, outcome: Outcome) {
        let settled = match outcome {
            Outcome::Go => {
                let session = self.session.upgrade();
                Settled::Go(session.map_or(0, |session| session.client.generation()))
            }
            Outcome::Deliver => Settled::Deliver,
            Outcome::Fail(failure) => {
                let cause = self.cause.borrow().clone();
                Settled::Fail(Error::of_the_core(failure, cause))
            }
        };
        self.tickets.settle(ticket, settled);
    }

    fn end(&self, id: &str) {
        let options = self.post_to(&self.options.logout_url, Some(id));
        let ending = wx::ended(&options, self.options.exchange_timeout);
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
fn exchanged(answer: &Answer, now: u64) -> Reply {
    let body = answer.body();
    let expires_in = number(&property(&body, "expires_in")).unwrap_or(f64::NAN);
    let id = text(&property(&body, "sessionid"));
    let seconds = answer.header("retry-after").unwrap_or_default();
    Reply::Answer {
        status: answer.status(),
        session: id.and_then(|id| Session::issued(id, expires_in, now)),
        problem: answer.problem(),
        // The conversion takes what is not a number for zero.
        retry_after: (js_sys::parse_float(&seconds) * 1000.0) as u32,
    }
}

fn is_cut_off(cause: &Cause) -> bool {
    let said = cause.err_msg.as_deref().unwrap_or_default();
    let says = |word| said.contains(word);
    cause.errno == Some(INTERRUPTED) || says("interrupted") || says("NETWORK_CHANGED")
}

/// A timer, which stops when it is dropped.
struct Timer {
    handle: JsValue,
    /// What it runs, which must live as long.
    _run: Closure<dyn FnMut()>,
}

impl Timer {
    fn start(milliseconds: u32, run: impl FnMut() + 'static) -> Option<Self> {
        let run = Closure::new(run);
        let handle = wx::set_timeout(run.as_ref().unchecked_ref(), milliseconds).ok()?;
        Some(Self { handle, _run: run })
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        let _ = wx::clear_timeout(&self.handle);
    }
}
