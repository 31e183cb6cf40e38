//! Everything that the core needs from a mini program.

use crate::exchange::Step;
use crate::flow::{Outcome, Phase, Ticket};
use crate::milliseconds::Milliseconds;
use crate::session::Stored;

/// The mini program around the core. No method may fail. Operations that can fail report their end to
/// [`Client`](crate::client::Client), now or later, with the number of the step they were asked for in.
pub trait Host {
    /// The time since 1970.
    fn now(&self) -> Milliseconds;
    /// A number from 0 to 1 that spreads retries. Nothing secret depends on it.
    fn random(&self) -> f64;
    /// Saves the session to storage, or how it ended. Without room in storage, at least removes what is there.
    fn save(&self, stored: Stored);
    /// Removes what storage keeps.
    fn forget(&self);
    /// Asks `wx.login` for a code and reports to [`coded`](crate::client::Client::coded).
    fn ask_code(&self, step: Step);
    /// Gets the data that the app sends along with the code, and reports to
    /// [`prepared`](crate::client::Client::prepared).
    fn prepare(&self, step: Step, code: &str);
    /// Posts the code and the login data to the login URL, with the id of the session to be replaced, and reports to
    /// [`answered`](crate::client::Client::answered).
    fn post(&self, step: Step, code: &str, presented: Option<&str>);
    /// Aborts a post whose time is up. Whether wx still reports an end makes no difference.
    fn withdraw(&self, step: Step);
    /// Reports to [`elapsed`](crate::client::Client::elapsed) after this many milliseconds. A later call replaces an
    /// earlier one.
    fn sleep(&self, step: Step, milliseconds: u32);
    /// Delivers the outcome of a ticket.
    fn settle(&self, ticket: Ticket, outcome: Outcome);
    /// Ends a session at the server, if the server can be reached.
    fn end(&self, id: &str);
    /// Hears of a new phase.
    fn changed(&self, phase: Phase);
}
