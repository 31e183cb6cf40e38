//! Runs the effects of both machines over a [`Host`].
//!
//! Both machines handle an event completely before the host hears of anything; the calls of the host that follow are
//! queued. The host may call back before it returns, because wx sometimes runs callbacks in the same turn. So no borrow is
//! held while the host runs, and the calls that follow from such a callback are queued behind the others.

use std::cell::RefCell;

use crate::exchange::{self, Deadlines, Exchange, LoginData, Reply, Step};
use crate::flow::{self, Flow, Generation, Outcome, Phase, Sent, Ticket, Want};
use crate::host::Host;
use crate::policy::{Origins, Refusal};
use crate::session::{Session, Stored};

/// The client's core, which keeps one session up over the host `H`.
///
/// ```
/// use std::cell::Cell;
/// use wxsession::client::Client;
/// use wxsession::exchange::{Deadlines, Reply, Step};
/// use wxsession::flow::{Outcome, Phase, Ticket, Want};
/// use wxsession::host::Host;
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
///     # fn now(&self) -> u64 { 1_000_000 }
///     # fn random(&self) -> f64 { 0.5 }
///     # fn save(&self, _: Stored) {}
///     # fn forget(&self) {}
///     # fn prepare(&self, _: Step, _: &str) {}
///     # fn post(&self, _: Step, _: &str, _: Option<&str>) {}
///     # fn sleep(&self, _: Step, _: u32) {}
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
    machines: RefCell<Machines>,
}

struct Machines {
    origins: Origins,
    flow: Flow,
    exchange: Exchange,
    /// The calls of the host that are still to be made.
    queue: Vec<Errand>,
    /// The phase that the host knows, or will know when the queue is empty.
    announced: Option<Phase>,
    is_running: bool,
}

/// One call of the host.
enum Errand {
    /// With the generation of the session that stood when the outcome was decided.
    Settle(Ticket, Outcome, Generation),
    Keep,
    End(String),
    AskCode(Step),
    Prepare(Step),
    Post(Step),
    Sleep(Step, u32),
    Changed(Phase),
}

impl<H: Host> Client<H> {
    /// Creates a client from the stored session, if there is one. The origin of the login URL is trusted.
    pub fn new(host: H, login_url: String, deadlines: Deadlines, stored: Option<Stored>) -> Self {
        let mut origins = Origins::default();
        origins.trust(&login_url);
        let restored = stored.and_then(|stored| Session::restored(stored, &login_url));
        let flow = Flow::new(restored);
        let machines = Machines {
            origins,
            announced: None,
            flow,
            exchange: Exchange::new(deadlines),
            queue: Vec::new(),
            is_running: false,
        };
        Self {
            host,
            login_url,
            machines: RefCell::new(machines),
        }
    }

    /// Lets calls to the origin of `url` carry the session. Returns `false` if `url` has no origin.
    pub fn trust(&self, url: &str) -> bool {
        self.machines.borrow_mut().origins.trust(url)
    }

    /// Whether a call to `url` carries the session.
    pub fn carries(&self, url: &str) -> bool {
        self.machines.borrow().origins.include(url)
    }

    /// The generation of the session that a call may be sent with at once. If there is none, the call has to ask
    /// with [`want`](Self::want). Every request with a live session takes this path.
    pub fn admit(&self, now: u64) -> Option<Generation> {
        self.machines
            .borrow()
            .flow
            .live(now)
            .map(|(_, generation)| generation)
    }

    /// The id of the session that stands.
    pub fn id(&self) -> Option<String> {
        let machines = self.machines.borrow();
        machines
            .flow
            .standing()
            .map(|(session, _)| session.id().to_owned())
    }

    /// The generation of the session that stands, or 0.
    pub fn generation(&self) -> Generation {
        self.machines.borrow().generation()
    }

    /// Tells the host the first phase.
    pub fn start(&self) {
        self.machines.borrow_mut().announce();
        self.run();
    }

    /// The mini program around the core.
    pub fn host(&self) -> &H {
        &self.host
    }

    /// Milliseconds since 1970.
    pub fn now(&self) -> u64 {
        self.host.now()
    }

    /// A call needs a session, or the app wants to be signed in; [`Host::settle`] answers.
    pub fn want(&self, ticket: Ticket, want: Want) {
        self.tell_flow(|flow, now| flow.want(ticket, want, now));
    }

    /// A call that was told to go has not gone yet, and the session of that generation is gone. The call asks again, unless
    /// its epoch has ended: then it fails, because it was not made for the next epoch.
    pub fn want_again(&self, ticket: Ticket, told: Generation) {
        self.perform(Errand::Settle(ticket, Outcome::Go, told));
    }

    /// The answer to a call refuses its session; [`Host::settle`] answers.
    pub fn refused(&self, ticket: Ticket, generation: Generation, sent: Sent, refusal: Refusal) {
        self.tell_flow(|flow, now| flow.refused(ticket, generation, sent, refusal, now));
    }

    /// A refusal of a call that cannot be sent again: a socket, or a stream of which the app has had a part. The session is
    /// renewed for later calls, and nothing is settled.
    pub fn refused_one_shot(&self, generation: Generation, refusal: Refusal) {
        self.tell_flow(|flow, now| flow.refused_one_shot(generation, refusal, now));
    }

    /// The caller no longer waits for this ticket.
    pub fn abort(&self, ticket: Ticket) {
        self.machines.borrow_mut().flow.abort(ticket);
    }

    /// The app signs out.
    pub fn leave(&self) {
        self.tell_flow(|flow, _| flow.leave());
    }

    /// `wx.login` answered.
    pub fn coded(&self, step: Step, code: Option<String>) {
        self.tell_exchange(|exchange, _| exchange.coded(step, code));
    }

    /// The app's login data is ready or has failed.
    pub fn prepared(&self, step: Step, data: LoginData) {
        self.tell_exchange(|exchange, now| exchange.prepared(step, data, now));
    }

    /// A post ended.
    pub fn answered(&self, step: Step, reply: Reply) {
        let random = self.host.random();
        self.tell_exchange(|exchange, now| exchange.answered(step, reply, now, random));
    }

    /// A timer ran out.
    pub fn elapsed(&self, step: Step) {
        let random = self.host.random();
        self.tell_exchange(|exchange, now| exchange.elapsed(step, now, random));
    }

    fn tell_flow(&self, event: impl FnOnce(&mut Flow, u64) -> Vec<flow::Effect>) {
        let now = self.host.now();
        let mut machines = self.machines.borrow_mut();
        let effects = event(&mut machines.flow, now);
        machines.follow_flow(effects, now);
        drop(machines);
        self.run();
    }

    fn tell_exchange(&self, event: impl FnOnce(&mut Exchange, u64) -> Vec<exchange::Effect>) {
        let now = self.host.now();
        let mut machines = self.machines.borrow_mut();
        let effects = event(&mut machines.exchange, now);
        machines.follow_exchange(effects, now);
        drop(machines);
        self.run();
    }

    /// Runs the queued errands, unless a caller further up the stack already does.
    fn run(&self) {
        if std::mem::replace(&mut self.machines.borrow_mut().is_running, true) {
            return;
        }
        loop {
            let errands = std::mem::take(&mut self.machines.borrow_mut().queue);
            if errands.is_empty() {
                break;
            }
            for errand in errands {
                self.perform(errand);
            }
        }
        self.machines.borrow_mut().is_running = false;
    }

    /// The login code of a step, if the step is still open.
    fn code(&self, step: Step) -> Option<String> {
        self.machines
            .borrow()
            .exchange
            .code(step)
            .map(str::to_owned)
    }

    fn perform(&self, errand: Errand) {
        match errand {
            Errand::Settle(ticket, mut outcome, then) => {
                // The callback of an earlier errand may have signed out or lost the session.
                if outcome == Outcome::Go && then != self.generation() {
                    let ended = self.machines.borrow().flow.ended(then);
                    match ended {
                        Some(code) => outcome = Outcome::Fail(code.into()),
                        None => return self.want(ticket, Want::Call),
                    }
                }
                self.host.settle(ticket, outcome);
            }
            Errand::Keep => {
                let machines = self.machines.borrow();
                let stored = machines
                    .flow
                    .standing()
                    .map(|(session, _)| session.to_stored(&self.login_url));
                drop(machines);
                match stored {
                    Some(stored) => self.host.save(stored),
                    None => self.host.forget(),
                }
            }
            Errand::End(id) => self.host.end(&id),
            Errand::Sleep(step, milliseconds) => self.host.sleep(step, milliseconds),
            Errand::Changed(phase) => self.host.changed(phase),
            Errand::AskCode(step) => {
                let is_asked = self.machines.borrow().exchange.asks(step);
                if is_asked {
                    self.host.ask_code(step);
                }
            }
            Errand::Prepare(step) => {
                if let Some(code) = self.code(step) {
                    self.host.prepare(step, &code);
                }
            }
            Errand::Post(step) => {
                if let Some(code) = self.code(step) {
                    let machines = self.machines.borrow();
                    let presented = machines.flow.presented().map(str::to_owned);
                    drop(machines);
                    self.host.post(step, &code, presented.as_deref());
                }
            }
        }
    }
}

impl Machines {
    fn generation(&self) -> Generation {
        self.flow.standing().map_or(0, |(_, generation)| generation)
    }

    /// Queues a change of phase: after the change of storage and before everything that follows from it, so that every
    /// callback finds state and storage in agreement.
    fn announce(&mut self) {
        let phase = self.flow.phase();
        if self.announced.replace(phase) != Some(phase) {
            self.queue.push(Errand::Changed(phase));
        }
    }

    fn follow_flow(&mut self, effects: Vec<flow::Effect>, now: u64) {
        for effect in effects {
            if effect != flow::Effect::Keep {
                self.announce();
            }
            let errand = match effect {
                flow::Effect::SignIn => {
                    let effects = self.exchange.begin();
                    self.follow_exchange(effects, now);
                    continue;
                }
                flow::Effect::Abandon => {
                    self.exchange.abandon();
                    continue;
                }
                flow::Effect::Settle(ticket, outcome) => {
                    Errand::Settle(ticket, outcome, self.generation())
                }
                flow::Effect::Keep => Errand::Keep,
                flow::Effect::End(id) => Errand::End(id),
            };
            self.queue.push(errand);
        }
        self.announce();
    }

    fn follow_exchange(&mut self, effects: Vec<exchange::Effect>, now: u64) {
        for effect in effects {
            let errand = match effect {
                exchange::Effect::Issued(session) => {
                    let effects = self.flow.issued(session, now);
                    self.follow_flow(effects, now);
                    continue;
                }
                exchange::Effect::Failed(failure) => {
                    let effects = self.flow.failed(failure, now);
                    self.follow_flow(effects, now);
                    continue;
                }
                exchange::Effect::Unwanted(session) => {
                    // A server that shares exchanges may answer two posts of one code with the same session.
                    let standing = self.flow.standing();
                    if standing.is_some_and(|(live, _)| live.id() == session.id()) {
                        continue;
                    }
                    Errand::End(session.id().to_owned())
                }
                exchange::Effect::AskCode(step) => Errand::AskCode(step),
                exchange::Effect::Prepare(step) => Errand::Prepare(step),
                exchange::Effect::Post(step) => Errand::Post(step),
                exchange::Effect::Sleep(step, milliseconds) => Errand::Sleep(step, milliseconds),
            };
            self.queue.push(errand);
        }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

#[cfg(all(test, not(target_arch = "wasm32")))]
mod state;
