//! The normal form in which the exploration in `client/reachable.rs` compares this machine.

use std::mem;

use super::{Flow, Pause, SignIn, Standing, Ticket};
use crate::session::Session;

impl Flow {
    /// Gives states from which the same can follow one form: a session is within its deadline at `now` or past it,
    /// a pause is running or over, ids and tickets have names of their own, and who waits stands in order.
    ///
    /// How long a pause is, and that the first comes first, is therefore for the machine's own tests.
    pub(crate) fn normalize(&mut self, now: u64, name: impl Fn(Ticket) -> Ticket) {
        if let Standing::Live(session) = &mut self.standing {
            *session = renamed(session, "standing", now);
        }
        if let Some(SignIn { replaces, waiting }) = &mut self.sign_in {
            *replaces = mem::take(replaces).and_then(|_| Session::issued("replaced".into(), 0.0, 0));
            waiting.iter_mut().for_each(|(ticket, _)| *ticket = name(*ticket));
            waiting.sort_by_key(|(ticket, _)| *ticket);
        }
        for pause in [&mut self.after_failure, &mut self.after_refusal] {
            let is_running = pause.left(now).is_some();
            *pause = Pause::default();
            if is_running {
                pause.extend(now, u32::MAX);
            }
        }
    }

    /// The deadline of the session that stands passes.
    pub(crate) fn expire(&mut self) {
        if let Standing::Live(session) = &mut self.standing {
            *session = renamed(session, "standing", u64::MAX);
        }
    }

    /// Whether the pause after a failure is running, and the one after a second refusal.
    pub(crate) fn pauses(&self, now: u64) -> [bool; 2] {
        [self.after_failure, self.after_refusal].map(|pause| pause.left(now).is_some())
    }

    /// One of the two runs out.
    pub(crate) fn end_pause(&mut self, which: usize) {
        let pauses = [&mut self.after_failure, &mut self.after_refusal];
        *pauses.into_iter().nth(which).expect("one of two") = Pause::default();
    }
}

/// The same session under another name, either fresh or past its deadline.
fn renamed(session: &Session, id: &str, now: u64) -> Session {
    let (expires_in, received) = if session.is_live(now) { (600.0, now) } else { (0.001, 0) };
    Session::issued(id.into(), expires_in, received).expect("a usable id")
}
