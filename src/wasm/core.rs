//! What the shim calls.

use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::host::JsHost;
use crate::client::Client;
use crate::exchange::{Deadlines, LoginData, Reply};
use crate::flow::Sent;
use crate::numbers;
use crate::policy::{self, Refusal};
use crate::session::{Session, Stored};

/// The client's core as the shim sees it. Tickets are the shim's own numbers.
#[wasm_bindgen]
pub struct Core(Client<JsHost>);

#[wasm_bindgen]
impl Core {
    /// A core over `host`. Deadlines are in milliseconds. The other arguments are the fields of the stored session; a
    /// missing string is empty, and a missing number is NaN.
    #[wasm_bindgen(constructor)]
    #[allow(
        clippy::too_many_arguments,
        reason = "an object would cost a getter for each field"
    )]
    pub fn new(
        host: JsHost,
        login_url: &str,
        login_deadline: u32,
        data_deadline: u32,
        exchange_deadline: u32,
        version: f64,
        stored_login_url: &str,
        id: &str,
        received: f64,
        lifetime: f64,
    ) -> Self {
        let deadlines = Deadlines {
            login: login_deadline,
            data: data_deadline,
            exchange: exchange_deadline,
        };
        let stored = Stored {
            version: version as u32,
            login_url: stored_login_url.to_owned(),
            id: id.to_owned(),
            received,
            lifetime,
        };
        Self(Client::new(
            host,
            login_url.to_owned(),
            deadlines,
            Some(stored),
        ))
    }

    /// Tells the host the first phase.
    pub fn start(&self) {
        self.0.start();
    }

    /// Lets calls to the origin of `url` carry the session.
    pub fn trust(&self, url: &str) {
        self.0.trust(url);
    }

    /// Whether a call to `url` carries the session. Only the origin counts.
    pub fn carries(&self, url: &str) -> bool {
        self.0.carries(url)
    }

    /// The generation of the session that a call may be sent with at once, or 0 if the call must ask.
    pub fn admit(&self, now: f64) -> u32 {
        self.0.admit(now as u64).unwrap_or(0)
    }

    /// The generation of the session that stands, or 0.
    pub fn generation(&self) -> u32 {
        self.0.generation()
    }

    /// The id of the session that stands. (Returning a string instead of a value would need more glue.)
    pub fn id(&self) -> JsValue {
        self.0.id().map_or(JsValue::UNDEFINED, JsValue::from)
    }

    /// Asks for a session for a call, or to be signed in. `want` is a place in [`numbers::WANTS`].
    pub fn want(&self, ticket: u32, want: u8) {
        self.0.want(ticket, numbers::want(want));
    }

    /// The answer to a call refuses its session and names this problem. `sends` counts how often the call was sent. The
    /// ticket is settled now or later.
    pub fn refused(&self, ticket: u32, generation: u32, sends: u32, problem: &str) {
        let sent = Sent::times(sends);
        self.0.refused(ticket, generation, sent, refusal(problem));
    }

    /// A refusal of a call that cannot be sent again.
    #[wasm_bindgen(js_name = refusedOneShot)]
    pub fn refused_one_shot(&self, generation: u32, problem: &str) {
        self.0.refused_one_shot(generation, refusal(problem));
    }

    /// The caller no longer waits for this ticket.
    pub fn abort(&self, ticket: u32) {
        self.0.abort(ticket);
    }

    /// The app signs out.
    pub fn leave(&self) {
        self.0.leave();
    }

    /// `wx.login` answered. An empty code means failure.
    pub fn coded(&self, step: u32, code: &str) {
        self.0.coded(step, Some(code.to_owned()));
    }

    /// The app's login data is ready or has failed.
    pub fn prepared(&self, step: u32, is_ready: bool) {
        let data = if is_ready {
            LoginData::Ready
        } else {
            LoginData::Failed
        };
        self.0.prepared(step, data);
    }

    /// The server answered an exchange. `expires_in` and `retry_after` are in seconds. A missing number is NaN, and a
    /// missing string is empty.
    pub fn answered(
        &self,
        step: u32,
        status: u16,
        id: &str,
        expires_in: f64,
        problem: &str,
        retry_after: f64,
    ) {
        let session = Session::issued(id.to_owned(), expires_in, self.0.now());
        // The conversion makes NaN zero.
        let retry_after = (retry_after * 1000.0) as u32;
        let problem = policy::problem(problem);
        self.0.answered(
            step,
            Reply::Answer {
                status,
                session,
                problem,
                retry_after,
            },
        );
    }

    /// An exchange did not reach the server, or its answer did not come back.
    pub fn unreachable(&self, step: u32, is_interrupted: bool) {
        let reply = if is_interrupted {
            Reply::Interrupted
        } else {
            Reply::Unreachable
        };
        self.0.answered(step, reply);
    }

    /// A timer ran out.
    pub fn elapsed(&self, step: u32) {
        self.0.elapsed(step);
    }
}

fn refusal(problem: &str) -> Refusal {
    Refusal::naming(policy::problem(problem))
}
