//! All that the core needs from a mini program.

use crate::exchange::Step;
use crate::flow::{Outcome, Phase, Ticket};
use crate::session::Stored;

/// The mini program around the core. No method may fail: what can fail reports back through
/// [`Client`](crate::client::Client), now or later, and with the number that it was asked with.
pub trait Host {
    /// Milliseconds since 1970.
    fn now(&self) -> u64;
    /// A number from 0 to 1, to spread retries with; nothing secret depends on it.
    fn random(&self) -> f64;
    /// Keeps a session in storage, if storage works.
    fn save(&self, stored: Stored);
    /// Removes the session from storage.
    fn forget(&self);
    /// Asks `wx.login` for a code and reports to [`coded`](crate::client::Client::coded).
    fn ask_code(&self, step: Step);
    /// Gets what the app sends along with the code, and reports to
    /// [`prepared`](crate::client::Client::prepared).
    fn prepare(&self, step: Step, code: &str);
    /// Posts the code and what goes along to the login URL, with the id of the session that it replaces, and reports to [`answered`](crate::client::Client::answered).
    fn post(&self, step: Step, code: &str, presented: Option<&str>);
    /// Reports to [`elapsed`](crate::client::Client::elapsed) after this many milliseconds. A later call
    /// replaces an earlier one.
    fn sleep(&self, step: Step, milliseconds: u32);
    /// Answers a ticket.
    fn settle(&self, ticket: Ticket, outcome: Outcome);
    /// Ends a session at the server, if it can be reached.
    fn end(&self, id: &str);
    /// Tells that the phase has changed.
    fn changed(&self, phase: Phase);
}
