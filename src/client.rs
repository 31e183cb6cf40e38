//! Runs the machines' errands over a [`Host`].
//!
//! The npm package's script does the same for itself, over `wx`. The host may call back before it returns, because wx
//! sometimes runs callbacks in the same turn. So no borrow is held while the host runs.

use std::cell::{Cell, RefCell};

use crate::errand::Errand;
use crate::exchange::{Deadlines, LoginData, Reply, Step};
use crate::flow::{Generation, Sent, Ticket, Want};
use crate::host::Host;
use crate::machines::Machines;
use crate::milliseconds::Milliseconds;
use crate::policy::{Origins, Refusal};
use crate::session::{Kept, Stored};

/// The client's core, which keeps one session up over the host `H`.
///
/// ```
/// use std::cell::Cell;
/// use wxsession::client::Client;
/// use wxsession::exchange::{Deadlines, Reply, Step};
/// use wxsession::flow::{Outcome, Phase, Ticket, Want};
/// use wxsession::host::Host;
/// use wxsession::milliseconds::Milliseconds;
/// use wxsession::session::{Session, Stored};
///
/// /// Remembers which step waits for a code, and which ticket may go.
/// #[derive(Default)]
/// struct Program {
///     asked: Cell<Step>,
///     gone: Cell<Ticket>,
/// }
///
/// impl Host for Program {
///     fn ask_code(&self, step: Step) {
///         self.asked.set(step);
///     }
///     fn settle(&self, ticket: Ticket, outcome: Outcome) {
///         assert_eq!(outcome, Outcome::Go);
///         self.gone.set(ticket);
///     }
///     # fn now(&self) -> Milliseconds { Milliseconds::new(1_000_000) }
///     # fn random(&self) -> f64 { 0.5 }
///     # fn save(&self, _: Stored) {}
///     # fn forget(&self) {}
///     # fn prepare(&self, _: Step, _: &str) {}
///     # fn post(&self, _: Step, _: &str, _: Option<&str>) {}
///     # fn sleep(&self, _: Step, _: u32) {}
///     # fn withdraw(&self, _: Step) {}
///     # fn end(&self, _: &str) {}
///     # fn changed(&self, _: Phase) {}
///     // …
/// }
///
/// # let deadlines = Deadlines { login: 5_000, data: 5_000, exchange: 10_000 };
/// let login_url = "https://api.example.com/wx/onlogin".to_owned();
/// let client = Client::new(Program::default(), login_url, deadlines, None);
/// client.want(7, Want::Call);
/// let step = client.host().asked.get();
/// client.coded(step, Some("the code".into()));
/// # let step = step + 1;
/// # client.prepared(step, wxsession::exchange::LoginData::Ready);
/// # let step = step + 1;
/// let session = Session::issued("an id".into(), 600.0, client.now());
/// client.answered(step, Reply::Answer { status: 200, session, problem: None, retry_after: 0 });
/// assert_eq!(client.host().gone.get(), 7);
/// ```
pub struct Client<H> {
    host: H,
    login_url: String,
    origins: RefCell<Origins>,
    machines: RefCell<Machines>,
    is_running: Cell<bool>,
}

impl<H: Host> Client<H> {
    /// Creates a client from what is stored, if anything is. The origin of the login URL is trusted.
    pub fn new(host: H, login_url: String, deadlines: Deadlines, stored: Option<Stored>) -> Self {
        let mut origins = Origins::default();
        origins.trust(&login_url);
        let kept = stored.and_then(|stored| Kept::restored(stored, &login_url));
        let machines = Machines::new(deadlines, kept);
        Self {
            host,
            login_url,
            origins: RefCell::new(origins),
            machines: RefCell::new(machines),
            is_running: Cell::new(false),
        }
    }

    /// From now on sign-ins present no session. Servers judge `Authorization` and `Cookie` before they look at the route.
    pub fn present_nothing(&self) {
        self.machines.borrow_mut().present_nothing();
    }

    /// Lets calls to the origin of `url` carry the session. Returns `false` if `url` has no origin.
    pub fn trust(&self, url: &str) -> bool {
        self.origins.borrow_mut().trust(url)
    }

    /// Whether a call to `url` carries the session.
    pub fn carries(&self, url: &str) -> bool {
        self.origins.borrow().include(url)
    }

    /// The generation of the session that a call may be sent with at once. If there is none, the call has to ask
    /// with [`want`](Self::want). Every request with a live session takes this path.
    pub fn admit(&self, now: Milliseconds) -> Option<Generation> {
        self.machines.borrow().admit(now)
    }

    /// The id of the session that stands.
    pub fn id(&self) -> Option<String> {
        let machines = self.machines.borrow();
        machines.session().map(|session| session.id().clone())
    }

    /// The generation of the session that stands, or 0.
    pub fn generation(&self) -> Generation {
        self.machines.borrow().generation()
    }

    /// The ticket of the attempt that is signing in: its credentials go with the code.
    pub fn attempt(&self) -> Option<Ticket> {
        self.machines.borrow().attempt()
    }

    /// Tells the host the first phase.
    pub fn start(&self) {
        self.tell(|machines, now| machines.start(now));
    }

    /// The mini program around the core.
    pub fn host(&self) -> &H {
        &self.host
    }

    /// Milliseconds since 1970.
    pub fn now(&self) -> Milliseconds {
        self.host.now()
    }

    /// A call needs a session, or the app wants to be signed in; [`Host::settle`] answers.
    pub fn want(&self, ticket: Ticket, want: Want) {
        self.tell(|machines, now| machines.want(ticket, want, now));
    }

    /// A call that was told to go has not gone yet, and the session of that generation is gone. The call asks again, unless
    /// its epoch has ended: then it fails, because it was not made for the next epoch.
    pub fn want_again(&self, ticket: Ticket, told: Generation) {
        self.tell(|machines, _| machines.want_again(ticket, told));
    }

    /// The answer to a call refuses its session; [`Host::settle`] answers.
    pub fn refused(&self, ticket: Ticket, generation: Generation, sent: Sent, refusal: Refusal) {
        self.tell(|machines, now| machines.refused(ticket, generation, sent, refusal, now));
    }

    /// A refusal of a call that cannot be sent again: a socket, or a stream of which the app has had a part. The session is
    /// renewed for later calls, and nothing is settled.
    pub fn refused_one_shot(&self, generation: Generation, refusal: Refusal) {
        self.tell(|machines, now| machines.refused_one_shot(generation, refusal, now));
    }

    /// The caller no longer waits for this ticket.
    pub fn abort(&self, ticket: Ticket) {
        self.machines.borrow_mut().abort(ticket);
    }

    /// The app signs out.
    pub fn leave(&self) {
        self.tell(|machines, now| machines.leave(now));
    }

    /// `wx.login` answered. A missing or empty code means failure.
    pub fn coded(&self, step: Step, code: Option<String>) {
        let code = code.filter(|code| !code.is_empty());
        self.tell(|machines, now| machines.coded(step, code, now));
    }

    /// The app's login data is ready or has failed.
    pub fn prepared(&self, step: Step, data: LoginData) {
        self.tell(|machines, now| machines.prepared(step, data, now));
    }

    /// A post ended.
    pub fn answered(&self, step: Step, reply: Reply) {
        let random = self.host.random();
        self.tell(|machines, now| machines.answered(step, reply, now, random));
    }

    /// A timer ran out.
    pub fn elapsed(&self, step: Step) {
        let random = self.host.random();
        self.tell(|machines, now| machines.elapsed(step, now, random));
    }

    /// Hands an event to the machines and runs the errands, unless a caller further up the stack already runs them.
    fn tell(&self, event: impl FnOnce(&mut Machines, Milliseconds)) {
        let now = self.host.now();
        event(&mut self.machines.borrow_mut(), now);
        if self.is_running.replace(true) {
            return;
        }
        while let Some(errand) = self.next() {
            self.perform(errand);
        }
        self.is_running.set(false);
    }

    fn next(&self) -> Option<Errand> {
        let now = self.host.now();
        self.machines.borrow_mut().next(now)
    }

    fn perform(&self, errand: Errand) {
        match errand {
            Errand::Keep => match self.stored() {
                Some(stored) => self.host.save(stored),
                None => self.host.forget(),
            },
            Errand::Changed(phase) => self.host.changed(phase),
            Errand::End(id) => self.host.end(&id),
            Errand::Sleep(step, milliseconds) => self.host.sleep(step, milliseconds),
            Errand::AskCode(step) => self.host.ask_code(step),
            Errand::Prepare(step) => {
                if let Some(code) = self.code(step) {
                    self.host.prepare(step, &code);
                }
            }
            Errand::Post(step) => {
                if let Some(code) = self.code(step) {
                    let presented = self.machines.borrow().presented().cloned();
                    self.host.post(step, &code, presented.as_deref());
                }
            }
            Errand::Withdraw(step) => self.host.withdraw(step),
            Errand::Settle(ticket, outcome, _) => self.host.settle(ticket, outcome),
        }
    }

    fn stored(&self) -> Option<Stored> {
        let kept = self.machines.borrow().kept()?;
        Some(kept.to_stored(&self.login_url))
    }

    fn code(&self, step: Step) -> Option<String> {
        self.machines.borrow().code(step).cloned()
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

#[cfg(all(test, not(target_arch = "wasm32")))]
mod state;
